"""Lean writers of what the scorer tells: the fields of ``contracts.risk``, already as they travel.

A first sight of a hundred thousand products writes as many level changes; building and checking the
model for each costs 12 us, this 1 us (measured). A contract test holds both to one shape.
"""

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every message about a product says."""

    product_id: str
    category: str | None
    enterprise_id: str | None
    region: str | None
    severity_class: int
    facts_known: bool
    facts_revision: int
    policy_version: str
    last_event_uid: str


class ToldShare(msgspec.Struct, frozen=True, gc=False):
    """A share of the index, as ``risk.FactorShare``."""

    factor: str
    points: float


class ToldChange(Told, frozen=True, kw_only=True, gc=False):
    """A level change, as ``risk.LevelChanged``."""

    uid: str
    sequence: int
    before: str
    after: str
    start_level: str
    index: float | None
    indicated: str
    main_factor: str | None
    reason: str
    changed_at: str
    model_level: str | None = None
    index_p05: float | None = None
    index_p95: float | None = None
    shares: tuple[ToldShare, ...] = ()


class ToldFloor(msgspec.Struct, frozen=True, gc=False):
    """An open floor, as ``risk.OpenFloor``."""

    standard: str
    indicator: str


class ToldAssessment(Told, frozen=True, kw_only=True, gc=False):
    """A latest assessment, as ``risk.RiskAssessed``."""

    revision: int
    risk_level: str
    indicated: str
    index: float | None
    index_p05: float | None
    index_p50: float | None
    index_p95: float | None
    main_factor: str | None
    below_since: str | None
    assessed_at: str
    stale: bool = False
    floors: tuple[ToldFloor, ...] = ()
    model_level: str | None = None
    override_until: str | None = None


written = msgspec.json.Encoder().encode
"""Return the bytes of a message."""
