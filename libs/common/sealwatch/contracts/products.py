"""Product facts: what a product is, as the centre records it; they travel with the evidence."""

from typing import Annotated

from pydantic import Field

from sealwatch.contracts.base import Body, Code, Id, Name, ProductId, Region

SeverityClass = Annotated[int, Field(ge=1, le=4, description="4 is the gravest, by the policy of the centre")]


class SentFacts(Body):
    """The facts of a product as they are sent; a class left out is that of the policy's table."""

    name: Name
    category: Code
    severity_class: SeverityClass | None = None
    enterprise_id: Id | None = None
    region: Region | None = None
    technology: Code | None = None


class ProductFacts(SentFacts):
    """The facts that scoring and warning depend on."""

    severity_class: SeverityClass


class ProductDescribed(Body):
    """One revision of a product's facts, in the same log as its evidence."""

    product_id: ProductId
    facts_revision: Annotated[int, Field(ge=1)]
    recorded_at: str
    facts: ProductFacts
