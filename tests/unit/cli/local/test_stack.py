import stat

import pytest

from sealwatch.shell.settings import AlertsSettings, ApiSettings, IngestSettings, ScorerSettings, load
from sealwatch_cli.local.stack import Stack, link_keys, ports_of, sealwatch_table, secrets_key

KEY = "0" * 43 + "="


def local_stack(tmp_path):
    ports = {"api": 8080, "ingest": 8081, "scorer": 8082, "alerts": 8083, "mailbox": 8025}
    return Stack(tmp_path, "127.0.0.1:9092", "postgresql://u:p@h/d", KEY, ports)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api", ApiSettings),
        ("ingest", IngestSettings),
        ("scorer", ScorerSettings),
        ("alerts", AlertsSettings),
    ],
)
def test_every_service_understands_what_it_is_told(tmp_path, name, kind):
    told = local_stack(tmp_path).environment(name)

    settings = load(kind, told)

    assert settings.http_port == local_stack(tmp_path).ports[name]
    assert settings.instance == f"{name}-0"
    assert settings.kafka_profile == "local"


def test_the_ports_of_a_stack_are_read_back_as_they_were_saved(tmp_path):
    local_stack(tmp_path).save()

    assert ports_of(tmp_path) == local_stack(tmp_path).ports


def test_the_saved_secrets_are_for_their_owner_only(tmp_path):
    local_stack(tmp_path).save()

    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600


def test_a_folder_in_which_no_stack_was_started_knows_no_ports(tmp_path):
    assert ports_of(tmp_path) == {}


def test_each_key_is_made_once_and_neither_forgets_the_other(tmp_path):
    made = secrets_key(tmp_path), link_keys(tmp_path)

    assert (secrets_key(tmp_path), link_keys(tmp_path)) == made
    assert load(AlertsSettings, local_stack(tmp_path).environment("alerts")).smtp_port == 8025


def test_the_table_names_every_service_once(tmp_path):
    names = [member.name for member in sealwatch_table(tmp_path).members]

    assert sorted(names) == ["alerts", "api", "ingest", "mailbox", "receiver", "scorer"]
