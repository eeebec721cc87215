"""Bodies about endpoints of webhooks."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from sealwatch.contracts.base import Body, Instant

KEPT = timedelta(days=30)  # the reach of a replay, as Standard Webhooks' peers offer; older rows stay, unsent
Url = Annotated[str, Field(min_length=1, max_length=2048, description="receives signed webhooks")]
Replayed = Literal["delivered", "dead", "cancelled"]


class Rotation(Body):
    """How long the old secret signs beside the new one; with 0 it stops at once, as after a leak."""

    overlap_seconds: Annotated[int, Field(ge=0, le=7 * 86_400)] = 86_400


class ReplayRange(Body):
    """Which deliveries are sent again: those made in a span of the last 30 days, by how they ended."""

    since: Annotated[Instant, Field(description="RFC 3339 with an offset")]
    until: Annotated[Instant | None, Field(description="before this instant; now where it is left out")] = (
        None
    )
    states: Annotated[
        tuple[Replayed, ...],
        Field(min_length=1, max_length=3, strict=False, description="add `delivered` after a loss of data"),
    ] = ("dead", "cancelled")
