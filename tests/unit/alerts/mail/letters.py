"""Letters as tests need them, and a way to read them back."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

from sealwatch.shell.policies import load_policy
from sealwatch_alerts.mail.letter import Paper, Reader, warning_letter
from sealwatch_alerts.mail.warning import warned
from sealwatch_alerts.message import BY_WORD
from tests.factories import level_change

POLICY = load_policy(None)
PAPER = Paper("Sealwatch <warnings@centre.example>", "centre.example")
DELIVERY = bytes(range(16))
LINKS = ("https://watch.example/mail/k.a.b", "https://watch.example/v1/products/P1")
AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
SHARES = [
    {"factor": f, "points": p} for f, p in (("QUAL", 1.0), ("COPY", 40.0), ("MKT", 15.0), ("OPIN", 4.0))
]


def reader(language="en", **other):
    return Reader(**{"address": "duty@dep.example", "department": "Dep", "language": language, **other})


def told(name="Label A", reason="raised", **other):
    known = {"index_p05": 55.25, "index_p95": 66.0, "shares": SHARES}
    change = level_change(**{**known, **other})
    return warned(change, reason, name, POLICY.coping.get(BY_WORD[change.after]))


def letter(language="en", of=None, **other):
    return warning_letter(of or told(), reader(language, **other), PAPER, (DELIVERY, AT), LINKS)


def read(envelope):
    return message_from_bytes(envelope.content, policy=policy.default)


def body(envelope, kind):
    return read(envelope).get_body((kind,)).get_content()


class Parts(HTMLParser):
    """The tags, addresses and words of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.words = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data.split()

    @property
    def addresses(self):
        return [value for name, value in self.attributes if name in ("href", "src", "background", "action")]
