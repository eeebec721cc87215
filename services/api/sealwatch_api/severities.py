"""The severity class of a product that is described: what was sent, else what the policy lists."""

from typing import Literal, NamedTuple

from sealwatch.contracts.door import FieldError
from sealwatch.contracts.products import ProductFacts, SentFacts
from sealwatch.risk.policy import Policy
from sealwatch_api.problems import Declined

Flag = Literal["severity_from_policy", "severity_differs"]


class Classed(NamedTuple):
    """Facts with their class, what the policy lists for such goods, and what is to be said of both."""

    facts: ProductFacts
    listed: int | None
    flags: tuple[Flag, ...]


def classed(sent: SentFacts, policy: Policy) -> Classed:
    """Return the facts as they are recorded, or raise Declined where nobody says how severe harm would be.

    What is recorded stays: a later table is for products described from then on.
    """
    listed, given = policy.severities.get(sent.category), sent.severity_class
    chosen = listed if given is None else given
    if chosen is None:
        reason = f"is needed: policy {policy.version} lists no class for this category"
        raise Declined(
            422,
            "severity_class_needed",
            errors=[FieldError("/severity_class", "severity_class_needed", reason)],
        )
    facts = ProductFacts(**{**sent.model_dump(), "severity_class": chosen})
    return Classed(facts, listed, _flags(given, listed))


def _flags(given: int | None, listed: int | None) -> tuple[Flag, ...]:
    if given is None:
        return ("severity_from_policy",)
    return () if listed in (given, None) else ("severity_differs",)
