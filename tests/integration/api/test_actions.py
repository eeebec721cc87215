"""What one organisation did about an action is its own: another sees neither that nor a closed action.

Proven twice, as in ``test_organisations``: under the role of the api, and past row-level security.
"""

import pytest

from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from tests.integration.api import rows
from tests.integration.api.doors import NOON, opened

PAST_ROW_LEVEL_SECURITY = "none"
UNTOUCHED = ("open", None, None, None, [])


@pytest.fixture(scope="module", params=["sealwatch_api", PAST_ROW_LEVEL_SECURITY])
async def doors(postgres, request):
    async with opened(postgres, request.param) as found:
        yield found


async def asked_for(doors, name):
    """Write a notice of one action that both organisations were told of; return its id."""
    notice, _ = await rows.told(doors.watch, name, "centre")
    other = name.ljust(16, b"e")
    await doors.watch.execute(
        "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, "
        "product_id, sequence, state, created_at, concluded_at) "
        "values ($1, $2, $1, 'elsewhere', $3, 1, 'delivered', $4, $4)",
        other, notice, name.decode(), NOON,
    )  # fmt: skip
    await doors.watch.execute(
        "insert into alerting.decisions (notice_id, subscription_id, organisation_id, office, product_id, "
        "sequence, before, after, outcome, reason, cause, delivery_id, decided_at) "
        "values ($1, $2, 'elsewhere', 'D', $3, 1, 0, 3, 'tell', 'first_notice', 'first_notice', $2, $4)",
        notice, other, name.decode(), NOON,
    )  # fmt: skip
    await rows.asked_for(doors.watch, notice)
    return notice.hex()


async def done(doors, key, uid, word):
    return await doors.ask("POST", f"/v1/actions/{uid}/done", key, json={"follow_up": word})


async def seen(doors, key, uid):
    """Return what a key sees of an action, the same in the list as by itself."""
    shown = (await doors.ask("GET", f"/v1/actions/{uid}", key)).json()
    listed = (await doors.ask("GET", f"/v1/actions?product_id={shown['product_id']}", key)).json()["items"]
    everyone = (await doors.ask("GET", "/v1/actions", key)).json()["items"]
    assert shown in listed
    assert shown in everyone
    return tuple(shown[name] for name in ("state", "done_at", "done_by", "follow_up", "answers"))


async def chain(doors, key, uid):
    shown = (await doors.ask("GET", f"/v1/notices/{uid}/chain", key)).json()
    listed = (await doors.ask("GET", f"/v1/chains?notice_id={uid}", key)).json()["items"]
    return shown["state"], [one["state"] for one in listed], shown["actions"][0]["follow_up"]


async def test_what_one_organisation_did_leaves_the_action_open_for_another(doors, key, stranger):
    uid = await asked_for(doors, b"apart")

    await done(doors, key, uid, "lot seized")

    state, at, by, word, answers = await seen(doors, key, uid)
    assert (state, at is not None, by.partition("/")[0], word) == ("done", True, "centre", "lot seized")
    assert [one["organisation_id"] for one in answers] == ["centre"]
    assert await seen(doors, stranger, uid) == UNTOUCHED


async def test_a_chain_is_acted_for_whoever_did_what_was_asked(doors, key, stranger):
    uid = await asked_for(doors, b"chained")

    await done(doors, key, uid, "three shops closed")

    assert await chain(doors, key, uid) == ("acted", ["acted"], "three shops closed")
    assert await chain(doors, stranger, uid) == ("delivered", ["delivered"], None)


async def test_each_organisation_says_once_what_it_did(doors, key, stranger):
    uid = await asked_for(doors, b"once")

    answers = [await done(doors, one, uid, "w") for one in (key, stranger, key, stranger)]

    assert [one.status_code for one in answers] == [200, 200, 409, 409]
    assert (await done(doors, key, "f" * 32, "w")).status_code == 404


async def test_the_centre_sees_what_all_of_them_did(doors, stranger):
    uid = await asked_for(doors, b"seen-by-centre")
    centre = await doors.key(scopes=[*SCOPES, *CENTRE_SCOPES])

    await done(doors, stranger, uid, "shop closed")

    state, *_, word, answers = await seen(doors, centre, uid)
    assert (state, word) == ("open", None)
    assert [(one["organisation_id"], one["follow_up"]) for one in answers] == [("elsewhere", "shop closed")]


async def test_a_filter_by_state_is_by_what_ones_own_organisation_did(doors, key, stranger):
    uid = await asked_for(doors, b"filtered")
    await done(doors, key, uid, "w")

    path = "/v1/actions?product_id=filtered&state=open"
    found = [(await doors.ask("GET", path, one)).json()["items"] for one in (key, stranger)]

    assert [len(one) for one in found] == [0, 1]
