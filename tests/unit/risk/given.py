"""Values that the tests of the risk model share."""

from datetime import UTC, datetime

from sealwatch.risk.evidence import Evidence, evidence, incidents
from sealwatch.risk.facts import Facts
from sealwatch.risk.floors import Check
from sealwatch.risk.state import EMPTY, Said, State, fold_all
from sealwatch.shell.policies import load_policy

DAY = 86_400
POLICY = load_policy()
SPOT_CHECK, WEB = "national_spot_check", "web"
SPECIAL = "national_spot_check_targeted"  # what a spot check by no plan is summed under


def second(iso: str) -> int:
    """Return the Unix second of an ISO instant in UTC."""
    return int(datetime.fromisoformat(iso).replace(tzinfo=UTC).timestamp())


NOON = second("2026-03-01T12:00:00")


def seen(
    failures: float, trials: float, *, of: str = "COPY", by: str = SPOT_CHECK, at: int = NOON
) -> Evidence:
    """Return evidence of full quality under the shipped policy."""
    half_life = POLICY.half_lives[of]
    return evidence(of, by, failures, trials, quality=1.0, at=at, half_life=half_life)


def counted(count: float, days: float, *, of: str = "INTG", by: str = SPOT_CHECK, at: int = NOON) -> Evidence:
    """Return incidents over days, of full quality under the shipped policy."""
    return incidents(of, by, count, days, quality=1.0, at=at, half_life=POLICY.half_lives[of])


def checked(*, failed: bool, at: int = NOON, of: str = "lead") -> Check:
    """Return a check of an indicator against a compulsory national standard."""
    return Check("GB 1", of, at, failed)


def state_of(*pieces: Said) -> State:
    """Return the state that holds these pieces."""
    return fold_all(EMPTY, pieces)


def goods(severity: int) -> Facts:
    """Return facts of goods of this severity."""
    return Facts("any", severity)
