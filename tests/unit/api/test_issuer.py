"""Who speaks to the public, as the settings say."""

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.settings import ApiSettings, load
from sealwatch_api.__main__ import issuer_of

BASE = {"SEALWATCH_DATABASE_URL": "postgresql://x", "SEALWATCH_SECRETS_KEY": "x"}
FEED = {"SEALWATCH_FEED_SENDER": "centre.example", "SEALWATCH_PUBLIC_URL": "https://watch.example"}


def test_without_a_sender_nobody_speaks():
    assert issuer_of(load(ApiSettings, BASE)) is None


def test_a_sender_has_a_name_in_each_language():
    issuer = issuer_of(load(ApiSettings, BASE | FEED | {"SEALWATCH_FEED_NAME": "Centre"}))

    assert (issuer.sender, issuer.names) == ("centre.example", {"zh": "监测中心", "en": "Centre"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"SEALWATCH_PUBLIC_URL": ""},
        {"SEALWATCH_FEED_SENDER": "two words"},
        {"SEALWATCH_FEED_SENDER": "a,b"},
        {"SEALWATCH_PUBLIC_URL": "javascript:alert(1)"},
    ],
)
def test_what_cap_cannot_carry_is_refused_at_the_start(wrong):
    with pytest.raises(Misconfigured):
        load(ApiSettings, BASE | FEED | wrong)
