"""A public warning as a message of the Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010).

Element order is that of its schema. The parameters ``riskMatrixColor``, ``awareness_level`` and
``consequences`` are named as in the CAP profile of MET Norway (metno/weatherapi-docs); those that
begin with ``sealwatch:`` are ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal
from xml.etree.ElementTree import Element  # a type

from sealwatch.contracts.risk import LevelWord
from sealwatch_api.feed.xml import add, line, root, written

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CHINA = timezone(timedelta(hours=8))
MsgType = Literal["Alert", "Update", "Cancel"]
Status = Literal["Actual", "Test"]
TONGUES = {"zh": "zh-CN", "en": "en"}
EVENTS = {"zh": "防伪产品质量安全风险预警", "en": "Risk warning for an anti-counterfeiting product"}
DRILLS = {"zh": "【演练】", "en": "[DRILL] "}


@dataclass(frozen=True, slots=True)
class Grade:
    """What CAP says of a level; without a colour the level is no level of risk at all."""

    urgency: str
    severity: str
    response: str
    number: int = 0
    colour: str = ""


GRADES: Mapping[LevelWord, Grade] = {
    "serious": Grade("Immediate", "Extreme", "Avoid", 4, "red"),
    "high": Grade("Expected", "Severe", "Monitor", 3, "orange"),
    "medium": Grade("Future", "Moderate", "Monitor", 2, "yellow"),
    "low": Grade("Future", "Minor", "AllClear", 1, "green"),
    "not_assessed": Grade("Unknown", "Unknown", "Monitor"),
}
"""Colours and numbers are those of the profile, which has no blue; the rest is ours."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who speaks: ``sender`` without blanks and commas, a name for each language, where the feed is read."""

    sender: str
    names: Mapping[str, str]
    public_url: str

    def address(self, release_id: bytes) -> str:
        """Return where a message is read."""
        return f"{self.public_url.rstrip('/')}/public/cap/{release_id.hex()}.xml"


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message that this one changes or takes back."""

    sender: str
    identifier: str
    sent: datetime

    def __str__(self) -> str:
        """Return it as CAP writes it."""
        return f"{self.sender},{self.identifier},{instant(self.sent)}"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message says in one language."""

    headline: str
    description: str
    instruction: str
    area: str
    consequences: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the product and its level."""

    product_id: str
    product: str
    sequence: int
    level: LevelWord
    index: float | None
    interval: tuple[float, float] | None
    main_factor: str | None
    region: str | None
    policy_version: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A public message; ``note`` says why one is withdrawn."""

    release_id: bytes
    issuer: Issuer
    sent: datetime
    status: Status
    msg_type: MsgType
    expires_at: datetime
    facts: Facts
    wordings: Mapping[str, Wording]
    references: tuple[Reference, ...] = ()
    note: str = ""


def identifier(release_id: bytes) -> str:
    """Return the identifier of a message: unique everywhere, without blanks, commas, < and &."""
    return f"sealwatch-{release_id.hex()}"


def instant(at: datetime) -> str:
    """Return an instant as CAP writes it, to the second and with an offset."""
    return at.astimezone(CHINA).isoformat(timespec="seconds")


def cap(message: Message) -> bytes:
    """Return a message as it is served."""
    alert = root("alert", NAMESPACE)
    add(alert, "identifier", identifier(message.release_id))
    add(alert, "sender", message.issuer.sender)
    add(alert, "sent", instant(message.sent))
    add(alert, "status", message.status)
    add(alert, "msgType", message.msg_type)
    add(alert, "scope", "Public")
    if message.note:
        add(alert, "note", message.note)
    if message.references:
        add(alert, "references", " ".join(map(str, message.references)))
    for language in TONGUES:
        _add_info(alert, message, language)
    return written(alert)


def headline(message: Message, language: str) -> str:
    """Return the headline; a drill says so before everything else."""
    drill = DRILLS[language] if message.status == "Test" else ""
    return drill + line(message.wordings[language].headline)


def _add_info(alert: Element, message: Message, language: str) -> None:
    info, said, grade = add(alert, "info"), message.wordings[language], GRADES[message.facts.level]
    values = {
        "language": TONGUES[language],
        "category": "Safety",
        "event": EVENTS[language],
        "responseType": "None" if message.msg_type == "Cancel" else grade.response,
        "urgency": grade.urgency,
        "severity": grade.severity,
        "certainty": "Unknown" if message.facts.index is None else "Likely",
        "effective": instant(message.sent),
        "onset": instant(message.facts.changed_at),
        "expires": instant(message.expires_at),
        "senderName": message.issuer.names[language],
        "headline": headline(message, language),
        "description": said.description,
        "instruction": said.instruction,
        "web": message.issuer.address(message.release_id),
    }
    for name, value in values.items():
        add(info, name, value)
    for name, value in _parameters(message, said, grade):
        _add_pair(info, "parameter", name, value)
    _add_area(info, said.area, message.facts.region)


def _parameters(message: Message, said: Wording, grade: Grade) -> Iterator[tuple[str, str]]:
    facts = message.facts
    if grade.colour:
        yield "riskMatrixColor", grade.colour
        yield "awareness_level", f"{grade.number}; {grade.colour}; {grade.severity}"
    if said.consequences:
        yield "consequences", said.consequences
    yield "sealwatch:risk_level", facts.level
    yield "sealwatch:product_id", facts.product_id
    yield "sealwatch:product", facts.product
    yield "sealwatch:sequence", str(facts.sequence)
    if facts.index is not None:
        yield "sealwatch:index", f"{facts.index:.1f}"
    if facts.interval is not None:
        yield "sealwatch:index_interval", "{:.1f} {:.1f}".format(*facts.interval)
    if facts.main_factor:
        yield "sealwatch:main_factor", facts.main_factor
    yield "sealwatch:policy_version", facts.policy_version


def _add_area(info: Element, description: str, region: str | None) -> None:
    area = add(info, "area")
    add(area, "areaDesc", description)
    if region:
        _add_pair(area, "geocode", "GB/T 2260", region)


def _add_pair(parent: Element, kind: str, name: str, value: str) -> None:
    pair = add(parent, kind)
    add(pair, "valueName", name)
    add(pair, "value", value)
