"""Whatever document passes the proof can be swept with, scored with, kept and published."""

import json
from copy import deepcopy
from datetime import date, timedelta

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from sealwatch.errors import Misconfigured
from sealwatch.risk.explanation import explain
from sealwatch.risk.flips import Scene
from sealwatch.scoring.step import Known, walk
from sealwatch.scoring.sweep import midnight_after, silent_since, sweep
from sealwatch.shell.policy_documents import load_version, numbers_of, version_in, version_of
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.indices import records_of
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.rows import STATE_TYPES, settled, state_row
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, description, incident_count, inspection, received

BASE = load_version()
TODAY = date(2026, 3, 1)
DAY = timedelta(days=1)


def tens(least, most):
    return some.floats(least, most).map(lambda digits: 10.0**digits)


DAYS = some.sampled_from([1, 29, 30, 365, 36_525, 36_526, 999_999, 10**30])
WORTH = tens(-110, 14) | tens(-3, 13)
CHANCES = tens(-105, 0)
PARTS = {
    "/freshness": some.builds(lambda a, b: {"days": max(a, b), "monitored_days": min(a, b)}, DAYS, DAYS),
    "/levels/fall_after_days": DAYS,
    "/levels/corroborating_classes": some.sampled_from([1, 2, 10**6, 10**30]),
    "/levels/entering_failures": tens(-300, 300),
    "/levels/opinion_trials": tens(-300, 300),
    "/levels/serious_needs_failures": tens(-300, 300),
    "/priors/usual": some.fixed_dictionaries({"mean": CHANCES, "trials": WORTH}),
    "/incidents/usual": some.fixed_dictionaries({"mean": WORTH, "days": WORTH}),
    "/incidents/horizon_days": tens(-110, 5),
    "/grades/table/C": some.builds(lambda n, s: {"failures": n * s, "trials": n}, tens(-5, 305), CHANCES),
    "/matrix/bounds/6": tens(-323, -6.1),
    "/scenarios/0/steps": some.fixed_dictionaries({"use": CHANCES, "harm": CHANCES}),
    "/sources/national_spot_check/weight": CHANCES | some.just(0.0),
    "/quality/unaccredited": CHANCES | some.just(0.0),
    "/effective_from": some.dates().map(date.isoformat),
}


def document_with(parts):
    document = deepcopy(dict(BASE.document)) | {"version": "2026.2"}
    for path, value in parts.items():
        *above, last = path.strip("/").split("/")
        part = document
        for step in above:
            part = part[int(step) if step.isdecimal() else step]
        part[int(last) if last.isdecimal() else last] = value
    return document


def proven(parts):
    """Return the version with these parts, or leave the example if the proof refuses it."""
    try:
        return version_in(document_with(parts))
    except Misconfigured:
        assume(condition=False)
        raise


PROVEN = (
    some.lists(some.sampled_from(sorted(PARTS)), min_size=1, max_size=4, unique=True)
    .flatmap(lambda paths: some.fixed_dictionaries({path: PARTS[path] for path in paths}))
    .map(proven)
)


def product_under(policy):
    graded = inspection(event_id="lot-2")
    graded["items"][0] |= {"grade": "C"}
    bodies = [description(), inspection(failed=True), graded, inspection(event_id="lot-3"), incident_count()]
    records = [received(body, n, NOON_MS) for n, body in enumerate(bodies)]
    return walk(Known({}), polled(map(read, records), {0: Position(0)}, {}).arrivals, policy).products["P1"]


def row_of(product, policy, day):
    return dict(
        zip(STATE_TYPES, state_row(settled(product, policy, midnight_after(day)), policy), strict=True)
    )


async def nothing_published():
    return ()


async def told(row, policies):
    [record] = await records_of([row], policies.named)
    return json.loads(record.value)


@given(PROVEN)
@settings(max_examples=200, deadline=None)
def test_products_are_swept_and_explained_under_whatever_passes_the_proof(version):
    policy, product = version.policy, product_under(version.policy)

    swept, _ = sweep([product], TODAY, TODAY + 20 * DAY, policy)
    after = [product, *swept][-1]
    scene = Scene(after.standing, after.state, after.facts(policy), policy, midnight_after(TODAY + 20 * DAY))

    assert silent_since(TODAY, policy) < silent_since(TODAY + DAY, policy)
    assert explain(scene)


@given(PROVEN)
@settings(max_examples=200, deadline=None)
def test_whatever_passes_the_proof_can_be_kept_and_compared_with_the_day_before_it(version):
    kept = msgspec.json.encode(version.document)

    assert version_of(kept).digest == version.digest
    assert version.policy.effective_from - DAY < version.policy.effective_from
    assert numbers_of(version.document)


@given(PROVEN)
@settings(max_examples=200, deadline=None)
async def test_an_index_with_its_interval_is_published_under_whatever_passes_the_proof(version):
    policies = Policies(version, nothing_published)
    row = row_of(product_under(version.policy), version.policy, TODAY)

    said = await told(row, policies)

    assert 0 <= said["index_p05"] <= said["index_p50"] <= said["index_p95"] <= 100
