"""The commands against the real api on a real port."""

import asyncio
import json
import socket
from types import SimpleNamespace

import pytest
import uvicorn
from typer.testing import CliRunner

from sealwatch.contracts.codec import Stamp
from sealwatch_cli.complaints import complaint_of
from sealwatch_cli.main import app
from tests.factories import inspection, received
from tests.integration.api import rows
from tests.integration.api.doors import NOON, opened

LAB = Stamp("lab", "lims", "national_spot_check", accredited=True)


@pytest.fixture(scope="module")
async def desk(postgres):
    """Yield the api behind an address, and a way to run a command at it."""
    async with opened(postgres, "sealwatch_api") as doors:
        place = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(doors.app, lifespan="off", log_config=None))
        task = asyncio.create_task(server.serve(sockets=[place]))
        environment = {
            "SEALWATCH_API_URL": f"http://127.0.0.1:{place.getsockname()[1]}",
            "SEALWATCH_KEY": await doors.key("lab"),
            "COLUMNS": "200",
        }

        async def run(*words, **more):
            return await asyncio.to_thread(CliRunner().invoke, app, list(words), env=environment | more)

        yield SimpleNamespace(run=run, watch=doors.watch, doors=doors)
        server.should_exit = True
        await task


def record(event_id, offset, value=None):
    whole = received(inspection(event_id=event_id, sampled_at=NOON), offset, sender=LAB)
    return whole if value is None else whole._replace(value=value)


async def test_letters_are_listed_as_json_lines_over_all_pages(desk):
    ids = [await rows.given_up(desk.watch, record(f"l-{n}", 100 + n), reason="listed") for n in range(203)]

    result = await desk.run("letters", "list", "--where", "reason=listed", "--limit", "1000", "--json")

    assert [json.loads(line)["letter_id"] for line in result.stdout.splitlines()] == ids[::-1]


async def test_a_table_names_the_letter_and_its_place(desk):
    id_ = await rows.given_up(desk.watch, record("t", 7), reason="[in a table]")

    result = await desk.run("letters", "list", "--where", "reason=[in a table]")

    assert (result.exit_code, id_ in result.stdout) == (0, True)
    assert "sealwatch.evidence.v1/0@7" in result.stdout
    assert "[in a table]" in result.stdout


async def test_the_original_bytes_of_a_letter_can_be_saved(desk, tmp_path):
    id_ = await rows.given_up(desk.watch, record("s", 8, b"\xff\x00torn"))

    result = await desk.run("letters", "show", id_, "--save", str(tmp_path / "body"))

    assert (result.exit_code, (tmp_path / "body").read_bytes()) == (0, b"\xff\x00torn")
    assert "base64 /wB0b3Ju" in result.stdout


async def test_a_letter_is_repaired_from_a_file(desk, tmp_path):
    id_ = await rows.given_up(desk.watch, record("r", 9, b"{"))
    whole = tmp_path / "event.json"
    whole.write_text(json.dumps(inspection(event_id="r", sampled_at=NOON)))

    result = await desk.run("letters", "repair", id_, str(whole), "--note", "read from the paper")

    assert (result.exit_code, result.stdout) == (0, "1 replayed, 0 refused\n")
    assert await desk.watch.fetchval(
        "select repaired_body from scoring.dead_letters where letter_id = $1", bytes.fromhex(id_)
    ) == whole.read_bytes()  # fmt: skip


async def test_many_are_replayed_and_what_was_refused_is_named_and_is_the_exit_code(desk):
    for n in range(120):
        await rows.given_up(desk.watch, record(f"m-{n}", 1_000 + n), reason="many")
    torn = await rows.given_up(desk.watch, record("m-torn", 999, b"{"), reason="many")

    result = await desk.run("letters", "replay", "--where", "reason=many", "--note", "the fault is fixed")

    assert (result.exit_code, result.stdout) == (1, "120 replayed, 1 refused\n")
    assert f"{torn}: still_unreadable" in result.stderr


async def test_letters_are_replayed_and_dismissed_by_id(desk):
    one, other = [await rows.given_up(desk.watch, record(f"i-{n}", 2_000 + n)) for n in range(2)]

    replayed = await desk.run("letters", "replay", one, "--note", "x")
    dismissed = await desk.run("letters", "dismiss", other, one, "--note", "a test of ours")

    assert (replayed.exit_code, dismissed.exit_code) == (0, 1)
    assert f"{one}: 409 already_replayed" in dismissed.stderr


async def test_quarantined_records_are_listed_shown_and_dismissed(desk):
    uid = b"cli".ljust(16)
    await rows.quarantined(desk.watch, uid, "lab")

    listed = await desk.run("quarantine", "list", "--json")
    id_ = str(json.loads(listed.stdout)["quarantine_id"])
    shown = await desk.run("quarantine", "show", id_)
    dismissed = await desk.run("quarantine", "dismiss", id_, "--note", "sent twice by mistake")

    assert "event_id_conflict" in shown.stdout
    assert (dismissed.exit_code, dismissed.stdout) == (0, "1 dismissed, 0 refused\n")
    assert (await desk.run("quarantine", "list", "--json")).stdout == ""


async def test_a_record_that_is_named_twice_is_settled_and_counted_once(desk):
    id_ = await rows.given_up(desk.watch, record("twice", 3_000))

    result = await desk.run("letters", "dismiss", id_, id_, "--note", "a test of ours")

    assert result.stdout == "1 dismissed, 0 refused\n"


@pytest.mark.parametrize("id_", ["", "..", "../products", "a/b", "a?b", "A1", " a"])
async def test_an_id_leads_to_no_other_address(desk, id_):
    shown = await desk.run("letters", "show", id_)
    settled = await desk.run("quarantine", "dismiss", id_, "--note", "x")

    assert f"{id_!r} is no id as the list shows them" in complaint_of(shown.exception)
    assert f"{id_!r} is no id as the list shows them" in settled.stderr.replace("\n", " ")
    assert (shown.exit_code, settled.exit_code) == (1, 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["letters", "replay", "--note", "x"], 2),
        (["letters", "replay", "a", "--where", "reason=x", "--note", "x"], 2),
        (["letters", "replay", "--where", "state=dismissed", "--note", "x"], 2),
        (["letters", "list", "--where", "colour=blue"], 2),
        (["letters", "list", "--where", "reason=a", "--where", "reason=b"], 2),
        (["letters", "replay", "--where", "reason=a", "--where", "reason=b", "--note", "x"], 2),
        (["letters", "repair", "a", "/no/such/file", "--note", "x"], 2),
    ],
)
async def test_a_command_that_makes_no_sense_exits_with_two(desk, words, code):
    assert (await desk.run(*words)).exit_code == code


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"SEALWATCH_KEY": "sw_live_none"}, "401 unauthenticated"),
        ({"SEALWATCH_API_URL": "http://127.0.0.1:9"}, "no answer from http://127.0.0.1:9"),
    ],
)
async def test_an_api_that_cannot_be_asked_is_said_so(desk, more, says):
    result = await desk.run("letters", "list", **more)

    assert says in complaint_of(result.exception)
