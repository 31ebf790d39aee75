"""Addresses that others say are theirs: what cannot be read is nobody's, and no error of ours."""

import pytest

from app.api.credentials import origin_of
from app.api.tag_paths import COLLECTORS
from app.domain.webhooks import shop_name

NO_ADDRESSES = ["https://tea.example]/", "//[", "t^CJ]B&-w Gq/ni"]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_a_shop_that_says_no_address_is_known_by_nothing(text: str) -> None:
    assert shop_name(text) == ""
    assert shop_name("https://Tea.example/") == "tea.example"


@pytest.mark.parametrize("text", NO_ADDRESSES)
@pytest.mark.parametrize("path", sorted(COLLECTORS))
def test_a_page_that_says_no_address_has_no_origin(path: str, text: str) -> None:
    def scope(referrer: str) -> dict[str, object]:
        return {"path": path, "headers": [(b"referer", referrer.encode())]}

    assert origin_of(scope(text)) == ""
    assert origin_of(scope("https://tea.example/a?b")) == "https://tea.example"
