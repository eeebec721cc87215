"""Taking an earlier event back."""

from typing import Annotated

from pydantic import Field

from sealwatch.contracts.base import Code, Id, Instant, Posted, Text


class Retraction(Posted):
    """Takes back an earlier event of the same organisation, also one that has not arrived yet."""

    source: Annotated[Code, Field(description="the source that sent the event to take back")]
    retracted_event_id: Id
    reason: Text
    retracted_at: Instant
