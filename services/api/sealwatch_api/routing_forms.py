"""Bodies about who is told: departments, rules, silences, dry runs, and what was done."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Code, Factor, Id, Instant, Name, ProductId, Region
from sealwatch.contracts.risk import LevelWord
from sealwatch_api.forms import MOST_OF_A_LIST, HexId, Why

DAY_SECONDS = 86_400
Factors = Annotated[tuple[Factor, ...], Field(max_length=MOST_OF_A_LIST)]
Products = Annotated[tuple[ProductId, ...], Field(max_length=MOST_OF_A_LIST)]


class DepartmentFacts(Body):
    """A department, and the office above it."""

    name: Name
    parent_id: Code | None = None


class NewRules(Body):
    """How often departments are told, and when one notice stands for many."""

    window_seconds: Annotated[int, Field(ge=60, le=DAY_SECONDS)] = 600
    most_messages: Annotated[
        int, Field(ge=1, le=1_000, description="to a department in any window, besides the top level")
    ] = 10
    repeat_seconds: Annotated[
        int, Field(ge=0, le=30 * DAY_SECONDS, description="before the same level is told again")
    ] = 14_400
    inhibit_products: Annotated[
        int, Field(ge=2, le=100_000, description="of an enterprise, at High or above, that make one notice")
    ] = 10
    inhibit_seconds: Annotated[
        int, Field(ge=60, le=30 * DAY_SECONDS, description="for which that notice speaks for its products")
    ] = 3_600
    silence_products: Annotated[
        int, Field(ge=1, le=100_000, description="that a silence may match without a second person's word")
    ] = 20


class NewSilence(Body):
    """What is to be kept quiet, why, and until when; an empty list lets all through, but one must not be."""

    reason: Why
    expires_at: Annotated[Instant, Field(description="within 366 days; RFC 3339 with an offset")]
    starts_at: Annotated[Instant | None, Field(description="now where it is left out")] = None
    department_id: Code | None = None
    categories: Annotated[tuple[Code, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    regions: Annotated[tuple[Region, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    enterprises: Annotated[tuple[Id, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    factors: Factors = ()
    products: Products = ()

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not (self.categories or self.regions or self.enterprises or self.factors or self.products):
            raise PydanticCustomError("silence_without_scope", "says nothing of what is to be quiet")
        return self


class Hypothesis(Body):
    """A level change that might be."""

    product_id: ProductId
    before: LevelWord
    after: LevelWord
    category: Code | None = None
    region: Region | None = None
    enterprise_id: Id | None = None
    main_factor: Factor | None = None


class DryRun(Body):
    """Whom to ask about: a change that was heard of, or one that might be."""

    notice_id: HexId | None = None
    change: Hypothesis | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.notice_id is None) == (self.change is None):
            raise PydanticCustomError("one_of_two", "name either a notice or a change")
        return self


class FollowUp(Body):
    """What was done about an action."""

    follow_up: Why
