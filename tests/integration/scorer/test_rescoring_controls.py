"""Controls of recomputing: with rules or events changed behind our back it is not equal."""

import json
from datetime import UTC, datetime

import asyncpg
import pytest

from sealwatch.shell.policy_documents import version_in
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import another, publish, with_harm

LOG = history(20, 30, products=6, seed=5)
AFTER = datetime(2026, 3, 25, 12, tzinfo=UTC)
GRAVER = another("2026.3", "2026-03-06", **with_harm(0.2))
MILDER = another("2026.3", "2026-03-06", **with_harm(0.19))
OVERWRITTEN = "update registry.policies set document = $1, digest = $2 where version = '2026.3'"
A_LOT = (
    "select uid, product_id, body from scoring.events where retracted_by is null "
    "and position('\"fail\"'::bytea in body) > 0 order by appended limit 1"
)


@pytest.fixture
async def live(postgres):
    database = await opened(postgres.fresh())
    await publish(database.watch, GRAVER)
    await database.play(LOG, [7], now=AFTER)
    yield database
    await database.close()


async def test_untouched_it_comes_out_equal(live):
    await live.rescore("untouched")

    assert (await live.compared("untouched")).equal


@pytest.mark.parametrize("digest", [version_in(GRAVER).digest, version_in(MILDER).digest])
async def test_rules_that_were_overwritten_are_found_whether_or_not_the_digest_was_forged(live, digest):
    await live.watch.execute("alter table registry.policies disable trigger keep_policy")
    await live.watch.execute(OVERWRITTEN, json.dumps(MILDER), digest)

    await live.rescore("overwritten")

    comparison = await live.compared("overwritten")
    assert (comparison.equal, comparison.count > 0) == (False, True)


async def test_the_database_itself_refuses_to_overwrite_the_rules(live):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="it never changes"):
        await live.watch.execute(OVERWRITTEN, json.dumps(MILDER), version_in(MILDER).digest)


async def test_one_flipped_byte_of_one_verdict_is_found_and_its_product_named(live):
    uid, product, body = await live.watch.fetchrow(A_LOT)
    changed = body.replace(b'"fail"', b'"Fail"', 1)
    await live.watch.execute("update scoring.events set body = $1 where uid = $2", changed, uid)

    await live.rescore("flipped")

    comparison = await live.compared("flipped")
    assert (comparison.equal, [one["product_id"] for one in comparison.products]) == (False, [product])
