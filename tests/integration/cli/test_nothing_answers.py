"""Every command that reaches out, while nothing answers: one line, an exit code, no traceback."""

import asyncio

import pytest
from typer.testing import CliRunner

from sealwatch_cli.complaints import ASK_DATABASE, ASK_KAFKA, MIGRATE, OUTSIDE, complaint_of
from sealwatch_cli.main import app

NOWHERE = "http://127.0.0.1:9"  # the discard port, on which nothing listens
ENVIRONMENT = {
    "SEALWATCH_DATABASE_URL": "postgresql://somebody@127.0.0.1:9/nothing",
    "SEALWATCH_KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "SEALWATCH_API_URL": NOWHERE,
    "SEALWATCH_KEY": "sw_live_x",
}
BOTH = ["--to", f"{NOWHERE},{NOWHERE}"]


async def complaint(*words, **environment):
    """Run a command away from our loop and return what it would say."""
    done = await asyncio.to_thread(CliRunner().invoke, app, list(words), env=ENVIRONMENT | environment)
    assert isinstance(done.exception, OUTSIDE), done.output
    return complaint_of(done.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["migrate"], ASK_DATABASE),
        (["keys", "create", "--organisation", "centre"], ASK_DATABASE),
        (["positions", "show"], ASK_DATABASE),
        (["positions", "reset", "--all", "--to", "earliest"], ASK_DATABASE),
        (["rescore", "list"], ASK_DATABASE),
        (["rescore", "drop", "x"], ASK_DATABASE),
        (["events", "drop-month", "2020-01"], ASK_DATABASE),
        (["policy", "show", "2026.2"], ASK_DATABASE),
        (["topics", "apply", "--patience", "1"], ASK_KAFKA),
        (["replay", "food", *BOTH], f"no answer from {NOWHERE}"),
        (["replay", "safety-gate", *BOTH], f"no answer from {NOWHERE}"),
        (["letters", "list"], f"no answer from {NOWHERE}"),
        (["quarantine", "list"], f"no answer from {NOWHERE}"),
    ],
)
async def test_a_command_says_what_does_not_answer(words, said):
    assert said in await complaint(*words)


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["replay", "food", "--to", NOWHERE], {}, "INGEST,API"),
        (["replay", "food", "--to", "there,there"], {}, "is the address right"),
        (["replay", "food", "--to", "http://[::,http://[::"], {}, "an address is wrong"),
        (["replay", "food", *BOTH], {"SEALWATCH_KEY": "no\nkey"}, "sealwatch keys create"),
        (["migrate"], {"SEALWATCH_DATABASE_URL": "postgresql://u:hidden@h:port/n"}, "postgresql://user"),
        (["migrate"], {"SEALWATCH_DATABASE_URL": "hidden"}, "postgresql://user"),
        (["migrate"], {"SEALWATCH_DATABSE_URL": "x"}, "unknown settings: SEALWATCH_DATABSE_URL"),
        (["topics", "apply"], {"SEALWATCH_KAFKA_USERNAME": "x"}, "SASL_SSL"),
        (["local", "up", "--port", "nothing=8000"], {}, "no nothing here"),
        (["local", "up", "--port", "api=70000"], {}, "NAME=PORT"),
        (["local", "receive", "--out", "/no/such/folder/x"], {}, "there is no folder /no/such/folder"),
    ],
)
async def test_a_command_that_was_told_nonsense_says_what(words, environment, said):
    told = await complaint(*words, **environment)

    assert said in told
    assert "hidden" not in told


@pytest.mark.parametrize(
    "words",
    [["keys", "create", "--organisation", "centre"], ["rescore", "list"], ["policy", "show", "2026.2"]],
)
async def test_a_database_that_was_never_migrated_is_said_to_be_so(postgres, words):
    assert MIGRATE in await complaint(*words, SEALWATCH_DATABASE_URL=postgres.fresh())
