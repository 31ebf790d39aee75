"""TCF purposes become ours, from decoded data and from TC strings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.batches import Refused
from app.intake.tcf import decode_purposes, read_tcf

SAMPLE = "COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA"
"""The example of the specification: consent to purposes 2 and 10."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def tc_string(purposes: set[int], version: int = 2, bits: int = 234) -> str:
    """Write a core segment by the table of the specification: (width, value) of each field."""
    consents = sum(1 << (24 - purpose) for purpose in purposes)
    fields = [(6, version), (36, 15_000_000_000), (36, 15_000_000_001), (12, 31), (12, 7), (6, 1), (12, 0b000100001101)]
    fields += [(12, 48), (6, 4), (1, 1), (1, 0), (12, 0b101010101010), (24, consents), (24, 0xFFFFFF), (1, 1), (12, 1)]
    text = "".join(f"{value:0{width}b}" for width, value in fields).ljust(bits, "0")[:bits]
    return "".join(ALPHABET[int(text[at : at + 6].ljust(6, "0"), 2)] for at in range(0, len(text), 6))


def test_the_specifications_example_is_read_as_it_says() -> None:
    assert decode_purposes(SAMPLE) == {2, 10}
    assert decode_purposes(f"{SAMPLE}.IBAgAAAgAIAwgAgAAAAGAAAACA.QAagAQAgAIAwgA") == {2, 10}


@given(st.sets(st.integers(1, 24)))
def test_only_the_bits_of_consents_to_purposes_count(purposes: set[int]) -> None:
    assert decode_purposes(tc_string(purposes)) == purposes


@given(st.sets(st.integers(1, 11)))
def test_a_string_and_decoded_data_say_the_same(purposes: set[int]) -> None:
    consents = {str(number): number in purposes for number in range(1, 12)}

    assert read_tcf({"tcString": tc_string(purposes)}) == read_tcf({"purpose": {"consents": consents}})


@pytest.mark.parametrize(
    ("purpose", "needed"),
    [("personalise_content", {5, 6}), ("ads_audience", {3, 4}), ("measurement", {7, 8}), ("model_training", {9})],
)
def test_both_of_a_pair_are_needed(purpose: Any, needed: set[int]) -> None:
    assert read_tcf({"tc_string": tc_string(needed)})[purpose] is True
    for one in needed:
        assert read_tcf({"tc_string": tc_string(set(range(1, 25)) - {one})})[purpose] is False


def test_a_string_says_nothing_of_linking_and_decoded_features_may() -> None:
    assert "link_identities" not in read_tcf({"tc_string": tc_string(set(range(1, 25)))})
    assert read_tcf({"features": {"2": True}}) == {"link_identities": True}
    assert read_tcf({"features": {"1": True}}) == {"link_identities": False}


def test_an_empty_object_denies_everything_and_data_without_purposes_says_nothing() -> None:
    assert set(read_tcf({}).items()) == {
        (purpose, False)
        for purpose in ("personalise_content", "ads_audience", "measurement", "model_training", "link_identities")
    }
    assert read_tcf({"gdprApplies": False, "cmpId": 31}) == {}
    assert not any(read_tcf({"purpose": {"consents": {}}}).values())


def test_a_string_and_data_that_disagree_allow_what_both_allow() -> None:
    data = {"purpose": {"consents": {"5": True, "6": True, "9": True}}, "tcString": tc_string({9})}

    assert [purpose for purpose, is_allowed in read_tcf(data).items() if is_allowed] == ["model_training"]


def test_legitimate_interests_and_vendors_are_no_consent() -> None:
    everything = {str(number): True for number in range(1, 12)}
    data = {"purpose": {"consents": {}, "legitimateInterests": everything}, "vendor": {"consents": everything}}

    assert not any(read_tcf(data).values())


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        ({"tcString": tc_string({9}, version=1)}, "tc_string", "must be of version 2, this one says 1"),
        ({"tcString": tc_string({9}, version=3)}, "tc_string", "must be of version 2, this one says 3"),
        ({"tcString": SAMPLE[:35]}, "tc_string", "is cut off"),
        ({"tcString": "C!"}, "tc_string", "must be a TC string"),
        ({"tcString": 7}, "tc_string", "must be a TC string"),
        ({"tc_string": ""}, "tc_string", "must be a TC string"),
        ({"purpose": []}, "purpose", "must be an object"),
        ({"purpose": {"consents": "110"}}, "purpose.consents", "must be an object"),
        ({"purpose": {"consents": {"9": "true"}}}, "purpose.consents", "must say true or false for each number"),
    ],
)
def test_what_is_not_tcf_2_is_refused(data: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_tcf(data)

    assert (refused.value.field, refused.value.reason) == (field, reason)
