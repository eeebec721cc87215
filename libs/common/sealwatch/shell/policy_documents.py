"""A policy with its document: the digest, the numbers with their sources, the faults with their paths."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from sealwatch.contracts.strict_json import NotStrict, canonical
from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Policy
from sealwatch.shell.policies import DEFAULT, PolicyDocument, policy_of
from sealwatch.shell.policy_faults import Fault, of_proof, of_schema

Document = Mapping[str, Any]
OURS = "ours"  # a source that begins with this word names no source: the number is our own choice


@dataclass(frozen=True, slots=True)
class Version:
    """A proven policy and its document, every default written out."""

    policy: Policy
    document: Document

    @property
    def digest(self) -> str:
        """Return what identifies the document: SHA-256 of its canonical form, in hex."""
        return digest_of(self.document)


class Unproven(Misconfigured):
    """A document that cannot be scored with; ``faults`` say where and why, one by one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the message names them all."""
        super().__init__("; ".join(f"{fault.path or '/'}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


class Unreadable(Misconfigured):
    """What was named is not there, or is no strict JSON."""


class Number(NamedTuple):
    """A number of a document: its JSON pointer, its source, and whether that source is ourselves."""

    path: str
    value: float
    source: str
    ours: bool


def version_of(raw: bytes) -> Version:
    """Return the version that these bytes hold, or raise Unreadable or Unproven."""
    try:
        policy = policy_of(raw)
    except Misconfigured as error:
        raise _told(error, raw) from None
    return Version(policy, PolicyDocument.model_validate_json(raw).model_dump(mode="json"))


def version_in(document: Document) -> Version:
    """Return the version of a document that is already decoded."""
    return version_of(json.dumps(document).encode())


def load_version(path: Path | None = None) -> Version:
    """Return the version of a file, of the shipped one where none is named."""
    chosen = path or DEFAULT
    try:
        raw = chosen.read_bytes()
    except OSError as error:
        raise Unreadable(f"{chosen.name}: {error.strerror}") from error
    return version_of(raw)


def _told(error: Misconfigured, raw: bytes) -> Misconfigured:
    cause = error.__cause__
    if isinstance(cause, NotStrict):
        return Unreadable(f"not one strict JSON value: {cause.code}")
    if isinstance(cause, ValidationError):
        faults = of_schema(cause)
        return Unreadable("not JSON") if faults is None else Unproven(faults)
    return Unproven(of_proof(str(error), json.loads(raw)))


def digest_of(document: Document) -> str:
    """Return the SHA-256 of a document, the same however its numbers are written (10, 10.0, 1e1)."""
    return sha256(canonical(_as_doubles(document))).hexdigest()


def _as_doubles(value: object) -> object:
    """Return a value with every number as a double, which is what a policy reads it as."""
    if isinstance(value, Mapping):
        return {key: _as_doubles(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_doubles(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def numbers_of(document: Document) -> list[Number]:
    """Return every number of a document with its source: the nearest one that is named above it."""
    return list(_numbers(document, "", str(document["source"]), ours=False))


def _numbers(value: object, path: str, source: str, *, ours: bool) -> Iterator[Number]:
    if isinstance(value, Mapping):
        source, ours = _source_of(value, source), ours or value.get("shipped") is True
        for key, part in value.items():
            yield from _numbers(part, f"{path}/{pointed(key)}", source, ours=ours)
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _numbers(part, f"{path}/{place}", source, ours=ours)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield Number(path, value, source, ours or source.lower().startswith(OURS))


def _source_of(part: Mapping[str, Any], above: str) -> str:
    """Return the source a part names: its own, its author with the date, or the one above."""
    if part.get("source"):
        return str(part["source"])
    return f"{part['author']}, {part['dated']}" if {"author", "dated"} <= part.keys() else above


def pointed(key: str) -> str:
    """Return a name as a step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
