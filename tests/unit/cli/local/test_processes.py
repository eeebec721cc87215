import json

import pytest

from sealwatch_cli.local.processes import Entry, parse_register


def test_a_register_is_read_back_as_it_was_written():
    text = json.dumps([{"name": "api", "pid": 7, "birth": "boot:5", "port": 8080, "stage": 0}])

    assert parse_register(text) == (Entry("api", 7, "boot:5", port=8080, stage=0),)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"name": "api"}]', '[{"other": 1}]'])
def test_a_torn_register_names_nobody(text):
    assert parse_register(text) == ()
