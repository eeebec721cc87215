import pytest

from sealwatch_cli.local.memory import recall, recall_ports, remember


def test_what_was_remembered_is_recalled(tmp_path):
    remember(tmp_path / "deep" / "facts.json", {"port": 5, "home": "/x"})

    assert recall(tmp_path / "deep" / "facts.json") == {"port": "5", "home": "/x"}
    assert recall_ports(tmp_path / "deep" / "facts.json") == {"port": 5}


@pytest.mark.parametrize("torn", [b"", b'{"port": 1', b"\xff"])
def test_a_torn_file_is_as_good_as_none(tmp_path, torn):
    (tmp_path / "facts.json").write_bytes(torn)

    assert recall(tmp_path / "facts.json") == {}
