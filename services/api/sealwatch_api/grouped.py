"""From the sums of many products to the rates and the index of their group. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from sealwatch.contracts.risk import LevelWord, Points
from sealwatch.risk.facts import Facts
from sealwatch.risk.groups import of_classes, together
from sealwatch.risk.index import Assessment, Item, assess_many
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import State, decode
from sealwatch_api.levels import word
from sealwatch_api.risks import FactorRow, factors_of

Dimension = Literal["category", "region", "technology", "enterprise"]


class GroupFactor(FactorRow):
    """A factor as goods of one severity show it; a group has as many rows of a factor as severities."""

    severity_class: int
    enters: Annotated[bool, Field(description="whether it enters the index of goods of its severity")]


class Rates(BaseModel):
    """What one way of sampling says of a group: its index is the highest over the severities of its goods.

    ``factors`` are those of all its goods, the least severe first.
    """

    index: Points | None
    index_p05: Points | None
    index_p50: Points | None
    index_p95: Points | None
    indicated: LevelWord
    main_factor: str | None
    severity_class: Annotated[int | None, Field(description="of the goods that have this index")]
    factors: list[GroupFactor]


class Rollup(BaseModel):
    """A group of products; ``value`` is empty for goods that were not described.

    ``planned`` is what sources that sample by a plan say, and is the rate of the population.
    ``targeted`` is what complaints, enforcement and the market say: it follows where inspectors look.
    The source class decides, and of a planned class that has a targeted side in the policy the monitoring
    mode of each lot: a special inspection then counts as targeted.
    """

    dimension: Dimension
    value: str | None
    products: Annotated[int, Field(description="with any evidence")]
    planned: Rates
    targeted: Rates
    as_of: datetime
    policy_version: str


def rollups_of(
    dimension: Dimension, rows: Sequence[RowMapping], policy: Policy, as_of: datetime
) -> list[Rollup]:
    """Return the groups of some rows, which come in order of their values."""
    return [
        _rollup(dimension, value, list(group), policy, as_of)
        for value, group in groupby(rows, key=lambda row: row["value"])
    ]


def _rollup(
    dimension: Dimension, value: str, rows: Sequence[RowMapping], policy: Policy, as_of: datetime
) -> Rollup:
    category = value or None if dimension == "category" else None
    parts = [[decode(state) for state in row["states"]] for row in rows]
    sums = [
        (together(part), Facts(category, row["severity_class"], known=bool(value)))
        for part, row in zip(parts, rows, strict=True)
    ]
    if dimension == "enterprise":  # a part is a product here
        products = sum(state.pieces > 0 for part in parts for state in part)
    else:
        products = sum(row["products"] for row in rows)
    others = frozenset(policy.source_weights) - policy.planned_classes
    return Rollup(
        dimension=dimension,
        value=value or None,
        products=products,
        planned=_rates(sums, policy.planned_classes, policy, as_of),
        targeted=_rates(sums, others, policy, as_of),
        as_of=as_of,
        policy_version=policy.version,
    )


def _rates(
    sums: Sequence[tuple[State, Facts]], classes: frozenset[str], policy: Policy, as_of: datetime
) -> Rates:
    at = int(as_of.timestamp())
    parts = [(of_classes(state, classes), facts) for state, facts in sums]
    items = [Item(state, facts, at) for state, facts in parts if state.sums or state.counts]
    seen = assess_many(items, policy) if items else []
    found = [(one, item.facts.severity) for one, item in zip(seen, items, strict=True)]
    gravest, severity = max(found, key=_gravity, default=(None, None))
    return Rates(
        index=gravest.index if gravest else None,
        index_p05=gravest.ri05 if gravest else None,
        index_p50=gravest.ri50 if gravest else None,
        index_p95=gravest.ri95 if gravest else None,
        indicated=word(gravest.indicated if gravest else 0),
        main_factor=gravest.main_factor if gravest else None,
        severity_class=severity,
        factors=[
            GroupFactor(**row.model_dump(), severity_class=severity_class)
            for one, severity_class in found
            for row in factors_of(one)
        ],
    )


def _gravity(found: tuple[Assessment, int]) -> tuple[int, float, int]:
    seen, severity = found
    return int(seen.indicated), seen.index or 0.0, severity
