"""A named person's word on the level of a product, for a time; it travels with the evidence."""

from typing import Annotated, Literal

from pydantic import Field

from sealwatch.contracts.base import Body, ProductId

GradedWord = Literal["low", "medium", "high", "serious"]


class LevelOverridden(Body):
    """Puts a level in force until it expires, or takes the word before back; the newest revision counts."""

    product_id: ProductId
    revision: Annotated[int, Field(ge=1, description="counts the words on one product")]
    level: Annotated[GradedWord | None, Field(description="empty where the word before is taken back")]
    reason: str
    expires_at: Annotated[str | None, Field(description="RFC 3339, empty with the level")]
    recorded_at: str
    recorded_by: Annotated[str, Field(description="organisation/source of who said so")]
