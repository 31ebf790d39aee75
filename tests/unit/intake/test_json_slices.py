"""A document that is read in slices says what it says as a whole."""

import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.intake import json_slices
from app.intake.json_slices import LONGEST_VALUE, MOST_MEMBERS, SLICE, TooLargeError, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(document=VALUES, indent=st.sampled_from([None, 2]), ascii_only=st.booleans(), slice_size=st.integers(1, 40))
@examples(deadline=None)
async def test_it_reads_what_the_standard_library_reads(
    document: Any, indent: int | None, ascii_only: bool, slice_size: int
) -> None:
    body = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_slices, "SLICE", slice_size)
        assert await read_json(body, most_elements=1000) == document


@given(text=st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \\u\n', max_size=40), slice_size=st.integers(1, 40))
@examples(deadline=None)
async def test_it_refuses_what_the_standard_library_refuses(text: str, slice_size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_slices, "SLICE", slice_size)
        try:
            expected = json.loads(text.encode())
        except json.JSONDecodeError:
            with pytest.raises(json.JSONDecodeError):
                await read_json(text.encode(), most_elements=1000)
        else:
            assert await read_json(text.encode(), most_elements=1000) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
async def test_it_reads_every_encoding_of_json(encoding: str) -> None:
    assert await read_json('{"events": ["é"]}'.encode(encoding), 10) == {"events": ["é"]}


async def test_others_have_their_turn_between_slices() -> None:
    rows = [{"event_id": str(number), "lines": [{"product_id": "p"}] * 50} for number in range(1000)]
    body = json.dumps({"events": rows}).encode()
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert await read_json(body, 1000) == {"events": rows}
    counting.cancel()

    assert turns >= len(body) // SLICE


async def test_of_too_many_rows_no_more_are_kept_than_show_that_they_are_too_many() -> None:
    assert await read_json(b'{"events": [' + b"0," * 100_000 + b"0]}", 1000) == {"events": [0] * 1001}


@pytest.mark.parametrize("begins", [b'{"events": [[', b'{"events": ', b"["])
async def test_one_value_larger_than_can_be_read_in_one_go_is_refused(begins: bytes) -> None:
    with pytest.raises(TooLargeError, match="262,144"):
        await read_json(begins + b'"' + b"x" * LONGEST_VALUE + b'"]]}', 1000)


async def test_the_largest_value_is_read() -> None:
    text = "x" * (LONGEST_VALUE - 10)
    assert await read_json(json.dumps({"events": [text, 1]}).encode(), 1000) == {"events": [text, 1]}


async def test_an_object_of_junk_is_refused() -> None:
    names = random.Random(1).sample(range(10**6), MOST_MEMBERS + 1)
    with pytest.raises(TooLargeError, match="1,000 members"):
        await read_json(json.dumps({str(name): 0 for name in names}).encode(), 1000)
