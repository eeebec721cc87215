import json

from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.claims import says_the_same, sorted_out
from sealwatch_scorer.store import Position
from tests.factories import inspection, received


def arrivals(*bodies):
    records = [received(body, n) for n, body in enumerate(bodies)]
    return polled(map(read, records), {0: Position(0)}, {}).arrivals


def test_the_first_of_a_poll_stands_and_other_content_is_a_conflict():
    first, same, other = arrivals(inspection(), inspection(), inspection(failed=True))

    found = sorted_out([first, same, other], frozenset({first.event.uid}), {})

    assert (found.fresh, found.duplicates, found.conflicts) == ([first], 1, [other])


def test_an_event_stored_earlier_is_a_duplicate():
    (again,) = arrivals(inspection())
    stored = {again.event.uid: (again.digest, again.record.value)}

    found = sorted_out([again], frozenset(), stored)

    assert (found.fresh, found.duplicates, found.conflicts) == ([], 1, [])


def test_another_spelling_of_the_same_content_is_a_duplicate():
    body = inspection()
    spread = json.dumps(body, indent=2, sort_keys=True).encode()

    assert says_the_same(json.dumps(body).encode(), spread)
    assert not says_the_same(json.dumps(inspection(failed=True)).encode(), spread)
