from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sealwatch.contracts.base import uid_of
from sealwatch.risk.evidence import evidence
from sealwatch.risk.floors import Check
from sealwatch.risk.levels import Standing
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, encode, fold_all
from sealwatch.scoring.maxima import newest_of
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Known, Target, walk
from sealwatch.shell.policies import load_policy
from sealwatch_scorer import example
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON, NOON_MS, description, inspection, received, retraction

POLICY = load_policy(None)
FAILED = Check("GB 1", "lead", NOON_MS // 1000, failed=True)
PASSED = Check("GB 1", "lead", NOON_MS // 1000 - 1, failed=False)


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


def test_a_retraction_gives_the_newest_time_back():
    day = timedelta(days=1)
    done = walked(inspection(sampled_at=NOON - day), inspection(event_id="lot-2"), retraction(of="lot-2"))

    assert done.products["P1"].newest_at == int((NOON - day).timestamp())


def test_a_retraction_lifts_the_floor_that_its_event_set():
    floored, known = with_checks({"lot-1": (FAILED,), "lot-2": (PASSED,)})

    done = walked(retraction(), known=known)

    assert floored.standing.level is Level.HIGH
    assert done.products["P1"].state.floors == {("GB 1", "lead"): (0, PASSED.at)}
    assert done.products["P1"].standing.level is Level.NOT_ASSESSED


def test_a_floor_is_not_lifted_on_a_guess():
    _, known = with_checks({"lot-1": (FAILED,)})

    done = walked(retraction(), known=Known(known.products, known.targets))

    assert done.products["P1"].standing.level is Level.HIGH


def test_old_evidence_is_stale_as_it_arrives_and_new_evidence_ends_that():
    old = NOON - timedelta(days=400)

    first = walked(inspection(sampled_at=old)).products
    second = walked(inspection(event_id="lot-2"), known=Known(first)).products

    assert (first["P1"].stale, second["P1"].stale) == (True, False)


@given(
    events=st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=6),
    taken=st.sets(st.integers(0, 5)),
    data=st.data(),
)
def test_what_was_retracted_leaves_no_trace_in_any_order(events, taken, data):
    lots = [
        inspection(event_id=f"lot-{n}", failed=failed, sampled_at=NOON - timedelta(days=age))
        for n, (age, failed) in enumerate(events)
    ]
    back = [retraction(event_id=f"back-{n}", of=f"lot-{n}") for n in taken if n < len(lots)]
    shuffled = data.draw(st.permutations([*lots, *back]))
    left = [lot for n, lot in enumerate(lots) if n not in taken]

    product = walked(*shuffled).products["P1"]

    without = walked(*left).products.get("P1")
    assert encode(product.state) == encode(without.state if without else EMPTY)
    assert product.newest_at == (without.newest_at if without else None)


def test_a_retraction_before_its_event_keeps_it_out():
    done = walked(retraction(), inspection(failed=True))

    assert encode(done.products["P1"].state) == encode(EMPTY)
    ((stone,),) = done.tombstones.values()
    assert stone.product_id == "P1"


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


def with_checks(said):
    """Return a product that stands where these stored checks put it, and what the store knows."""
    state = fold_all(EMPTY, [check for checks in said.values() for check in checks])
    product = Product("P1", 0, state=state, standing=Standing(Level.HIGH, None, Level.MEDIUM))
    uids = {uid_of("lab", "lims", name): checks for name, checks in said.items()}
    uid = uid_of("lab", "lims", "lot-1")
    targets = {uid: Target(uid, "P1", uids[uid], retracted=False)}
    folded = {"P1": uids}
    return product, Known({"P1": product}, targets, folded=folded)


def test_evidence_of_no_quality_keeps_no_product_fresh():
    idle = evidence(
        "STAB",
        "monitoring_point",
        0,
        1,
        quality=0,
        at=int(NOON.timestamp()) + 9,
        half_life=POLICY.half_lives["STAB"],
    )
    heard = evidence(
        "STAB",
        "monitoring_point",
        0,
        1,
        quality=1,
        at=int(NOON.timestamp()),
        half_life=POLICY.half_lives["STAB"],
    )

    assert newest_of([idle, heard], None) == int(NOON.timestamp())
    assert newest_of([idle], 7) == 7
    assert newest_of([idle], None) is None
