"""Product facts: what a product is, as the centre records it; they travel with the evidence."""

from typing import Annotated

from pydantic import Field

from sealwatch.contracts.base import Body, Code, Id, Name, ProductId, Region

SeverityClass = Annotated[int, Field(ge=1, le=4, description="4 is the gravest, by the policy of the centre")]


class ProductFacts(Body):
    """The facts that scoring and warning depend on."""

    name: Name
    category: Code
    severity_class: SeverityClass
    enterprise_id: Id | None = None
    region: Region | None = None
    technology: Code | None = None


class ProductDescribed(Body):
    """One revision of a product's facts, in the same log as its evidence."""

    product_id: ProductId
    facts_revision: Annotated[int, Field(ge=1)]
    recorded_at: str
    facts: ProductFacts
