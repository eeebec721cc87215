"""Settings that would open a door are refused before anything starts."""

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.settings import AlertsSettings, ApiSettings, load

NEEDED = {"SEALWATCH_DATABASE_URL": "postgresql://a:b@localhost/c", "SEALWATCH_SECRETS_KEY": "k"}
OPEN = NEEDED | {"SEALWATCH_ALLOW_PRIVATE_WEBHOOKS": "true"}


@pytest.mark.parametrize("kind", [AlertsSettings, ApiSettings])
@pytest.mark.parametrize("profile", [{}, {"SEALWATCH_KAFKA_PROFILE": "production"}])
def test_private_webhooks_are_refused_in_production(kind, profile):
    with pytest.raises(Misconfigured, match="SEALWATCH_ALLOW_PRIVATE_WEBHOOKS: only with"):
        load(kind, OPEN | profile)


@pytest.mark.parametrize("kind", [AlertsSettings, ApiSettings])
@pytest.mark.parametrize("profile", ["local", "test"])
def test_private_webhooks_are_for_the_local_stack_and_tests(kind, profile):
    assert load(kind, OPEN | {"SEALWATCH_KAFKA_PROFILE": profile}).allow_private_webhooks


@pytest.mark.parametrize("kind", [AlertsSettings, ApiSettings])
def test_without_the_switch_production_starts(kind):
    assert not load(kind, NEEDED).allow_private_webhooks
