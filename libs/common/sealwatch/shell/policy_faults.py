"""Where in its document a policy is at fault: reasons of the schema and of the proof, with JSON pointers.

The proof speaks of the model, not of the document; the table below says where its words are written.
A reason the table does not know points at the whole document, so that none is ever lost.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

from pydantic import ValidationError

from sealwatch.risk.decay import LONGEST_DAYS
from sealwatch.risk.policy import Level
from sealwatch.risk.proof import LEAST, SEVERITY_CLASSES

LEVELS = ("low", "medium", "high", "serious")
_NAMED = {
    r"no half-life for (.+)": "/factors/{}",
    r"a half-life is at (?:least one day|most a century): (.+)": "/factors/{}/half_life_days",
    r"no weight for (.+)": "/sources/{}",
    r"a weight lies between 0 and 1: (.+)": "/sources/{}/weight",
    r"a grade counts as at most [^:]+: (.+)": "/grades/table/{}",
    r"no coping strategy for (.+)": "/coping/{}",
    r"a targeted side is (?:that of a|no class|not) .+: (.+)": "/sources/{}/targeted_of",
    r"a planned class has one targeted side, and not also: (.+)": "/sources/{}/targeted_of",
    r"a targeted side is opinion .+: (.+)": "/sources/{}/opinion",
}
_PLACED = {
    r"the index ranks in a matrix": "/matrix/indexed",
    r"every cell of the matrix|a matrix needs a column": "/matrix/rows",
    r".*scenario": "/scenarios",
    r"a prior names factors|.*two priors for one factor": "/priors/by_category",
    r"a prior (has (a mean|failures)|is worth)": "/priors",
    r"a policy takes effect": "/effective_from",
    r"a prior of counts": "/incidents/by_category",
    r"counts need": "/incidents",
    r"a chance to rise at": "/levels/raise_at",
    r"the chances to fall below": "/levels/fall_below",
    r"the chance for a corroborated": "/levels/serious_corroborated",
    r"1 to .* source classes corroborate|a factor enters|the floor is": "/levels",
    r"evidence is fresh": "/freshness",
    r"a quality lies": "/quality",
    r"a plan has": "/sampling/planned_modes",
}


class Fault(NamedTuple):
    """What is wrong: a JSON pointer into the document, and a sentence."""

    path: str
    reason: str


def of_schema(error: ValidationError) -> list[Fault] | None:
    """Return what the schema refuses; None where the bytes are no JSON at all."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found and found[0]["type"] == "json_invalid":
        return None
    return [Fault(_pointer(one["loc"]), one["msg"]) for one in found]


def of_proof(message: str, document: Mapping[str, Any]) -> list[Fault]:
    """Return what the proof refuses, each reason where the document says it."""
    _, _, reasons = message.rpartition(f"policy {document['version']}: ")
    return [fault for reason in reasons.split("; ") for fault in _placed(reason, document)]


def _placed(reason: str, document: Mapping[str, Any]) -> Sequence[Fault]:
    for pattern, path in _NAMED.items():
        if match := re.fullmatch(pattern, reason):
            return [Fault(path.format(_step(name)), reason) for name in match[1].split(", ")]
    for start, (part, walk) in _WALKS.items():
        if reason.startswith(start):
            return [Fault(path, reason) for path in [*walk(document)] or [part]]
    place = next((path for pattern, path in _PLACED.items() if re.match(pattern, reason)), "")
    return [Fault(place, reason)]


def _uneven(document: Mapping[str, Any]) -> Iterator[str]:
    rows, bounds = document["matrix"]["rows"], document["matrix"]["bounds"]
    if len(rows) != len(bounds) + 1:
        yield "/matrix/rows"
    width = max(map(len, rows), default=0)
    yield from (f"/matrix/rows/{place}" for place, row in enumerate(rows) if len(row) != width or not row)


def _rising(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the bounds that are not below the one before, the last one if it is not above 0."""
    bounds = document["matrix"]["bounds"]
    for place, (higher, lower) in enumerate(pairwise([1.0, *bounds, 0.0])):
        if not higher > lower:
            yield f"/matrix/bounds/{min(place, len(bounds) - 1)}"


def _unsteady_rows(document: Mapping[str, Any]) -> Iterator[str]:
    for place, row in enumerate(_ranks(document)):
        yield from (
            f"/matrix/rows/{place}/{column + 1}"
            for column, (left, right) in enumerate(pairwise(row))
            if left > right
        )


def _unsteady_columns(document: Mapping[str, Any]) -> Iterator[str]:
    for place, (high, low) in enumerate(pairwise(_ranks(document))):
        yield from (
            f"/matrix/rows/{place + 1}/{column}"
            for column, (above, below) in enumerate(zip(high, low, strict=True))
            if below > above
        )


def _ranks(document: Mapping[str, Any]) -> list[list[int]]:
    return [[int(Level[word.upper()]) for word in row] for row in document["matrix"]["rows"]]


def _impossible_steps(document: Mapping[str, Any]) -> Iterator[str]:
    for place, scenario in enumerate(document["scenarios"]):
        steps = scenario["steps"]
        if not steps:
            yield f"/scenarios/{place}/steps"
        yield from (f"/scenarios/{place}/steps/{_step(name)}" for name, p in steps.items() if not 0 < p <= 1)


def _vanishing_steps(document: Mapping[str, Any]) -> Iterator[str]:
    for place, scenario in enumerate(document["scenarios"]):
        if prod(scenario["steps"].values()) < LEAST:
            yield f"/scenarios/{place}/steps"


def _strange_severities(document: Mapping[str, Any]) -> Iterator[str]:
    named = {
        "/goods/unknown_severity": document["goods"]["unknown_severity"],
        **{
            f"/goods/severities/{_step(name)}": said for name, said in document["goods"]["severities"].items()
        },
        **{
            f"/{part}/by_severity/{key}": int(key)
            for part in ("priors", "incidents")
            for key in document[part]["by_severity"]
        },
        **{f"/scenarios/{n}/severity": one["severity"] for n, one in enumerate(document["scenarios"])},
    }
    yield from (p for p, said in named.items() if said is not None and not 1 <= said <= SEVERITY_CLASSES)


def _endless(document: Mapping[str, Any]) -> Iterator[str]:
    places = {
        "/freshness": ("days", "monitored_days"),
        "/levels": ("fall_after_days",),
        "/incidents": ("horizon_days",),
    }
    for part, names in places.items():
        yield from (f"{part}/{n}" for n in names if document[part.strip("/")][n] > LONGEST_DAYS)


# What the reason begins with; the part of the document it is about; what finds the places in that part.
_WALKS = {
    "the matrix needs one full row": ("/matrix", _uneven),
    "the bounds of the matrix": ("/matrix", _rising),
    "a graver severity never": ("/matrix", _unsteady_rows),
    "a higher probability never": ("/matrix", _unsteady_columns),
    "a step is a probability": ("/scenarios", _impossible_steps),
    "the steps multiply": ("/scenarios", _vanishing_steps),
    "severities that no product has": ("/goods", _strange_severities),
    "a time is at most a century": ("/freshness", _endless),
}


def _pointer(location: Sequence[int | str]) -> str:
    """Return where the schema was at fault; pydantic marks a key itself by a last ``[key]``."""
    steps = location[:-1] if location[-1:] == ("[key]",) else location
    return "".join(f"/{_step(str(step))}" for step in steps)


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
