"""Which policy version follows which, and what must be scored anew for it. Pure: the day is an argument.

The version in force depends on the day that is scored and on what was published, never on a clock: the
sweep of the day before adopts it, whenever that sweep is run.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar

from sealwatch.contracts.strict_json import canonical
from sealwatch.shell.policy_documents import Document, pointed
from sealwatch.shell.policy_faults import Fault

ABSENT = None


class Published(Protocol):
    """What the order of versions depends on; a later publication wins on the same day."""

    @property
    def effective_from(self) -> date:
        """Return the first day it is to be scored with."""

    @property
    def publication(self) -> int:
        """Return its place in the order of publishing; 0 for the one a process was started with."""


One = TypeVar("One", bound=Published)


def in_force(policies: Iterable[One], day: date) -> One | None:
    """Return the newest version that is effective on a day, None where none is yet."""
    effective = [one for one in policies if one.effective_from <= day]
    return max(effective, key=lambda one: (one.effective_from, one.publication), default=None)


class Effect(StrEnum):
    """What it takes for a change of the document to have its effect."""

    RESCORING = "rescoring"
    SWEEP = "sweep"
    DESCRIBED = "described"
    TEXT = "text"


class Change(NamedTuple):
    """A difference of two documents at one path; None where a document has nothing there."""

    path: str
    old: Any
    new: Any
    effect: Effect


# Half-lives, quality and grade tables are folded into the sums, and so is what is folded at all; roll-ups
# are kept per severity, so the one assumed for undescribed goods decides in which sums they are. So do sides.
_RESCORED = re.compile(
    r"/factors/[^/]+(/half_life_days)?|/sources/[^/]+(/targeted_of)?|/sampling(/planned_modes(/.*)?)?"
    r"|/quality(/.*)?|/grades(/.*)?|/goods/unknown_severity"
)
_DESCRIBED = re.compile(r"/goods/severities(/.*)?")  # scoring reads the class that was recorded
_TEXT = re.compile(
    r"/(version|author|effective_from|source)|/factors/[^/]+/name|/matrix/(name|source|confirmed_by)"
    r"|/scenarios/\d+/(author|dated|shipped)|/(priors|incidents|grades|sampling)/source|/coping(/.*)?"
)


def differences(old: Document, new: Document) -> list[Change]:
    """Return what differs, path by path; lists are compared place by place."""
    return [Change(path, was, now, _effect(path)) for path, was, now in _walked(old, new, "")]


def _walked(old: Any, new: Any, path: str) -> Iterable[tuple[str, Any, Any]]:  # noqa: ANN401  # any JSON
    left, right = _parts(old), _parts(new)
    if left is None or right is None:
        if canonical(old) != canonical(new):
            yield path, old, new
        return
    for step in [*left, *(key for key in right if key not in left)]:
        yield from _walked(left.get(step, ABSENT), right.get(step, ABSENT), f"{path}/{pointed(step)}")


def _parts(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401  # any JSON
    if isinstance(value, list | tuple):
        return {str(place): part for place, part in enumerate(value)}
    return value if isinstance(value, Mapping) else None


def _effect(path: str) -> Effect:
    if _TEXT.fullmatch(path):
        return Effect.TEXT
    if _DESCRIBED.fullmatch(path):
        return Effect.DESCRIBED
    return Effect.RESCORING if _RESCORED.fullmatch(path) else Effect.SWEEP


def objections(old: Document, new: Document) -> list[Fault]:
    """Return why a version cannot be adopted at a sweep: it would mix two kinds of sums."""
    reason = "changes only by scoring anew and switching"
    return [Fault(one.path, reason) for one in differences(old, new) if one.effect is Effect.RESCORING]
