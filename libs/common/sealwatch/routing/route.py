"""Whom a change is told to, whom it is not, and why: one decision for each reader it concerns.

The order of the questions is the rule. What is at the top level is told at once, by itself and
whatever anybody silenced; everything else may be kept quiet, each time with the reason on record,
or wait in a message that gathers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.routing.audience import USUAL, Audience, Rules, Subscription, is_below, kind_of, missed
from sealwatch.routing.history import Gathering, History, Pace, Standing, Told, spacing
from sealwatch.routing.notice import HIGH, RANK, SERIOUS


class Cause(StrEnum):
    """What a change is to a reader, by what that reader was told before."""

    FIRST_NOTICE = "first_notice"
    ESCALATED = "escalated"
    RAISED_AGAIN = "raised_again"
    REPEAT = "repeat_interval_elapsed"
    ALL_CLEAR = "all_clear"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    """Why a change is told in another way than at once by itself, or not at all; else it is the cause."""

    GROUPED = "grouped"
    DIGEST = "digest"
    ENTERPRISE = "enterprise_notice"
    BELOW = "below_minimum"
    REPEATED = "within_repeat_interval"
    PAUSED = "paused"
    SILENCED = "silenced"
    INHIBITED = "inhibited_by_enterprise_notice"


@dataclass(frozen=True, slots=True)
class Message:
    """What carries a decision to its reader: of its own, or one that gathers until it is due."""

    delivery_id: bytes
    due_at: datetime
    grouped: bool = False
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader gets, why, and what the change is to that reader.

    ``message`` is empty where nothing is told; then ``rule_id`` names the silence, or the notice of
    the enterprise, that kept it quiet.
    """

    subscription: Subscription
    cause: Cause
    reason: Why | Cause
    message: Message | None = None
    rule_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A change before one of its readers."""

    change: LevelChanged
    one: Subscription
    history: History
    rules: Rules
    now: datetime

    @property
    def after(self) -> int:
        """Return the level that was reached."""
        return RANK[self.change.after]

    @property
    def told(self) -> Told | None:
        """Return what this reader was last told of the product."""
        return self.history.told.get((self.one.subscription_id, self.change.product_id))

    @property
    def is_grave(self) -> bool:
        """Return whether a side of the change is the top level, which nobody can silence."""
        return SERIOUS in (self.after, RANK[self.change.before])

    @property
    def is_high(self) -> bool:
        """Return whether a side of the change is High or above, which no pause holds back."""
        return max(self.after, RANK[self.change.before]) >= HIGH


def notice_id_of(change: LevelChanged) -> bytes:
    """Return the id of the notice of a change."""
    return _notice_id(change.uid)


@lru_cache(maxsize=4096)  # asked for by everything that a notice leads to
def _notice_id(uid: str) -> bytes:
    return derived_uid("notice", uid)


def route(
    change: LevelChanged, audience: Audience, history: History, rules: Mapping[str, Rules], now: datetime
) -> list[Verdict]:
    """Return one decision for each subscription whose filters the change passes.

    ``rules`` are those of an organisation, by its id, the usual ones where it has none.
    """
    return [
        _verdict(Case(change, one, history, rules.get(one.organisation_id, USUAL), now), audience)
        for one in audience.subscriptions
        if missed(change, one) is None
    ]


def _verdict(case: Case, audience: Audience) -> Verdict:
    cause = _cause(case)
    if is_below(case.change, case.one):
        return Verdict(case.one, cause, Why.BELOW)
    if case.after == SERIOUS:
        return Verdict(case.one, cause, cause, _single(case))
    quiet = _quiet(case, audience, cause)
    if quiet is not None:
        why, rule_id = quiet
        return Verdict(case.one, cause, why, rule_id=rule_id)
    message = _paced(case, audience.share(case.one, case.rules))
    return Verdict(case.one, cause, _reason(case, cause, message), message)


def _cause(case: Case) -> Cause:
    """Return what a change is to its reader."""
    if case.after == 0:
        return Cause.WITHDRAWN
    if kind_of(case.change) == "all_clear":
        return Cause.ALL_CLEAR
    told = case.told
    if told is None:
        return Cause.FIRST_NOTICE
    if case.after == told.after:
        return Cause.REPEAT
    return Cause.ESCALATED if case.after > told.after else Cause.RAISED_AGAIN


def _quiet(case: Case, audience: Audience, cause: Cause) -> tuple[Why, bytes | None] | None:
    """Return why nothing is told now, and by which rule, or None."""
    if case.is_grave:
        return None  # who was told of the top level hears that it is over
    if case.one.is_paused(case.now) and not case.is_high:
        return Why.PAUSED, None
    for silence in audience.silences:
        newly = case.history.newly[silence.silence_id]
        if silence.acts(case.now, newly) and silence.quiets(case.one, case.change):
            return Why.SILENCED, silence.silence_id
    standing = _standing(case)
    if standing is not None and cause not in (Cause.ALL_CLEAR, Cause.WITHDRAWN):
        return Why.INHIBITED, standing.notice_id
    told = case.told
    if cause is Cause.REPEAT and told is not None and case.now - told.at < case.rules.repeat_after:
        return Why.REPEATED, None
    return None


def _standing(case: Case) -> Standing | None:
    """Return the notice of the enterprise that speaks for this change too."""
    enterprise_id = case.change.enterprise_id
    if enterprise_id is None:
        return None
    found = case.history.standing.get((case.one.subscription_id, enterprise_id))
    return found if found and case.now < found.until and case.after <= found.level else None


def _reason(case: Case, cause: Cause, message: Message) -> Why | Cause:
    if _speaks_for_enterprise(case):
        return Why.ENTERPRISE
    if message.digest:
        return Why.DIGEST
    return Why.GROUPED if message.grouped else cause


def _speaks_for_enterprise(case: Case) -> bool:
    """Return whether so many products of the enterprise have risen that this notice is about all of it."""
    enterprise_id = case.change.enterprise_id
    if enterprise_id is None or case.after < HIGH or kind_of(case.change) == "all_clear":
        return False
    since = case.now - case.rules.inhibit_for
    known = case.history.grave_products((case.one.subscription_id, enterprise_id), since)
    return len({*known, case.change.product_id}) >= case.rules.inhibit_products


def _single(case: Case) -> Message:
    notice_id = notice_id_of(case.change)
    return Message(derived_uid("delivery", notice_id.hex(), case.one.subscription_id.hex()), case.now)


def _paced(case: Case, share: int) -> Message:
    """Return the message that carries it, so that a reader gets at most ``share`` in any window."""
    pace = case.history.pace(case.one.subscription_id)
    if case.one.digest and not case.is_high:
        every = case.one.digest_every or case.rules.digest_every
        return _gathered(case, pace.digest, case.now + every, digest=True)
    singly, gap = spacing(case.rules.window, share)
    is_gathering = pace.group is not None and pace.group.is_open(case.now)
    if not is_gathering and len(pace.since(case.now - case.rules.window)) < singly:
        return _single(case)
    return _gathered(case, pace.group, case.now + gap, digest=False)


def _gathered(case: Case, open_one: Gathering | None, closes_at: datetime, *, digest: bool) -> Message:
    if open_one is not None and open_one.is_open(case.now):
        return Message(open_one.delivery_id, open_one.closes_at, grouped=True, digest=digest)
    parts = (notice_id_of(case.change).hex(), case.one.subscription_id.hex())
    return Message(derived_uid("group", *parts), closes_at, grouped=True, digest=digest)


def remember(
    history: History, change: LevelChanged, verdict: Verdict, rules: Mapping[str, Rules], now: datetime
) -> None:
    """Keep what was decided, so that the next decision knows of it."""
    message, key, after = verdict.message, verdict.subscription.subscription_id, RANK[change.after]
    if verdict.reason is Why.SILENCED and verdict.rule_id is not None:
        history.silence(verdict.rule_id, change.product_id)
    if message is None:
        return
    mine = rules.get(verdict.subscription.organisation_id, USUAL)
    history.told[key, change.product_id] = Told(after, now)
    if after < SERIOUS:
        history.paces[key] = _pace_after(history.pace(key), message, now - mine.window)
    if change.enterprise_id is None or after < HIGH:
        return
    place = (key, change.enterprise_id)
    history.grave.setdefault(place, {})[change.product_id] = now
    if verdict.reason is Why.ENTERPRISE:
        history.standing[place] = Standing(notice_id_of(change), after, now + mine.inhibit_for)


def _pace_after(pace: Pace, message: Message, since: datetime) -> Pace:
    """Return the pace after a message that is not at the top level."""
    if message.digest:
        return Pace(pace.told_at, pace.group, Gathering(message.delivery_id, message.due_at))
    if not message.grouped:
        return Pace((*pace.since(since), message.due_at), pace.group, pace.digest)
    if pace.group is not None and pace.group.delivery_id == message.delivery_id:
        return pace
    gathering = Gathering(message.delivery_id, message.due_at)
    return Pace((*pace.since(since), message.due_at), gathering, pace.digest)
