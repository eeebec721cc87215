"""The level that a named person puts in force for a time, over the one of the model. Pure.

The model's own standing goes on beneath; what others are told is the level in force.
"""

from msgspec.structs import replace

from sealwatch.contracts.log import LevelOverridden
from sealwatch.risk.levels import Reason
from sealwatch.risk.policy import Level
from sealwatch.scoring.product import Override, Product


def overridden(product: Product, said: LevelOverridden, at: int) -> Product:
    """Return the product under what a person said last; an older word that comes late changes nothing."""
    if said.revision <= product.override_revision:
        return product
    override = None
    if said.level is not None and said.expires_at is not None:
        until = int(said.expires_at.timestamp())
        override = Override(Level[said.level.upper()], until) if until > at else None
    return replace(product, override=override, override_revision=said.revision, told_on=None)


def expired(product: Product, at: int) -> Product:
    """Return the product at a midnight in Unix seconds, without an override whose end has come."""
    if product.override is None or product.override.until > at:
        return product
    return replace(product, override=None)


def reason_of(product: Product) -> Reason:
    """Return why the level in force is another one once an override came or went."""
    return Reason.OVERRIDE_ENDED if product.override is None else Reason.OVERRIDDEN
