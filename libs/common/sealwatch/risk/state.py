"""What is remembered of a product's evidence: sums that no order of arrival can change."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import add, sub
from struct import Struct
from typing import NamedTuple

from sealwatch.risk.decay import factor_at
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.floors import Check, Floors, noted
from sealwatch.risk.once import shared

Key = tuple[str, str, int]
"""Factor, source class and half-life: amounts of two half-lives are never added together."""

Sums = tuple[int, int]
"""Failures and trials (or incidents and days), in millionths times G (see ``decay``)."""

Said = Evidence | Check
"""What an event can say: evidence, and how it stood against a compulsory standard."""

_VERSION = 2
_LENGTH = 2  # bytes of a length
_LENGTHS = Struct(">HH")
_NOUGHT = _LENGTHS.pack(1, 0)
_TRIALS, _COUNTS, _FLOORS = b"t", b"c", b"f"


_NONE: dict[Key, Sums] = {}
_NO_FLOORS: Floors = {}


class State(NamedTuple):
    """The sums of one product, how many pieces of evidence they hold, and its compulsory checks.

    Never changed in place: ``fold`` returns another state that shares what did not change.
    Keys are kept sorted, an entry of zeros is dropped. A retraction that comes before its event
    leaves negative sums, which the event then cancels. ``counts`` are kept apart from trials:
    incidents over an exposure lead to another distribution.
    """

    sums: dict[Key, Sums] = _NONE
    pieces: int = 0
    counts: dict[Key, Sums] = _NONE
    floors: Floors = _NO_FLOORS


EMPTY = State()


def fold(state: State, said: Said) -> State:
    """Add one piece of evidence (of quality 0 it is counted and adds nothing) or one check."""
    if isinstance(said, Check):
        return state._replace(floors=noted(state.floors, said))
    return _moved(state, said, add, 1)


def fold_all(state: State, said: Iterable[Said]) -> State:
    """Add everything that one event says."""
    sums, pieces, counts, floors = state
    sums, is_sorted = dict(sums), True
    before, grown = None, 0
    for piece in said:
        if isinstance(piece, Check):
            floors = noted(floors, piece)
            continue
        pieces += 1
        if piece.counted:
            counts = _changed(counts, piece, add)
            continue
        if before is None or before.at != piece.at or before.half_life != piece.half_life:
            grown = factor_at(piece.at, piece.half_life)
        before = piece
        is_sorted = _put(sums, piece, grown) and is_sorted
    return State(sums if is_sorted else dict(sorted(sums.items())), pieces, counts, floors)


def retract(state: State, evidence: Evidence) -> State:
    """Take one piece of evidence back, to the very bits that were there without it."""
    return _moved(state, evidence, sub, -1)


def with_floors(state: State, floors: Floors) -> State:
    """Return the state with checks worked out again, which is how a check is taken back."""
    return state._replace(floors=floors)


def encode(state: State) -> bytes:
    """Return the state as bytes: the same sums give the same bytes, whatever their history."""
    parts = [bytes((_VERSION,)), _signed(state.pieces)]
    for key, (failures, trials) in state.sums.items():
        parts += (_label(_TRIALS, key), _signed(failures), _signed(trials))
    for key, (seen, days) in state.counts.items():
        parts += (_label(_COUNTS, key), _signed(seen), _signed(days))
    for clause, (failed, passed) in state.floors.items():
        parts += (_label(_FLOORS, clause), _signed(failed), _signed(passed))
    return b"".join(parts)


def decode(raw: bytes) -> State:
    """Return the state that ``encode`` wrote; one of another version is made anew from the events."""
    if raw[:1] != bytes((_VERSION,)):
        raise ValueError(f"a state of version {_VERSION} was expected, not {raw[:1].hex()}")
    pieces, at = _read_signed(raw, 1)
    sums: dict[Key, Sums] = {}
    other: dict[bytes, tuple[int, int]] = {}
    while at < len(raw):
        start = at + _LENGTH
        end = start + int.from_bytes(raw[at:start], "big")
        label = raw[start:end]
        first, at = _read_signed(raw, end)
        second, at = _read_signed(raw, at)
        if label.startswith(_TRIALS):
            sums[_key(label)] = (first, second)
        else:
            other[label] = (first, second)
    return _with(State(sums, pieces), other) if other else State(sums, pieces)


def digest(state: State) -> bytes:
    """Return 32 bytes that two states share only if their sums are the same."""
    return sha256(encode(state)).digest()


def _moved(state: State, evidence: Evidence, move: Callable[[int, int], int], pieces: int) -> State:
    sums, folded, counts, floors = state
    if evidence.counted:
        return State(sums, folded + pieces, _changed(counts, evidence, move), floors)
    return State(_changed(sums, evidence, move), folded + pieces, counts, floors)


def _changed(sums: dict[Key, Sums], evidence: Evidence, move: Callable[[int, int], int]) -> dict[Key, Sums]:
    key = (evidence.factor, evidence.source_class, evidence.half_life)
    grown = factor_at(evidence.at, evidence.half_life)
    old = sums.get(key)
    failures, trials = old or (0, 0)
    failures = move(failures, evidence.failures_millionths * grown)
    trials = move(trials, evidence.trials_millionths * grown)
    if not (failures or trials):
        return {other: sums[other] for other in sums if other != key}
    moved = {**sums, shared(key): (failures, trials)}
    return moved if old else dict(sorted(moved.items()))


def _put(sums: dict[Key, Sums], evidence: Evidence, grown: int) -> bool:
    """Add to sums that are ours alone; return whether their keys are still in order."""
    factor, source_class, failures, trials, _, half_life, _ = evidence
    key = (factor, source_class, half_life)
    old = sums.get(key)
    if old is None:
        if failures or trials:
            sums[shared(key)] = (failures * grown, trials * grown)
        return not (failures or trials)
    moved = (old[0] + failures * grown, old[1] + trials * grown)
    if moved == (0, 0):
        del sums[key]
    else:
        sums[key] = moved
    return True


def _signed(number: int) -> bytes:
    """Return how many low bytes are zero, how many follow, and these: old sums end in zeros."""
    if not number:
        return _NOUGHT  # most products never failed
    raw = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    kept = raw.lstrip(b"\0")
    return _LENGTHS.pack(len(raw) - len(kept), len(kept)) + kept


def _read_signed(raw: bytes, at: int) -> tuple[int, int]:
    start = at + _LENGTHS.size
    zeros, length = _LENGTHS.unpack_from(raw, at) if start <= len(raw) else (0, len(raw))
    end = start + length
    if end > len(raw):
        raise ValueError("a state ends in the middle of a number")
    return int.from_bytes(raw[start:end], "little", signed=True) << 8 * zeros, end


def _with(state: State, other: Mapping[bytes, tuple[int, int]]) -> State:
    counts = {_key(label): pair for label, pair in other.items() if label[:1] == _COUNTS}
    floors = {_clause(label): pair for label, pair in other.items() if label[:1] == _FLOORS}
    if len(counts) + len(floors) < len(other):
        raise ValueError("a state holds an entry of a kind that is not known")
    return State(state.sums, state.pieces, counts, floors)


@lru_cache(maxsize=16_384)
def _label(kind: bytes, key: tuple[str | int, ...]) -> bytes:
    raw = kind + "\0".join(map(str, key)).encode()
    return len(raw).to_bytes(_LENGTH, "big") + raw


@lru_cache(maxsize=4096)
def _key(label: bytes) -> Key:
    factor, source_class, half_life = label[1:].decode().split("\0")
    return factor, source_class, int(half_life)


@lru_cache(maxsize=16_384)
def _clause(label: bytes) -> tuple[str, str]:
    standard, indicator = label[1:].decode().split("\0")
    return standard, indicator
