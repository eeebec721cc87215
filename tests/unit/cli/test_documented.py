import pytest
from typer.testing import CliRunner

from sealwatch.shell.settings import ALL
from sealwatch_cli.main import app


@pytest.mark.parametrize(
    ("words", "process"),
    [
        (("ingest",), "ingest"),
        (("scorer",), "scorer"),
        (("alerts",), "alerts"),
        (("api",), "api"),
        (("migrate",), "admin"),
        (("topics", "apply"), "topics"),
    ],
)
def test_the_help_of_a_process_lists_all_its_settings_and_no_other(words, process):
    shown = CliRunner().invoke(app, [*words, "--help"])

    named = {word for word in shown.output.split() if word.startswith("SEALWATCH_")}
    assert shown.exit_code == 0
    assert named == {f"SEALWATCH_{name.upper()}" for name in ALL[process].model_fields}
