import pytest

from sealwatch.shell.settings import ALL, IngestSettings, ProcessSettings, ScorerSettings
from sealwatch.shell.settings_table import Row, table_of, text_of


@pytest.mark.parametrize("process", ALL)
def test_every_setting_has_its_variable_and_a_meaning(process):
    rows = table_of(ALL[process])

    assert {row.name for row in rows} == {f"SEALWATCH_{name.upper()}" for name in ALL[process].model_fields}
    assert all(row.kind and row.default and row.meaning for row in rows)


@pytest.mark.parametrize(
    ("settings", "row"),
    [
        (
            IngestSettings,
            Row(
                "SEALWATCH_HTTP_PORT",
                "whole number, at least 1, at most 65535",
                "default 8081",
                "port to listen on",
            ),
        ),
        (
            ScorerSettings,
            Row(
                "SEALWATCH_DATABASE_URL",
                "secret text",
                "required",
                "postgresql://user:password@host/name",
            ),
        ),
        (
            ProcessSettings,
            Row(
                "SEALWATCH_LOG_LEVEL",
                "debug | info | warning | error",
                "default info",
                "least severity logged",
            ),
        ),
        (
            ProcessSettings,
            Row("SEALWATCH_KAFKA_USERNAME", "text", "empty when not given", "user of SASL"),
        ),
    ],
)
def test_a_setting_says_what_it_may_be_and_what_it_is_when_not_given(settings, row):
    assert row in table_of(settings)


def test_a_table_is_two_lines_a_setting_with_the_name_in_one_piece():
    shown = text_of((Row("SEALWATCH_X", "text", "default y", "what for"),))

    assert shown == "  SEALWATCH_X  (text; default y)\n      what for"
