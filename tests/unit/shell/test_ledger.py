import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.ledger import MARKS, digest_of, pending
from sealwatch.shell.migrate import scripts

SHIPPED = {"0001_a": "a", "0002_b": "b", "0003_c": "c"}
NAMES = list(SHIPPED)
RECORDED = {name: digest_of(sql) for name, sql in SHIPPED.items()}


@pytest.mark.parametrize("lacking", [[], ["0003_c"], ["0002_b", "0003_c"], NAMES])
def test_what_comes_after_the_newest_is_pending(lacking):
    recorded = {name: digest for name, digest in RECORDED.items() if name not in lacking}

    assert pending(SHIPPED, recorded) == lacking


@pytest.mark.parametrize("lacking", [["0002_b"], ["0001_a", "0003_c"], ["0001_a", "0002_b"]])
def test_what_was_passed_over_is_pending_only_when_that_is_asked_for(lacking):
    recorded = {name: digest for name, digest in RECORDED.items() if name not in lacking}

    assert pending(SHIPPED, recorded, late=True) == lacking
    with pytest.raises(Misconfigured, match=r"never applied here"):
        pending(SHIPPED, recorded)


def test_a_revision_of_a_newer_release_is_left_alone():
    assert pending(SHIPPED, RECORDED | {"0004_d": "0" * 64}) == []


def test_a_changed_file_is_named():
    with pytest.raises(Misconfigured, match=r"0001_a, 0003_c"):
        pending(SHIPPED | {"0001_a": "A", "0003_c": "C"}, RECORDED)


def test_marks_name_files_that_there_are():
    assert MARKS.keys() <= scripts().keys()
