import json

import pytest
import typer

from sealwatch.shell.settings import known_names
from sealwatch_cli.filters import Api, Key, filters_of, listing
from sealwatch_cli.shown import plain, report, show, tame


def test_filters_are_named_as_the_api_names_them():
    found = filters_of(["reason=a=b", "error-class=unreadable", "from=2026-03-01T00:00:00Z"])

    assert found == {
        "reason": "a=b",
        "error_class": "unreadable",
        "appended_from": "2026-03-01T00:00:00Z",
    }


@pytest.mark.parametrize("wrong", ["reason", "reason=", "colour=blue", "=x"])
def test_a_filter_that_is_none_is_refused(wrong):
    with pytest.raises(typer.BadParameter):
        filters_of([wrong])


@pytest.mark.parametrize(
    ("where", "state"), [(None, "open"), (["state=dismissed"], "dismissed"), (["state=all"], None)]
)
def test_a_list_shows_what_is_open_unless_a_state_is_named(where, state):
    assert listing(where).get("state") == state


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"text": "plain", "base64": "cGxhaW4="}, "plain"),
        ({"text": None, "base64": "/w=="}, "base64 /w=="),
        (None, "-"),
        (3, "3"),
    ],
)
def test_bytes_are_shown_as_text_where_they_are_text(value, text):
    assert plain(value) == text


def test_what_a_sender_wrote_is_neither_markup_nor_a_terminal_control():
    assert tame("[red]x[/red] \x1b[2J").plain == "[red]x[/red] \ufffd[2J"


def test_json_lines_keep_every_field(capsys):
    show([{"letter_id": "a"}, {"letter_id": "b"}], ("letter",), lambda row: (row["letter_id"],), lines=True)

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"letter_id": "a"},
        {"letter_id": "b"},
    ]


def test_any_refusal_is_the_exit_code_and_is_said(capsys):
    with pytest.raises(typer.Exit) as end:
        report(2, "replayed", {"id": "409 no_stamp"})

    said = capsys.readouterr()
    assert (end.value.exit_code, said.out, said.err) == (
        1, "2 replayed, 1 refused\n", "id: 409 no_stamp\n",
    )  # fmt: skip


def test_what_the_desk_reads_from_the_environment_is_no_stray_setting():
    read = {
        option.envvar
        for annotated in (Api, Key)
        for option in annotated.__metadata__
    }  # fmt: skip

    assert read <= known_names()
