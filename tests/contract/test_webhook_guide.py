"""The receiver of the guide, as it stands there, against what is sent."""

import json
import random
import re
from contextlib import nullcontext
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from sealwatch.contracts.base import derived_uid
from sealwatch.risk.policy import Level
from sealwatch.shell.clock import utc_now
from sealwatch.shell.policies import load_policy
from sealwatch_alerts.attempt import prepare
from sealwatch_alerts.gathered import Member, render_many
from sealwatch_alerts.message import Wording, render
from sealwatch_alerts.trial import render_trial
from tests.factories import level_change

GUIDE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
[TEXT] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
NAMES: dict[str, object] = {}
exec(TEXT, NAMES)  # noqa: S102  # the text that readers copy
Receiver = NAMES["Receiver"]
OLD, NEW = "whsec_" + "QUJD" * 8, "whsec_" + "REVG" * 8
WORDING = Wording("raised", "zh", load_policy(None).coping[Level.HIGH])
STEPS = ["low", "high", "serious", "medium", "high", "low"]
SHUFFLES = 10_000
COMPARED = 'if sequence > self.levels.get(product_id, (0, ""))[0]:'


def signed(body, secrets=(OLD,)):
    request = prepare("", secrets, derived_uid("guide", body.decode()), body, utc_now())
    return request.headers, request.body


def story():
    """Return six changes of a product: four told alone, the last two in a message that gathered them."""
    alone = [
        level_change(sequence=n + 1, before=before, after=after)
        for n, (before, after) in enumerate(pairwise(STEPS[:5]))
    ]
    last = Member("P1", 5, 3, 1, None, "grouped", overtaken=False)
    other = Member("P2", 1, 1, 3, None, "grouped", overtaken=False)
    bodies = [render(one, WORDING) for one in alone]
    return [signed(body) for body in (*bodies, render_many(b"d" * 16, [last, other], "en"))]


def test_in_whatever_order_and_however_often_webhooks_come_the_receiver_ends_at_the_right_level():
    sent = story()
    chance = random.Random(20261125)  # noqa: S311  # a replayable run, not a secret
    ends = set()

    for _ in range(SHUFFLES):
        receiver = Receiver(OLD)
        arrived = chance.sample(sent, len(sent)) + chance.choices(sent, k=2)
        for headers, body in arrived:
            receiver.take(headers, body)
        ends.add(json.dumps(receiver.levels, sort_keys=True))

    assert ends == {'{"P1": [5, "low"], "P2": [1, "high"]}'}


@pytest.mark.parametrize("secrets", [(OLD,), (NEW,), (NEW, OLD)])
def test_it_verifies_during_a_rotation_with_either_secret_or_both(secrets):
    receiver = Receiver(*secrets)

    receiver.take(*signed(render(level_change(), WORDING), (NEW, OLD)))

    assert receiver.levels == {"P1": (1, "high")}


def test_it_refuses_what_another_secret_signed_and_what_was_written_anew():
    headers, body = signed(render(level_change(), WORDING))
    anew = json.dumps(json.loads(body)).encode()

    for secret, given in ((NEW, body), (OLD, anew)):
        with pytest.raises(PermissionError):
            Receiver(secret).take(headers, given)

    assert Webhook(OLD).verify(body, headers)


@pytest.mark.parametrize(
    ("minutes", "answer", "levels"),
    [(4, nullcontext(), {"P1": (1, "high")}), (6, pytest.raises(PermissionError), {})],
    ids=["in time", "too late"],
)
def test_it_refuses_what_was_signed_more_than_five_minutes_ago(minutes, answer, levels):
    then = utc_now() - timedelta(minutes=minutes)
    request = prepare("", (OLD,), derived_uid("guide", "old"), render(level_change(), WORDING), then)
    receiver = Receiver(OLD)

    with answer:
        receiver.take(request.headers, request.body)

    assert receiver.levels == levels


def test_control_a_receiver_that_compares_nothing_ends_at_some_other_level():
    careless: dict[str, object] = {}
    exec(TEXT.replace(COMPARED, "if True:"), careless)  # noqa: S102  # the text of the guide, less its safeguard
    receiver = careless["Receiver"](OLD)

    for headers, body in reversed(story()):
        receiver.take(headers, body)

    assert COMPARED in TEXT
    assert receiver.levels["P1"] == (1, "high")


def test_a_test_changes_no_level():
    receiver = Receiver(OLD)

    receiver.take(*signed(render_trial(b"s" * 16, "en")))

    assert receiver.levels == {}
