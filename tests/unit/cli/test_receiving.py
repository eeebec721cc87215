import json
from datetime import UTC, datetime

import pytest

from sealwatch_cli.receiving import Reconciled, arrived, reconciled, wish_of

BEGAN = datetime(2026, 11, 25, 12, 0, 0, 900_000, tzinfo=UTC)
HERE = wish_of("http://127.0.0.1:8084")


def subscription(id_, **other):
    return {"subscription_id": id_, "disabled_at": None, **HERE, **other}


ELSEWHERE = {"url": "http://127.0.0.1:9999/"}
DISABLED = {"disabled_at": "2026-11-24T00:00:00Z"}


@pytest.mark.parametrize(
    ("known", "secret_kept", "plan"),
    [
        ([], False, Reconciled((), made=True)),
        ([subscription("a")], True, Reconciled((), made=False)),
        ([subscription("a")], False, Reconciled(("a",), made=True)),
        ([subscription("a", **ELSEWHERE)], True, Reconciled(("a",), made=True)),
        ([subscription("a", **ELSEWHERE), subscription("b")], True, Reconciled(("a",), made=False)),
        ([subscription("a", **DISABLED)], True, Reconciled(("a",), made=True)),
        ([subscription("a", minimum_level="high")], True, Reconciled(("a",), made=True)),
        ([subscription("a"), subscription("b")], True, Reconciled(("b",), made=False)),
        ([subscription("a", department="Another", **ELSEWHERE)], False, Reconciled((), made=True)),
    ],
)
def test_just_one_subscription_tells_the_receiver_where_it_is_now(known, secret_kept, plan):
    assert reconciled(known, HERE, secret_kept=secret_kept) == plan


def webhook(changed_at, *, verified=True):
    return json.dumps({"verified": verified, "body": json.dumps({"timestamp": changed_at})}) + "\n"


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        (webhook("2026-11-25T12:00:01+00:00"), 1),
        (webhook("2026-11-25T12:00:00+00:00"), 1),
        (webhook("2026-11-25T11:59:59+00:00"), 0),
        (webhook("2026-11-25T12:00:01+00:00", verified=False), 0),
        (json.dumps({"verified": False, "body": "no JSON"}) + "\n", 0),
        ("", 0),
    ],
)
def test_only_a_signed_warning_of_a_change_since_then_counts(tmp_path, line, counts):
    received = tmp_path / "received.jsonl"
    received.write_text(webhook("2026-11-24T12:00:00+00:00") + line)

    assert len(arrived(received, BEGAN)) == counts


def test_nothing_arrived_where_no_file_was_written_yet(tmp_path):
    assert arrived(tmp_path / "received.jsonl", BEGAN) == []
