"""Runs, shapes and pasts bring every product to where the steps of live scoring bring it."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from sealwatch.contracts.codec import Stamp, packed_headers
from sealwatch.risk.floors import Check
from sealwatch.risk.levels import Standing
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, encode, fold_all
from sealwatch.scoring.product import Product
from sealwatch.scoring.sweep import sweep
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rescoring.lines import Line, Past, arrival_of
from sealwatch_scorer.rescoring.runs import is_delicate as delicate
from sealwatch_scorer.rescoring.walking import Before, Walk
from tests.factories import (
    DAY_MS,
    LAB,
    NOON,
    NOON_MS,
    READERS,
    description,
    heard,
    incident_count,
    inspection,
    override,
    received,
    retraction,
)
from tests.fakes.remembered import Remembered

POLICY = load_policy(None)
DAYS, A_DAY = 45, 14
STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
LIMITS = {"upper": "0.1", "unit": "%"}
SENDERS = (LAB, LAB, LAB, Stamp("lab", "lims", "web"), Stamp("lab", "lims", "complaint", accredited=True))
MIX = ("lot",) * 30 + ("back",) * 5 + ("facts", "override", "count", "noise")
DAY = timedelta(days=1)


AT, HOUR, HOUR_MS = NOON_MS // 1000, timedelta(hours=1), 3_600_000


def plain(number, *, failed=False, at=NOON, product="P1"):
    return inspection(product, f"lot-{number}", failed=failed, sampled_at=at)


def bound(number, verdict, at=NOON):
    """Return a lot whose one item is bound by a compulsory standard."""
    item = {"indicator": "peel", "factor": "QUAL", "verdict": verdict, "standard": STANDARD}
    return plain(number, at=at) | {"items": [item]}


def noise(number):
    return plain(number) | {"items": []}


HISTORIES = {
    "silence makes stale": [
        (0, description(severity_class=1)),
        (0, plain(1)),
        (24 * 370, plain(2, product="P2")),
    ],
    "what was taken back before it came cannot be taken back": [
        (0, retraction(event_id="back-1", of="lot-90")),
        *[(1, plain(n, failed=True)) for n in range(10, 30)],
        *[(2, plain(n)) for n in range(30, 50)],
        (3, plain(90, failed=True)),
        (4, retraction(event_id="back-2", of="lot-90")),
    ],
    "what was taken back long ago does not come back": [
        (0, bound(1, "fail")),
        (1, bound(2, "fail", NOON + HOUR)),
        (2, retraction(event_id="back-1", of="lot-1")),
        (3, plain(3)),
        (4, retraction(event_id="back-2", of="lot-2")),
    ],
    "sums are in order whatever came first": [(0, bound(1, "pass")), (1, plain(2))],
}


def stands(products):
    """Return products with their sums as bytes, whose order counts."""
    return {id_: (product, encode(product.state)) for id_, product in products.items()}


def lot(random, product, number, at):
    """Return a lot of two items; in bad weeks of a product half of them fail."""
    is_bad = (number // 40 + int(product[1:])) % 3 == 0
    late = timedelta(days=random.choice((0, 0, 0, 2, 30)), seconds=random.randrange(3600))
    failed = is_bad and random.random() < 0.5
    body = inspection(product, f"lot-{number}", failed=failed, sampled_at=at - late)
    second = random.choice(
        (
            {"indicator": "peel", "factor": "QUAL", "verdict": "pass", "standard": STANDARD},
            {"indicator": "peel", "factor": "QUAL", "verdict": "fail", "standard": STANDARD},
            {"indicator": "lead", "factor": "QUAL", "verdict": "not_judged", "limits": LIMITS}
            | {"value": str(random.choice((5, 5000))), "unit": "mg/kg"},
            {"indicator": "copies", "factor": "COPY", "failures": 0, "trials": 20, "verdict": "pass"},
        )
        if is_bad
        else ({"indicator": "peel", "factor": "QUAL", "verdict": "pass", "standard": STANDARD},)
    )
    return body | {"items": [*body["items"], second][: random.choice((1, 2, 2))]}


def body_of(random, number):
    """Return one event and its product."""
    product = f"P{random.randrange(4)}"
    at = NOON + number * DAY / A_DAY
    kind = random.choice(MIX)
    of = f"lot-{max(0, number + random.randrange(-60, 12))}"
    return {
        "lot": lambda: lot(random, product, number, at),
        "back": lambda: retraction(product, f"back-{number}", of),
        "facts": lambda: description(product, number + 1, random.randrange(1, 5)),
        "override": lambda: override(product, number + 1, random.choice(("serious", None)), at + 2 * DAY),
        "count": lambda: incident_count(product, f"count-{number}", random.randrange(3)),
        "noise": lambda: inspection(product, f"noise-{number}") | {"items": []},
    }[kind]()


def tape(seed):
    """Return the lines of six weeks."""
    random = Random(seed)  # noqa: S311  # not for secrets
    found = []
    for number in range(DAYS * A_DAY):
        at_ms = NOON_MS + number * DAY_MS // A_DAY
        found.append(
            received(body_of(random, number), number, at_ms, sender=random.choice(SENDERS))  # one partition
        )
    return [line_of(record) for record in found]


def line_of(record):
    said = dict(record.headers)
    uid, type_ = bytes.fromhex(said["ce_id"].decode()), said["ce_type"].decode()
    instant = record.appended_ms / 1000
    headers = packed_headers(record.headers)
    return Line(
        instant, 0, record.offset, record.key.decode(), uid, type_, headers, record.value
    )  # fmt: skip


def lines_of(history, sender=LAB):
    """Return bodies that were recorded so many hours after noon."""
    return [
        line_of(received(body, number, NOON_MS + hours * HOUR_MS, sender=sender))
        for number, (hours, body) in enumerate(history)
    ]


def day_of(line):
    return datetime.fromtimestamp(line.at, UTC).date()


def days(lines):
    first, last = day_of(lines[0]), day_of(lines[-1])
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def live(lines):
    """Return what the steps of live scoring leave behind, event by event and midnight by midnight."""
    stood = Remembered(POLICY)
    for day in days(lines):
        for line in lines:
            if day_of(line) == day:
                stood.hear([arrival_of(line)])
        found, _ = sweep(list(stood.products.values()), day, day, POLICY)
        stood.products |= {product.product_id: product for product in found}
    return stood


def before(stood, products=(), walked=()):
    """Return what a walk knows at its begin: how it ends, and what another process walked."""
    taken = {uid: kept.retracted_by for uid, kept in stood.kept.items() if kept.retracted_by}
    fated = {uid: stood.kept[uid].arrival.event.product_id for uid in taken}
    uids = {line.uid for line in walked}
    pasts = [
        Past(line, taken.get(line.uid) in uids) for line in walked if line.product_id in set(fated.values())
    ]
    return Before(products, stood.stones, fated, pasts)


def walked_through(walk, lines, whole):
    """Take a walk through lines, and through the midnights of the days that the whole ends."""
    for day in days(lines):
        walk.hear([line for line in lines if day_of(line) == day], POLICY)
        if not any(day_of(line) == day for line in whole if line.offset > lines[-1].offset):
            walk.sweep(Span(day, POLICY, adopts=False), {0})
    walk.end_runs()
    return walk


@pytest.mark.parametrize("seed", range(8))
def test_every_product_comes_to_where_it_is_live(seed):
    lines = tape(seed)
    stood = live(lines)

    walk = walked_through(Walk(before(stood), POLICY), lines, lines)

    assert stands(walk.products) == stands(stood.products)
    assert walk.changes == sum(product.changes for product in stood.products.values())
    assert walk.events == len(lines)


@pytest.mark.parametrize("cut", [1, 100, 317, 318, 500])
def test_a_walk_that_another_process_goes_on_with_comes_to_the_same(cut):
    lines = tape(seed=99)
    stood = live(lines)
    first = walked_through(Walk(before(stood), POLICY), lines[:cut], lines)

    known = before(stood, first.products.values(), lines[:cut])
    second = walked_through(Walk(known, POLICY), lines[cut:], lines)

    assert stands(second.products) == stands(stood.products)


@pytest.mark.parametrize("name", HISTORIES)
def test_what_hangs_on_one_event_comes_out_as_it_is_live_wherever_a_process_ended(name):
    lines = lines_of(HISTORIES[name])
    stood = live(lines)

    for cut in range(1, len(lines)):
        first = walked_through(Walk(before(stood), POLICY), lines[:cut], lines)
        known = before(stood, first.products.values(), lines[:cut])
        second = walked_through(Walk(known, POLICY), lines[cut:], lines)

        assert stands(second.products) == stands(stood.products)
    assert stands(walked_through(Walk(before(stood), POLICY), lines, lines).products) == stands(
        stood.products
    )


def test_low_that_only_opinion_held_ends_as_it_does_live():
    lines = lines_of([(0, heard(trials=100_000)), (24 * 500, noise(2))], READERS)  # stale for long by then
    stood = live(lines)

    walk = walked_through(Walk(before(stood), POLICY), lines, lines)

    assert stood.products["P1"].standing == Standing()
    assert stood.products["P1"].changes > 1
    assert stands(walk.products) == stands(stood.products)


@pytest.mark.parametrize(
    ("standing", "is_delicate"),
    [
        (Standing(), True),
        (Standing(Level.MEDIUM), False),
        (Standing(Level.MEDIUM, NOON.date()), False),
        (Standing(Level.MEDIUM, NOON.date() - DAY), True),
    ],
)
def test_a_pass_is_decided_at_once_before_a_level_is_begun_and_while_days_count(standing, is_delicate):
    assert delicate(Product("P1", 0, standing=standing), POLICY, AT) is is_delicate


def test_a_pass_is_decided_at_once_where_a_floor_is_above_the_level():
    state = fold_all(EMPTY, [Check("EXAMPLE 1", "peel", AT, failed=True)])

    assert delicate(Product("P1", 0, state=state, standing=Standing(Level.LOW)), POLICY, AT)
    assert not delicate(Product("P1", 0, state=state, standing=Standing(Level.SERIOUS)), POLICY, AT)


def test_a_pass_is_decided_as_of_itself_and_not_of_what_says_nothing_later_that_day():
    old = NOON - POLICY.thresholds.fresh_days * DAY + HOUR
    bodies = [(0, plain(1, at=old)), (0, plain(2, at=old)), (2, noise(3))]
    walk = Walk(Before(), POLICY)

    walk.hear(lines_of(bodies), POLICY)
    walk.end_runs()

    assert not walk.products["P1"].stale


def test_the_record_moves_levels_up_and_down_takes_back_and_lets_floors_close():
    stood = live(tape(seed=0))

    products = stood.products.values()

    assert sum(product.changes for product in products) > 20
    assert sum(kept.retracted_by is not None for kept in stood.kept.values()) > 10
    assert any(0 < failed <= passed for one in products for failed, passed in one.state.floors.values())
    assert stood.stones
