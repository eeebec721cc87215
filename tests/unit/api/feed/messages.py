"""Messages for tests of the feed, and their reader: another library than the one that writes."""

from datetime import timedelta
from pathlib import Path

from lxml import etree

from sealwatch_api.feed.atom import Entry
from sealwatch_api.feed.cap import Facts, Issuer, Message, Wording
from tests.factories import NOON

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[3] / "data/cap/CAP-v1.2.xsd"))
ISSUER = Issuer("warnings@centre.example", {"zh": "监测中心", "en": "Centre"}, "https://watch.example/")
ZH = Wording(
    "某防伪标签存在严重风险", "监督抽查发现复制品。", "请停止使用该批次。", "北京市朝阳区", "可能买到假货"
)
EN = Wording("Serious risk of a label", "Copies were found.", "Do not use this lot.", "Chaoyang, Beijing")
HOSTILE = "<alert>&amp;]]>\"'\x00\x0b\u202e<!--\ufffe\U0001f600"


def facts(**other):
    known = {
        "product_id": "P1", "product": "Label", "sequence": 3, "level": "serious", "index": 81.25,
        "interval": (70.0, 90.0), "main_factor": "COPY", "region": "110105", "policy_version": "1",
        "changed_at": NOON,
    }  # fmt: skip
    return Facts(**{**known, **other})


def message(**other):
    known = {
        "release_id": b"r" * 16, "issuer": ISSUER, "sent": NOON, "status": "Actual", "msg_type": "Alert",
        "expires_at": NOON + timedelta(days=7), "facts": facts(), "wordings": {"zh": ZH, "en": EN},
    }  # fmt: skip
    return Message(**{**known, **other})


def entry(number=1, **other):
    known = {
        "release_id": number.to_bytes(16, "big"), "number": number, "headlines": ("标题", "Headline"),
        "summaries": ("说明", "Description"), "kinds": ("Alert", "Actual", "serious"), "released_at": NOON,
    }  # fmt: skip
    return Entry(**{**known, **other})


def parsed(document):
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))


def texts(element, path, namespace=CAP):
    steps = "/".join(namespace + step for step in path.split("/"))
    return [one.text for one in element.findall(steps)]


def parameters(document, language=0):
    info = parsed(document).findall(CAP + "info")[language]
    return dict(zip(texts(info, "parameter/valueName"), texts(info, "parameter/value"), strict=True))
