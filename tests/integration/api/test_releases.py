"""Public messages on a real database: two people, corrections, withdrawals, and what everybody reads."""

from datetime import timedelta

import pytest

from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from tests.factories import level_change
from tests.integration.api.doors import NOON, parts_on
from tests.unit.api.feed.messages import ATOM, HOSTILE, ISSUER, SCHEMA, parsed, texts

ALL = [*SCOPES, *CENTRE_SCOPES]
PAGE = "/public/feed.atom"
REASON = {"reason": {"zh": "样品混淆", "en": "The samples were mixed up."}}
SAID = {"description": "Copies were found.", "instruction": "Do not use it.", "area": "Beijing"}
TEXTS = {"zh": {"headline": "某防伪标签存在严重风险", **SAID}, "en": {"headline": "Risk of a label", **SAID}}


class Office:
    """Two people of the centre, a clock, and a reader without a key."""

    def __init__(self, doors, writer, releaser):
        self.doors, self.writer, self.releaser, self.now = doors, writer, releaser, NOON
        doors.app.state.parts = parts_on(doors.engine, clock=lambda: self.now, issuer=ISSUER)

    async def notice(self, product="P1", sequence=1):
        change = level_change(product, sequence, after="serious", index_p05=55.0, index_p95=65.0)
        uid = f"{product}{sequence}".encode().ljust(16, b"n")
        await self.doors.watch.execute(
            "insert into alerting.notices (notice_id, product_id, sequence, before, after, decision, reason, "
            "change, heard_at) values ($1, $2, $3, 1, 4, 'tell', 'raised', $4, $5) on conflict do nothing",
            uid, product, sequence, change.model_dump_json(), NOON,
        )  # fmt: skip
        return uid.hex()

    async def draft(self, **other):
        expires = (self.now + timedelta(days=7)).isoformat()
        body = {"notice_id": await self.notice(), "texts": TEXTS, "expires_at": expires, **other}
        return await self.doors.ask("POST", "/v1/releases", self.writer, json=body)

    async def release(self, release_id, key=None):
        return await self.doors.ask("POST", f"/v1/releases/{release_id}/release", key or self.releaser)

    async def released(self, **other):
        draft = (await self.draft(**other)).json()
        self.now += timedelta(seconds=1)
        return (await self.release(draft["release_id"])).json()

    async def withdraw(self, release_id):
        self.now += timedelta(seconds=1)
        path = f"/v1/releases/{release_id}/withdraw"
        return await self.doors.ask("POST", path, self.releaser, json=REASON)

    async def read(self, release_id):
        return await self.doors.ask("GET", f"/public/cap/{release_id}.xml")

    async def feed(self, path=PAGE, **headers):
        return await self.doors.ask("GET", path, headers=headers)


@pytest.fixture
async def office(doors):
    yield Office(doors, await doors.key(scopes=ALL), await doors.key(scopes=ALL))
    doors.app.state.parts = parts_on(doors.engine)


async def test_a_draft_is_read_by_nobody_and_a_release_by_everybody(office):
    draft = (await office.draft()).json()
    before = await office.read(draft["release_id"])
    listed = await office.feed()
    done = await office.release(draft["release_id"])

    answer = await office.read(draft["release_id"])

    assert (before.status_code, done.status_code, answer.status_code) == (404, 200, 200)
    assert draft["release_id"] not in listed.text
    assert answer.headers["content-type"] == "application/cap+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=60"
    SCHEMA.assertValid(alert := parsed(answer.content))
    assert texts(alert, "msgType") == ["Alert"]
    assert texts(alert, "info/headline") == [TEXTS["zh"]["headline"], TEXTS["en"]["headline"]]


async def test_who_drafts_cannot_release(office):
    draft = (await office.draft()).json()

    answer = await office.release(draft["release_id"], office.writer)

    assert (answer.status_code, answer.json()["code"]) == (403, "self_release")


async def test_the_database_lets_nobody_release_alone_either(office):
    draft = (await office.draft()).json()
    statement = (
        "update registry.releases set released_by = drafted_by, released_at = now(), cap = '', number = 9999 "
        "where release_id = $1"
    )

    with pytest.raises(Exception, match="violates check constraint"):
        await office.doors.watch.execute(statement, bytes.fromhex(draft["release_id"]))


@pytest.mark.parametrize(("scope", "step"), [("notices:draft", "draft"), ("notices:release", "release")])
async def test_each_right_is_a_scope_of_its_own(office, scope, step):
    poor = await office.doors.key(scopes=[one for one in ALL if one != scope])
    draft = (await office.draft()).json()
    office.writer = office.releaser = poor

    answer = await (office.draft() if step == "draft" else office.release(draft["release_id"]))

    assert answer.json()["code"] == "missing_scope"


async def test_no_key_has_these_rights_unless_they_are_asked_for_by_name(office):
    office.writer = await office.doors.key()

    assert (await office.draft()).json()["code"] == "missing_scope"


async def test_a_correction_is_an_update_that_names_what_was_told_before(office):
    first = await office.released()
    second = await office.released(corrects=first["release_id"])
    third = await office.released(corrects=first["release_id"])

    alert = parsed((await office.read(third["release_id"])).content)

    SCHEMA.assertValid(alert)
    named = texts(alert, "references")[0].split()
    assert texts(alert, "msgType") == ["Update"]
    assert [one.split(",")[1] for one in named] == [
        f"sealwatch-{one['release_id']}" for one in (first, second)
    ]
    sent = texts(parsed((await office.read(first["release_id"])).content), "sent")[0]
    assert named[0] == f"{ISSUER.sender},sealwatch-{first['release_id']},{sent}"


async def test_a_withdrawal_needs_one_person_and_tells_why(office):
    first = await office.released()

    answer = await office.withdraw(first["release_id"])

    alert = parsed((await office.read(answer.json()["release_id"])).content)
    SCHEMA.assertValid(alert)
    assert (answer.status_code, texts(alert, "msgType")) == (201, ["Cancel"])
    assert texts(alert, "note") == ["样品混淆 The samples were mixed up."]
    assert texts(alert, "info/responseType") == ["None", "None"]
    assert first["release_id"] in texts(alert, "references")[0]


async def test_what_is_withdrawn_is_over(office):
    first = await office.released()
    draft = (await office.draft(corrects=first["release_id"])).json()
    await office.withdraw(first["release_id"])

    again = await office.withdraw(first["release_id"])
    late = await office.release(draft["release_id"])

    assert (again.json()["code"], late.json()["code"]) == ("withdrawn_already", "withdrawn_already")


async def test_a_drill_says_so_and_is_corrected_by_drills_only(office):
    drill = await office.released(drill=True)
    alert = parsed((await office.read(drill["release_id"])).content)

    mixed = await office.draft(corrects=drill["release_id"])

    assert texts(alert, "status") == ["Test"]
    assert mixed.json()["code"] == "drill_mismatch"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"notice_id": "0" * 32}, "unknown_notice"),
        ({"corrects": "0" * 32}, "unknown_release"),
        ({"expires_at": NOON.isoformat()}, "expires_out_of_range"),
    ],
)
async def test_a_draft_is_refused(office, other, code):
    answer = await office.draft(**other)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_draft_that_has_expired_is_not_released(office):
    draft = (await office.draft()).json()
    office.now += timedelta(days=8)

    assert (await office.release(draft["release_id"])).json()["code"] == "release_expired"


async def test_what_is_settled_stays_so(office):
    draft = (await office.draft()).json()
    path = f"/v1/releases/{draft['release_id']}"

    gone = await office.doors.ask("DELETE", path, office.writer)
    again = await office.doors.ask("DELETE", path, office.writer)
    late = await office.release(draft["release_id"])

    shown = await office.doors.ask("GET", path, office.writer)
    assert (gone.status_code, again.status_code, late.status_code) == (204, 409, 409)
    assert shown.json()["state"] == "discarded"


@pytest.mark.parametrize(
    "statement", ["update registry.releases set cap = 'x' where number > 0", "delete from registry.releases"]
)
async def test_what_was_released_can_be_neither_changed_nor_taken_away(office, statement):
    await office.released()

    with pytest.raises(Exception, match="append-only"):
        await office.doors.watch.execute(statement)


async def test_every_step_is_in_the_audit(office):
    first = await office.released()
    await office.withdraw(first["release_id"])

    rows = await office.doors.watch.fetch(
        "select action, acted_by from registry.audit where detail ->> 'series_id' = $1 order by audit_id",
        first["release_id"],
    )
    assert [row["action"] for row in rows] == ["release.drafted", "release.released", "release.withdrawn"]
    assert rows[0]["acted_by"] != rows[1]["acted_by"]


async def test_hostile_names_stay_text_in_message_and_feed(office):
    text = HOSTILE.translate(dict.fromkeys((0, 11, 8238, 65534)))
    said = {"headline": text, "description": text, "instruction": text, "area": text}
    await office.doors.watch.execute(
        "insert into registry.products values ('PX', 1, $1, 'labels', 3, null, null, null, now(), 'c')",
        HOSTILE.replace("\x00", ""),
    )
    notice = await office.notice("PX")
    hostile = await office.released(notice_id=notice, texts={"zh": said, "en": said})

    alert = parsed((await office.read(hostile["release_id"])).content)
    feed = parsed((await office.feed()).content)

    SCHEMA.assertValid(alert)
    assert texts(alert, "info/instruction") == [text, text]
    assert texts(feed, "entry/title", ATOM)[0] == f"{text} / {text}"


async def test_the_feed_lists_the_newest_first_and_pages_lead_to_the_rest(office):
    made = [(await office.released())["release_id"] for _ in range(52)]

    seen, path, pages = [], PAGE, 0
    while path and pages < 10:
        feed = parsed((await office.feed(path)).content)
        seen += [one.rsplit("/", 1)[1][:32] for one in texts(feed, "entry/id", ATOM)]
        after = [one.get("href") for one in feed.findall(ATOM + "link") if one.get("rel") == "next"]
        path, pages = (after[0].removeprefix("https://watch.example") if after else None), pages + 1

    assert pages >= 2
    assert seen[:52] == made[::-1]
    assert len(set(seen)) == len(seen)


async def test_who_has_it_already_gets_nothing_again(office):
    made = await office.released()
    feed, message = await office.feed(), await office.read(made["release_id"])

    by_tag = await office.feed(**{"if-none-match": feed.headers["etag"]})
    by_date = await office.feed(
        f"/public/cap/{made['release_id']}.xml",
        **{"if-modified-since": message.headers["last-modified"]},
    )
    await office.released()
    changed = await office.feed(**{"if-none-match": feed.headers["etag"]})

    assert (by_tag.status_code, by_tag.content, by_date.status_code) == (304, b"", 304)
    assert by_tag.headers["cache-control"] == "public, max-age=60"
    assert changed.status_code == 200


async def test_heads_have_no_body(office):
    await office.released()

    answer = await office.doors.ask("HEAD", PAGE)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


async def test_another_organisation_sees_no_draft_and_cannot_touch_a_message(office, doors):
    first = await office.released()
    office.releaser = office.writer = await doors.key("elsewhere", scopes=ALL)

    listed = await doors.ask("GET", "/v1/releases", office.writer)
    answer = await office.withdraw(first["release_id"])

    assert (listed.json()["items"], answer.status_code) == ([], 404)


async def test_without_a_sender_nothing_is_public(office, doors):
    draft = (await office.draft()).json()
    doors.app.state.parts = parts_on(doors.engine)

    answer = await office.release(draft["release_id"])
    feed = await office.feed()

    assert (answer.json()["code"], feed.status_code) == ("feed_not_set_up", 404)
