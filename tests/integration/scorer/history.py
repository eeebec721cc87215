"""A long recorded log with everything in it that scoring must survive, the same for every run of a seed."""

from datetime import timedelta
from random import Random

from tests.factories import DAY_MS, NOON, NOON_MS, description, inspection, received, retraction

PARTITIONS = 3
STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
MODES = ("daily", "special", "daily", "professional")
KINDS = ("lot", "lot", "lot", "lot", "back", "again", "other", "facts", "noise")


def history(days, a_day, products=12, seed=1, back_ms=20 * 3_600_000):
    """Return ``a_day`` records on each of some days, in the order in which they were recorded."""
    chance, offsets, sent = Random(seed), [0] * PARTITIONS, {}  # noqa: S311  # no secret
    log = []
    for number in range(days * a_day):
        at_ms = NOON_MS + number * DAY_MS // a_day + chance.choice((0, 0, 0, -40_000, -back_ms))
        product = chance.randrange(products)
        partition = product % PARTITIONS
        body = _body(chance, f"P{product}", number, sent, NOON + number * timedelta(days=1) / a_day)
        one = received(body, offsets[partition], at_ms, partition)
        log.append(one._replace(value=b"\xff") if chance.random() < 0.01 else one)
        offsets[partition] += 1
    return log


def _body(chance, product, number, sent, at):
    lots = sent.setdefault(product, [])
    kind = chance.choice(KINDS) if lots else "lot"
    if kind == "back":  # also of lots that are still to come, and of those taken back before
        of = chance.choice([chance.choice(lots)["event_id"], f"{product}-{len(lots) + chance.randrange(3)}"])
        return retraction(product, f"back-{number}", of)
    if kind == "again":
        return chance.choice(lots)
    if kind == "other":
        return chance.choice(lots) | {"lot": f"other than {number}"}
    if kind == "facts":
        return description(product, number + 1, chance.randrange(1, 5), chance.choice(["labels", "inks"]))
    if kind == "noise":
        return inspection(product, f"noise-{number}") | {"items": []}
    lots.append(_lot(chance, product, len(lots), at))
    return lots[-1]


def _lot(chance, product, number, at):
    late = timedelta(days=chance.choice((0, 0, 0, 3, 40, 170)))
    body = inspection(product, f"{product}-{number}", failed=chance.random() < 0.2, sampled_at=at - late)
    body["monitoring_mode"] = MODES[number % len(MODES)]
    bound = {"indicator": "peel", "factor": "QUAL", "verdict": chance.choice(["pass", "pass", "fail"])}
    return body | {"items": [*body["items"], bound | {"standard": STANDARD}][: chance.choice((1, 2))]}
