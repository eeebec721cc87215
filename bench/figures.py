"""From what was seen to what is reported. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = dict[str, float | int | str]


class VoidRun(Exception):  # noqa: N818  # an outcome, not a fault of the program
    """The run measured nothing: events were lost, refused or counted twice."""


@dataclass(frozen=True, slots=True)
class Span:
    """Work done between two looks at a clock; CPU is user and system time of one process."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def events_per_second(self) -> int:
        """Return the rate."""
        return round(self.events / self.seconds)

    @property
    def cpu_us_per_event(self) -> float:
        """Return the CPU of an event in microseconds."""
        return round(self.cpu_seconds / self.events * 1e6, 1)


@dataclass(frozen=True, slots=True)
class Look:
    """One look: a monotonic clock, the CPU used so far, the events done so far."""

    at: float
    cpu: float
    done: int

    def until(self, later: "Look") -> Span:
        """Return what happened between two looks."""
        return Span(later.done - self.done, later.at - self.at, later.cpu - self.cpu)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all values does not exceed (nearest rank)."""
    ranked = sorted(values)
    rank = max(1, -(-len(ranked) * round(share * 1000) // 1000))
    return ranked[rank - 1]


def in_ms(seconds: float) -> float:
    """Return milliseconds with one digit."""
    return round(seconds * 1000, 1)


def delays(sent: Mapping[str, float], arrived: Mapping[str, float]) -> list[float]:
    """Return the seconds from each sending to its arrival, or raise VoidRun where one never arrived."""
    missing = sent.keys() - arrived.keys()
    if missing:
        raise VoidRun(f"{len(missing)} of {len(sent)} posts led to no webhook")
    return [arrived[name] - at for name, at in sent.items()]


def expect(what: str, found: int, wanted: int) -> None:
    """Raise VoidRun unless nothing was lost and nothing came twice."""
    if found != wanted:
        raise VoidRun(f"{what}: {found} instead of {wanted}")


def table(title: str, figures: Figures) -> str:
    """Return figures as lines to read."""
    width = max(map(len, figures))
    rows = (f"  {name:<{width}}  {_shown(value):>12}" for name, value in figures.items())
    return "\n".join([title, *rows])


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"
