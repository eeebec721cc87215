"""Policy versions: drafted by one, published by another, never changed after that."""

from copy import deepcopy
from itertools import count

import asyncpg
import pytest

from sealwatch.shell.first_policy import shipped
from tests.integration.api import rows
from tests.integration.api.doors import BASE

FIRST_DAY = "2026-03-02"  # the clock of these tests stands at noon of the day before
OTHER_QUALITY = {"accredited": 1.0, "unaccredited": 0.4, "out_of_calibration": 0.0}
_versions = count(1)


def document(**parts):
    own = {"version": f"test.{next(_versions)}", "effective_from": FIRST_DAY, "author": "Centre"}
    return deepcopy(dict(BASE.document)) | own | parts


@pytest.fixture
async def author(doors):
    return await doors.key(scopes=["policy:write"])


@pytest.fixture
async def second(doors):
    return await doors.key(scopes=["policy:publish"])


async def drafted(doors, key, **parts):
    body = document(**parts)
    answer = await doors.ask("POST", "/v1/policies", key, json=body)
    assert answer.status_code == 201, answer.text
    return body["version"]


async def publish(doors, key, version, **said):
    return await doors.ask("POST", f"/v1/policies/{version}/publish", key, json=said)


async def withdraw(doors, key, version):
    return await doors.ask("POST", f"/v1/policies/{version}/withdraw", key, json={"note": "a slip"})


async def test_a_draft_that_a_second_person_publishes_shows_who_did_what(doors, key, author, second):
    version = await drafted(doors, author)

    answer = await publish(doors, second, version, note="as discussed")
    seen = (await doors.ask("GET", f"/v1/policies/{version}", key)).json()

    assert (answer.status_code, seen["state"], seen["document"]["version"]) == (200, "published", version)
    assert [(one["action"], one["note"]) for one in seen["actions"]] == [
        ("drafted", ""),
        ("published", "as discussed"),
    ]
    assert seen["author"] == seen["actions"][0]["acted_by"] != seen["published_by"]


async def test_nobody_publishes_a_draft_of_ones_own_whatever_the_key_allows(doors):
    both = await doors.key(scopes=["policy:write", "policy:publish"])
    version = await drafted(doors, both)

    answer = await publish(doors, both, version)

    assert (answer.status_code, answer.json()["code"]) == (403, "self_approval")


async def test_another_key_of_the_same_source_is_the_same_person(doors, author):
    version = await drafted(doors, author)
    sources = "select source_id from registry.credentials where key_id = $1"
    source = await doors.watch.fetchval(sources, author.split("_")[2])
    admin = await doors.key(scopes=["keys:admin", "policy:publish"])
    wish = {"source_id": source, "scopes": ["policy:publish"]}
    other = (await doors.ask("POST", "/v1/keys", admin, json=wish)).json()["key"]

    answer = await publish(doors, other, version)

    assert (answer.status_code, answer.json()["code"]) == (403, "self_approval")


async def test_the_database_itself_refuses_an_author_who_publishes(doors, author):
    version = await drafted(doors, author)

    with pytest.raises(asyncpg.CheckViolationError):
        await doors.watch.execute(
            "update registry.policies set state = 'published', published_by = author, "
            "published_at = created_at, publication = 900 where version = $1",
            version,
        )


@pytest.mark.parametrize("first_day", ["2026-03-01", "2026-02-01"])
async def test_a_version_for_today_or_earlier_is_not_published(doors, author, second, first_day):
    version = await drafted(doors, author, effective_from=first_day)

    answer = await publish(doors, second, version)

    assert (answer.status_code, answer.json()["code"]) == (409, "effective_from_too_soon")


async def test_the_database_itself_refuses_a_publication_that_comes_too_late(doors, author):
    version = await drafted(doors, author)

    with pytest.raises(asyncpg.CheckViolationError, match="published_in_time"):
        await doors.watch.execute(
            "update registry.policies set state = 'published', published_by = 'x', "
            "published_at = '2026-03-01T23:00:01Z', publication = 901 where version = $1",
            version,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "update registry.policies set document = document where version = $1",
        "update registry.policies set state = 'withdrawn' where version = $1",
        "delete from registry.policies where version = $1",
    ],
)
async def test_what_is_published_never_changes(doors, author, second, statement):
    version = await drafted(doors, author)
    await publish(doors, second, version)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await doors.watch.execute(statement, version)


async def test_a_draft_is_published_as_it_stands(doors, author):
    version = await drafted(doors, author)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="as it stands"):
        await doors.watch.execute(
            "update registry.policies set digest = repeat('0', 64) where version = $1", version
        )


@pytest.mark.parametrize(
    "statement", ["update registry.policy_actions set note = 'x'", "delete from registry.policy_actions"]
)
async def test_the_record_of_deeds_is_append_only(doors, author, statement):
    await drafted(doors, author)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
        await doors.watch.execute(statement)


async def test_a_withdrawn_draft_is_neither_published_nor_replaced(doors, author, second):
    version = await drafted(doors, author)

    withdrawn = await withdraw(doors, author, version)
    published = await publish(doors, second, version)
    again = await doors.ask("POST", "/v1/policies", author, json=document(version=version))

    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert (published.status_code, published.json()["code"]) == (409, "not_a_draft")
    assert (again.status_code, again.json()["code"]) == (409, "version_taken")


async def test_what_is_published_is_not_withdrawn(doors, author, second):
    version = await drafted(doors, author)
    await publish(doors, second, version)

    answer = await withdraw(doors, author, version)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")


@pytest.mark.parametrize("version", [one.policy.version for one in shipped()])
async def test_the_versions_that_are_shipped_are_taken(doors, author, version):
    answer = await doors.ask("POST", "/v1/policies", author, json=document(version=version))

    assert (answer.status_code, answer.json()["code"]) == (409, "version_taken")


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"colour": "red"}, ""),
        ({"coping": {}}, "/coping/low"),
        ({"version": "a b"}, "/version"),
        ({"version": "a\n"}, "/version"),
        ({"version": ".."}, "/version"),
        ({"goods": {"unknown_severity": 9, "severities": {}}}, "/goods/unknown_severity"),
        ({"quality": {"accredited": 2.0}}, "/quality/accredited"),
    ],
)  # fmt: skip
async def test_a_document_that_is_not_proven_is_refused_with_its_paths(doors, author, parts, pointer):
    answer = await doors.ask("POST", "/v1/policies", author, json=document(**parts))

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_text_that_the_database_cannot_keep_is_refused(doors, author):
    answer = await doors.ask("POST", "/v1/policies", author, json=document(source="a\0b"))

    assert (answer.status_code, answer.json()["code"]) == (422, "control_character")


async def test_a_version_that_no_sweep_can_adopt_is_published_only_knowingly(doors, author, second):
    version = await drafted(doors, author, quality=OTHER_QUALITY)

    refused = await publish(doors, second, version)
    accepted = await publish(doors, second, version, accept_rescoring=True)

    assert (refused.status_code, refused.json()["code"]) == (409, "needs_rescoring")
    assert refused.json()["errors"][0]["pointer"] == "/quality/unaccredited"
    assert accepted.status_code == 200


async def test_a_matrix_that_known_goods_do_not_fit_into_is_not_even_a_draft(doors, author):
    matrix = {**BASE.document["matrix"], "indexed": False, "bounds": [0.01]}
    matrix["rows"] = [["medium", "high"], ["low", "low"]]

    answer = await doors.ask("POST", "/v1/policies", author, json=document(matrix=matrix))

    assert (answer.status_code, answer.json()["code"]) == (422, "policy_not_proven")
    assert answer.json()["errors"][0]["pointer"] == "/matrix/rows"


async def test_a_difference_says_what_it_takes_to_have_its_effect(doors, key, author):
    levels = {**BASE.document["levels"], "fall_after_days": 7}
    version = await drafted(doors, author, levels=levels)

    seen = (await doors.ask("GET", f"/v1/policies/{BASE.policy.version}/diff/{version}", key)).json()

    effects = {item["path"]: item["effect"] for item in seen["items"]}
    assert effects["/levels/fall_after_days"] == "sweep"
    assert (effects["/version"], seen["needs_rescoring"]) == ("text", False)


async def test_versions_are_listed_in_pages(doors, key, author):
    made = [await drafted(doors, author) for _ in range(3)]

    first = (await doors.ask("GET", "/v1/policies?limit=2", key)).json()
    path = f"/v1/policies?limit=200&cursor={first['next_cursor']}"
    rest = await doors.ask("GET", path, key)

    found = [item["version"] for item in [*first["items"], *rest.json()["items"]]]
    assert len(found) == len(set(found))
    assert set(made) <= set(found)


async def test_the_scorer_sees_what_is_published_and_nothing_else(doors, author, second):
    hidden, seen = await drafted(doors, author), await drafted(doors, author)
    await publish(doors, second, seen)

    async with doors.watch.transaction():
        await doors.watch.execute("set local role sealwatch_scorer")
        found = await doors.watch.fetch("select version from registry.published_policies")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with doors.watch.transaction():
                await doors.watch.execute("select * from registry.policies")

    versions = {row["version"] for row in found}
    assert (seen in versions, hidden in versions) == (True, False)


async def test_a_product_is_shown_under_the_version_that_assessed_it(doors, key, author, second):
    scenarios = deepcopy(list(BASE.document["scenarios"]))
    for scenario in scenarios:
        scenario["steps"]["harm given use"] = 0.1
    version = await drafted(doors, author, scenarios=scenarios)
    await publish(doors, second, version)
    await rows.assessed(doors.watch, "BY-BASE")
    await rows.assessed(doors.watch, "BY-OTHER", policy_version=version)

    base, other = [
        (await doors.ask("GET", f"/v1/products/{name}", key)).json() for name in ("BY-BASE", "BY-OTHER")
    ]

    assert (base["policy_version"], other["policy_version"]) == (BASE.policy.version, version)
    assert other["factors"][0]["harm"] == pytest.approx(10 * base["factors"][0]["harm"])
    assert other["index_p50"] > base["index_p50"]


async def test_a_draft_follows_the_newest_version_that_can_be_adopted(doors, key, author, second):
    adopted, refused = [
        await drafted(doors, author, effective_from=day, **parts)
        for day, parts in (("2026-05-01", {}), ("2026-05-02", {"quality": OTHER_QUALITY}))
    ]
    for version in (adopted, refused):
        await publish(doors, second, version, accept_rescoring=True)

    later = await drafted(doors, author, effective_from="2026-05-10")

    seen = (await doors.ask("GET", f"/v1/policies/{later}", key)).json()
    assert (seen["follows"], seen["rescoring"]) == (adopted, [])
