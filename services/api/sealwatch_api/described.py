"""A revision of a product's facts as it travels with the evidence."""

from datetime import datetime

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.products import ProductDescribed, ProductFacts
from sealwatch.contracts.topics import EVIDENCE

TYPE = "product.described.v1"


def uid_of_revision(product_id: str, revision: int) -> bytes:
    """Return the uid of a revision of a product's facts: its receipt tells when it was scored."""
    return derived_uid("product.described", product_id, str(revision))


def described_record(
    product_id: str, revision: int, facts: ProductFacts, recorder: Stamp, now: datetime
) -> Record:
    """Return the record of a revision."""
    body = ProductDescribed(
        product_id=product_id, facts_revision=revision, recorded_at=now.isoformat(), facts=facts
    )
    envelope = Envelope(TYPE, uid_of_revision(product_id, revision), product_id, now)
    return encode(envelope, body.model_dump_json().encode(), recorder.headers(), EVIDENCE.name)
