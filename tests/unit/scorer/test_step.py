from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, encode
from sealwatch.shell.policies import load_policy
from sealwatch_scorer import example
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.step import Known, Target, walk
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON_MS, description, inspection, received, retraction

POLICY = load_policy(None)


def arrivals(*bodies, every_ms=1):
    records = [received(body, n, NOON_MS + n * every_ms) for n, body in enumerate(bodies)]
    return polled(map(read, records), {0: Position(0)}, {}).arrivals


def walked(*bodies, known=None, every_ms=1):
    return walk(known or Known({}), arrivals(*bodies, every_ms=every_ms), POLICY)


def test_a_failed_spot_check_of_an_undescribed_product_starts_it_at_a_level_and_is_told():
    done = walked(inspection(failed=True))

    (change,) = done.changes
    assert (change.before, change.product.changes, change.reason) == (Level.NOT_ASSESSED, 1, "started")


def test_where_polls_are_cut_does_not_matter():
    bodies = [inspection(event_id=f"lot-{n}", failed=n % 3 == 0) for n in range(9)]
    whole = walked(*bodies, every_ms=DAY_MS)

    known = Known({})
    for arrival in arrivals(*bodies, every_ms=DAY_MS):
        known = Known(known.products | walk(known, [arrival], POLICY).products)

    assert known.products == whole.products


def test_a_retraction_restores_the_bits():
    done = walked(inspection(), retraction())

    assert encode(done.products["P1"].state) == encode(EMPTY)
    assert done.products["P1"].standing.level is Level.NOT_ASSESSED


def test_a_retraction_before_its_event_keeps_it_out():
    done = walked(retraction(), inspection(failed=True))

    assert encode(done.products["P1"].state) == encode(EMPTY)
    (stone,) = done.tombstones.values()
    assert stone[0] == "P1"


def test_a_retraction_under_another_product_is_quarantined_and_changes_nothing():
    done = walked(inspection(failed=True), retraction(product_id="P2"))

    assert [reason for _, reason in done.quarantined] == ["product_mismatch"]
    assert done.products["P1"].standing.level > Level.LOW


def test_an_event_is_retracted_once_however_often_it_is_taken_back():
    done = walked(inspection(), retraction(), retraction(event_id="back-2"))

    assert encode(done.products["P1"].state) == encode(EMPTY)


def test_a_target_dropped_by_age_is_quarantined():
    (arrival,) = arrivals(retraction())
    uid = next(iter(walk(Known({}), [arrival], POLICY).tombstones))
    known = Known({}, targets={uid: Target(uid, "", (), retracted=False, gone=True)})

    done = walk(known, [arrival], POLICY)

    assert [reason for _, reason in done.quarantined] == ["target_gone"]


def test_new_facts_decide_the_level_again_at_once():
    done = walked(inspection(failed=True), description(severity_class=1))

    assert done.products["P1"].standing.level is Level.LOW
    assert [change.reason for change in done.changes] == ["started", "redecided"]


def test_older_facts_that_arrive_late_change_nothing():
    done = walked(description(revision=2, severity_class=4), description(revision=1, severity_class=1))

    assert done.products["P1"].described.severity_class == 4


def test_the_shipped_example_can_be_scored():
    assert example.works(POLICY)
