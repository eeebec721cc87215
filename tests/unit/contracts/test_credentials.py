import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.contracts.credentials import matches, mint, presented

KEY = mint(bytes(range(38)))


def test_a_key_shows_its_id_and_is_kept_as_a_digest_only():
    shown = presented(f"Bearer {KEY.key}")

    assert shown is not None
    assert (shown.key_id, matches(shown, KEY.digest)) == (KEY.key_id, True)
    assert KEY.digest not in KEY.key


@given(some.integers(8, 92), some.sampled_from("0123456789abcdef_Z"))
def test_one_changed_letter_is_noticed_without_looking_anything_up(place, letter):
    changed = KEY.key[:place] + letter + KEY.key[place + 1 :]

    shown = presented(f"Bearer {changed}")

    assert (shown is None) == (changed != KEY.key)


@given(some.text(max_size=200))
def test_any_header_is_a_key_or_nothing(header):
    assert presented(header) is None


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(scheme):
    assert presented(f"{scheme} {KEY.key}") is not None


@pytest.mark.parametrize(
    "header", [KEY.key, f"Basic {KEY.key}", f"Bearer {KEY.key} x", f"Bearer {KEY.key.upper()}"]
)
def test_another_form_is_no_key(header):
    assert presented(header) is None


def test_a_key_needs_all_its_randomness():
    with pytest.raises(ValueError, match="38 random bytes"):
        mint(b"short")
