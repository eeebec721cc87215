"""What is remembered of a product's evidence: sums that no order of arrival can change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from operator import add, sub

from sealwatch.risk.decay import factor_at
from sealwatch.risk.evidence import Evidence

Key = tuple[str, str, int]
"""Factor, source class and half-life: amounts of two half-lives are never added together."""

Sums = tuple[int, int]
"""Failures and trials, in millionths times G (see ``decay``)."""

_VERSION = 1
_LENGTH = 2  # bytes of a length


@dataclass(frozen=True, slots=True)
class State:
    """The sums of one product and how many pieces of evidence they hold.

    Never changed in place: ``fold`` returns another state that shares what did not change.
    Keys are kept sorted, an entry of zeros is dropped. A retraction that comes before its event
    leaves negative sums, which the event then cancels.
    """

    sums: dict[Key, Sums] = field(default_factory=dict)
    pieces: int = 0


EMPTY = State()


def fold(state: State, evidence: Evidence) -> State:
    """Add one piece of evidence; of quality 0 it is counted and adds nothing."""
    return State(_moved(state.sums, evidence, add), state.pieces + 1)


def fold_all(state: State, pieces: Iterable[Evidence]) -> State:
    """Add everything that one event says."""
    for piece in pieces:
        state = fold(state, piece)
    return state


def retract(state: State, evidence: Evidence) -> State:
    """Take one piece of evidence back, to the very bits that were there without it."""
    return State(_moved(state.sums, evidence, sub), state.pieces - 1)


def encode(state: State) -> bytes:
    """Return the state as bytes: the same sums give the same bytes, whatever their history."""
    parts = [bytes((_VERSION,)), _signed(state.pieces)]
    for key, (failures, trials) in state.sums.items():
        parts += (_label(key), _signed(failures), _signed(trials))
    return b"".join(parts)


def decode(raw: bytes) -> State:
    """Return the state that ``encode`` wrote."""
    if raw[:1] != bytes((_VERSION,)):
        raise ValueError(f"a state of version {_VERSION} was expected, not {raw[:1].hex()}")
    pieces, at = _read_signed(raw, 1)
    sums: dict[Key, Sums] = {}
    while at < len(raw):
        start, at = at + 1, at + 1 + raw[at]
        key = _key(raw[start:at])
        failures, at = _read_signed(raw, at)
        trials, at = _read_signed(raw, at)
        sums[key] = (failures, trials)
    return State(sums, pieces)


def digest(state: State) -> bytes:
    """Return 32 bytes that two states share only if their sums are the same."""
    return sha256(encode(state)).digest()


def _moved(sums: dict[Key, Sums], evidence: Evidence, move: Callable[[int, int], int]) -> dict[Key, Sums]:
    key = (evidence.factor, evidence.source_class, evidence.half_life)
    grown = factor_at(evidence.at, evidence.half_life)
    old = sums.get(key)
    failures, trials = old or (0, 0)
    failures = move(failures, evidence.failures_millionths * grown)
    trials = move(trials, evidence.trials_millionths * grown)
    if not (failures or trials):
        return {other: sums[other] for other in sums if other != key}
    moved = {**sums, key: (failures, trials)}
    return moved if old else dict(sorted(moved.items()))


def _signed(number: int) -> bytes:
    """Return how many low bytes are zero, how many follow, and these: old sums end in zeros."""
    raw = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    kept = raw.lstrip(b"\0")
    zeros = (len(raw) - len(kept)).to_bytes(_LENGTH, "big")
    return zeros + len(kept).to_bytes(_LENGTH, "big") + kept


def _read_signed(raw: bytes, at: int) -> tuple[int, int]:
    start = at + 2 * _LENGTH
    zeros = int.from_bytes(raw[at : at + _LENGTH], "big")
    end = start + int.from_bytes(raw[at + _LENGTH : start], "big")
    if end > len(raw):
        raise ValueError("a state ends in the middle of a number")
    return int.from_bytes(raw[start:end], "little", signed=True) << 8 * zeros, end


@lru_cache(maxsize=4096)
def _label(key: Key) -> bytes:
    raw = "\0".join(map(str, key)).encode()
    return bytes((len(raw),)) + raw


@lru_cache(maxsize=4096)
def _key(raw: bytes) -> Key:
    factor, source_class, half_life = raw.decode().split("\0")
    return factor, source_class, int(half_life)
