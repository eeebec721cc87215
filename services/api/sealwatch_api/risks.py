"""From rows to what is said of a product's risk. Pure: the policy is an argument."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from sealwatch.contracts.products import ProductFacts
from sealwatch.contracts.risk import LevelWord, Points
from sealwatch.risk.facts import Facts, unknown
from sealwatch.risk.floors import Clause, open_floors
from sealwatch.risk.index import Assessment, Item, assess_many
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import decode
from sealwatch_api.levels import Floor, Override, floors_of, level_in_force, override_of, word


class Product(BaseModel):
    """A product with its recorded facts and where it stands.

    ``risk_level`` is the level in force: the model's, unless a named person's word covers it.
    ``state`` not_assessed means that too little is known, which is never the same as low risk.
    The index is the model's at ``assessed_at``; its bounds are empty while the assessment was made
    under a policy version that is not in the registry.
    """

    product_id: str
    facts: ProductFacts | None
    facts_revision: Annotated[int | None, Field(description="of the recorded facts")]
    facts_known: Annotated[bool, Field(description="whether facts were recorded for this product")]
    facts_unknown: Annotated[
        bool, Field(description="assessed before its facts were recorded; redecided when they arrive")
    ] = False
    state: Literal["assessed", "not_assessed"]
    risk_level: LevelWord
    colour: str
    model_level: Annotated[LevelWord, Field(description="what the model puts in force")] = "not_assessed"
    override: Override | None = None
    stale: Annotated[bool, Field(description="the newest evidence has outlived the policy's limit")] = False
    floors: Annotated[
        list[Floor], Field(description="what keeps the model's level high until it passes")
    ] = []
    index: Points | None = None
    index_p05: Points | None = None
    index_p50: Points | None = None
    index_p95: Points | None = None
    indicated: LevelWord = "not_assessed"
    main_factor: str | None = None
    below_since: str | None = None
    events: int = 0
    newest_evidence_at: datetime | None = None
    assessed_at: datetime | None = None
    assessed_facts_revision: Annotated[int | None, Field(description="of the facts it was assessed by")] = (
        None
    )
    policy_version: str | None = None
    last_event_uid: str | None = None


class FactorRow(BaseModel):
    """What is believed of one factor: effective failures and trials, and its failure rate."""

    factor: str
    failures: float
    trials: float
    rate: Annotated[float, Field(description="expected failure rate")]
    rate_p05: float
    rate_p50: float
    rate_p95: float
    harm: Annotated[float, Field(description="expected probability of harm")]
    enters: Annotated[bool, Field(description="whether it enters the index")]


class Change(BaseModel):
    """A product moved to another level."""

    uid: str
    product_id: str
    sequence: int
    before: LevelWord
    after: LevelWord
    index: Points | None
    indicated: LevelWord
    main_factor: str | None
    reason: str
    category: str | None
    enterprise_id: str | None
    region: str | None
    severity_class: int
    facts_revision: int
    policy_version: str
    last_event_uid: str
    changed_at: datetime
    model_level: Annotated[
        LevelWord | None, Field(description="the model's own level; empty in changes of before")
    ] = None


class ProductInFull(Product):
    """A product with its factors and its newest level changes."""

    factors: Annotated[
        list[FactorRow] | None, Field(description="empty where an unknown policy version assessed it")
    ]
    history: list[Change]


class Seen(NamedTuple):
    """What is worked out anew of a product, as far as its policy is known."""

    assessment: Assessment | None = None
    floors: Sequence[Clause] = ()


def products_of(
    rows: Sequence[RowMapping], policies: Mapping[str, Policy], now: datetime
) -> list[tuple[Product, Assessment | None]]:
    """Return the products of some rows; those of one policy version are assessed in one go."""
    by_id: dict[str, Seen] = {}
    for version, policy in policies.items():
        own = [row for row in rows if row["state"] is not None and row["policy_version"] == version]
        items = [item_of(row, policy) for row in own]
        found = assess_many(items, policy) if items else []
        floors = [open_floors(item.state.floors, item.at, policy.thresholds) for item in items]
        whole = zip(own, found, floors, strict=True)
        by_id |= {row["product_id"]: Seen(seen, clauses) for row, seen, clauses in whole}
    both = [(row, by_id.get(row["product_id"], Seen())) for row in rows]
    return [(_product(row, seen, now), seen.assessment) for row, seen in both]


def in_full(
    product: Product,
    seen: Assessment | None,
    history: Sequence[RowMapping],
    policies: Mapping[str, Policy],
) -> ProductInFull:
    """Return a product with factors and history."""
    strange = product.policy_version is not None and product.policy_version not in policies
    factors = None if strange else factors_of(seen)
    return ProductInFull(**dict(product), factors=factors, history=[change_of(row) for row in history])


def change_of(row: RowMapping) -> Change:
    """Return the level change of a row."""
    levels: dict[str, object] = {name: word(row[name]) for name in ("before", "after", "indicated")}
    uids = {name: row[name].hex() for name in ("uid", "last_event_uid")}
    levels["model_level"] = None if row["model_level"] is None else word(row["model_level"])
    same = Change.model_fields.keys() - levels.keys() - uids.keys()
    return Change.model_validate({name: row[name] for name in same} | levels | uids)


def item_of(row: RowMapping, policy: Policy) -> Item:
    """Return what is asked about a state's row: at the instant it was assessed."""
    facts = unknown(policy)
    if row["facts_known"]:
        facts = Facts(
            row["state_category"],
            row["state_severity_class"],
            known=True,
            revision=row["state_facts_revision"],
        )
    return Item(decode(row["state"]), facts, int(row["assessed_at"].timestamp()))


def _product(row: RowMapping, seen: Seen, now: datetime) -> Product:
    level = level_in_force(row, now)
    recorded = row["facts_revision"] is not None
    known = Product(
        product_id=row["product_id"],
        facts=_facts(row) if recorded else None,
        facts_revision=row["facts_revision"],
        facts_known=recorded,
        state="not_assessed" if level is Level.NOT_ASSESSED else "assessed",
        risk_level=word(level),
        colour=level.colour,
    )
    return known if row["state"] is None else known.model_copy(update=_standing(row, seen, now))


def _standing(row: RowMapping, known: Seen, now: datetime) -> dict[str, object]:
    since, seen = row["below_since"], known.assessment
    bounds = {"index_p05": seen.ri05, "index_p50": seen.ri50, "index_p95": seen.ri95} if seen else {}
    return {
        "index": seen.index if seen else row["index"],
        **bounds,
        "model_level": word(row["level"]),
        "override": override_of(row, now),
        "stale": row["stale"],
        "floors": floors_of(known.floors),
        "facts_unknown": not row["facts_known"],
        "indicated": word(row["indicated"]),
        "main_factor": row["main_factor"],
        "below_since": since.isoformat() if since else None,
        "events": row["events"],
        "newest_evidence_at": row["newest_evidence_at"],
        "assessed_at": row["assessed_at"],
        "assessed_facts_revision": row["state_facts_revision"] if row["facts_known"] else None,
        "policy_version": row["policy_version"],
        "last_event_uid": row["last_event_uid"].hex(),
    }


def _facts(row: RowMapping) -> ProductFacts:
    return ProductFacts.model_validate({name: row[name] for name in ProductFacts.model_fields})


def factors_of(seen: Assessment | None) -> list[FactorRow]:
    """Return what an assessment says of each factor."""
    rows = seen.rows if seen else ()
    return [
        FactorRow(
            factor=row.factor,
            failures=row.failures,
            trials=row.trials,
            rate=row.mean,
            rate_p05=row.q05,
            rate_p50=row.q50,
            rate_p95=row.q95,
            harm=row.p_harm,
            enters=row.enters,
        )
        for row in rows
    ]
