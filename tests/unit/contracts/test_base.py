import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.contracts.base import derived_uid, parsed_uid, uid_of, uids_of

WORDS = some.text(some.characters(codec="utf-8"), max_size=20)


@given(WORDS, WORDS, WORDS)
def test_the_uids_of_one_sender_are_the_uids_of_its_events(organisation, source, event_id):
    assert uids_of(organisation, source)(event_id) == uid_of(organisation, source, event_id)


def test_a_uid_never_changes():
    assert uid_of("lab", "lims", "lot-1").hex() == "248a9db6ba4e826f0fec4ecce9b39447"


def test_the_same_event_id_of_two_senders_names_two_events():
    uids = {uid_of("a", "s", "1"), uid_of("b", "s", "1"), uid_of("a", "t", "1"), derived_uid("as", "", "1")}

    assert len(uids) == 4


def test_an_event_id_in_two_normal_forms_names_one_event():
    assert uid_of("lab", "lims", "caf\u00e9") == uid_of("lab", "lims", "cafe\u0301")


@pytest.mark.parametrize("text", ["", "00", "G" * 32, "A" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n"])
def test_what_is_not_a_uid_is_refused(text):
    with pytest.raises(ValueError, match="not a uid"):
        parsed_uid(text)
