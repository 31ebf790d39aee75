"""Hashed forms: each receiver spells identifiers its own way, and a hash of another spelling finds nobody."""

from hashlib import sha256

import pytest

from app.domain.receivers import COLUMNS, RECEIVERS, Customer, Receiver, cells_of, is_matchable


def hashed(plain: str) -> str:
    return sha256(plain.encode()).hexdigest()


def cells(receiver: Receiver, **given: str) -> dict[str, str | None]:
    return dict(zip(COLUMNS[receiver], cells_of(receiver, Customer(**given)), strict=True))


@pytest.mark.parametrize(
    ("written", "meta", "google"),
    [
        (" Tom@Example.COM ", "tom@example.com", "tom@example.com"),
        # Google's own mailboxes are one with and without points, and whatever follows a plus; others' are not.
        (
            "Cloudy.SanFrancisco+shopping@gmail.com",
            "cloudy.sanfrancisco+shopping@gmail.com",
            "cloudysanfrancisco@gmail.com",
        ),
        ("a.b+c@googlemail.com", "a.b+c@googlemail.com", "ab@googlemail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com", "user.name+nyc@example.com"),
    ],
)
def test_an_email_is_spelt_as_the_receiver_does(written: str, meta: str, google: str) -> None:
    assert cells("meta", email=written)["email"] == hashed(meta)
    assert cells("google", email=written)["Email"] == hashed(google)


@pytest.mark.parametrize("written", ["(800) 555-0100", "+1 800 555 0100", "1-800-555-0100"])
def test_a_phone_has_its_countrys_code_and_a_plus_for_google_alone(written: str) -> None:
    assert cells("meta", phone=written, country="US")["phone"] == hashed("18005550100")
    assert cells("google", phone=written, country="us")["Phone"] == hashed("+18005550100")


def test_a_phone_without_a_country_is_dialled_where_the_shop_is_and_one_that_is_not_valid_is_left_out() -> None:
    assert cells_of("google", Customer(phone="030 901820"), "DE")[1] == hashed("+4930901820")
    assert cells_of("google", Customer(phone="030 901820"))[1] is None
    assert cells_of("meta", Customer(phone="12"), "DE")[1] is None


def test_country_and_postcode_are_plain_for_google_and_hashed_for_meta() -> None:
    given = {"first_name": " Anne-Marie ", "last_name": "O'Neil", "country": "US", "postcode": "94043-1351"}

    meta, google = cells("meta", **given), cells("google", **given)

    assert (google["Country"], google["Zip"]) == ("US", "94043-1351")
    assert (meta["country"], meta["zip"]) == (hashed("us"), hashed("94043"))
    assert (google["First Name"], google["Last Name"]) == (hashed("anne-marie"), hashed("o'neil"))
    assert (meta["fn"], meta["ln"]) == (hashed("annemarie"), hashed("oneil"))
    assert cells("meta", country="GB", postcode="M1 1AE")["zip"] == hashed("m11ae")


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_nothing_is_no_hash_of_nothing(receiver: Receiver) -> None:
    assert not any(cells_of(receiver, Customer()))
    assert not any(cells_of(receiver, Customer(email=" ", phone="", first_name="-'" if receiver == "meta" else " ")))
    assert not any(cells_of(receiver, Customer(email="no address")))


def test_only_who_could_be_found_is_matchable() -> None:
    postal = {"first_name": "Ann", "last_name": "Lee", "country": "DE", "postcode": "10115"}

    for receiver in RECEIVERS:
        assert is_matchable(cells_of(receiver, Customer(email="a@b.example")))
        assert is_matchable(cells_of(receiver, Customer(**postal)))
        assert not is_matchable(cells_of(receiver, Customer(**{**postal, "postcode": ""})))
