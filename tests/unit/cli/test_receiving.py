import json
import stat
from datetime import UTC, datetime

import httpx2
import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.receiving import Reconciled, arrived, reconciled, subscribe, wish_of

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


class Api:
    """The subscriptions of one organisation, as the api keeps them."""

    def __init__(self, *known):
        self.known = list(known)

    def answer(self, request):
        if request.method == "POST":
            self.known.append(subscription("new", **json.loads(request.content)))
            return httpx2.Response(201, json={"secret": "whsec_new"})
        if request.method == "DELETE":
            self.known = [one for one in self.known if not request.url.path.endswith(one["subscription_id"])]
            return httpx2.Response(204)
        return httpx2.Response(200, json={"items": self.known, "next_cursor": None})

    def client(self):
        return httpx2.Client(base_url="http://api", transport=httpx2.MockTransport(self.answer))


def test_a_receiver_that_moved_is_told_at_its_new_address_with_a_secret_for_its_owner_only(tmp_path):
    secrets, api = tmp_path / "secrets", Api(subscription("old", **ELSEWHERE))
    secrets.write_text("whsec_old\n")

    subscribe(api.client(), "http://127.0.0.1:8084", secrets)

    assert [(one["subscription_id"], one["url"]) for one in api.known] == [("new", HERE["url"])]
    assert secrets.read_text() == "whsec_new\n"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_a_receiver_that_stayed_keeps_its_subscription_and_hides_its_secret(tmp_path):
    secrets, api = tmp_path / "secrets", Api(subscription("kept"))
    secrets.write_text("whsec_kept\n")
    secrets.chmod(0o644)

    subscribe(api.client(), "http://127.0.0.1:8084", secrets)

    assert [one["subscription_id"] for one in api.known] == ["kept"]
    assert secrets.read_text() == "whsec_kept\n"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_an_api_that_refuses_is_named(tmp_path):
    refusing = httpx2.MockTransport(lambda _: httpx2.Response(403, text="no"))

    with (
        httpx2.Client(base_url="http://api", transport=refusing) as http,
        pytest.raises(Misconfigured, match="403"),
    ):
        subscribe(http, "http://127.0.0.1:8084", tmp_path / "secrets")


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
