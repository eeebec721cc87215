"""Which shipped policy a database goes by until one is published."""

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.first_policy import FirstPolicy, shipped, shipped_as
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.succession import objections

DIGESTS = {
    "2026.1": "1cefc28a498e77740f791a83f0ee030d5c20fada2c7f968e0fff9537b59bcb98",
    "2026.2": "da2808f24c9deaa54bb2a579f155e02d5bad1cbf26a51794e93a94a53fd9d80e",
}


class Database:
    """What a database began with, and how often it was asked."""

    def __init__(self, version):
        self.version, self.asked = version, 0

    async def began_with(self):
        self.asked += 1
        return self.version


def test_what_was_shipped_under_a_name_never_changes():
    assert {one.policy.version: one.digest for one in shipped()} == DIGESTS


def test_the_version_of_this_release_is_the_first():
    assert shipped()[0].digest == load_version().digest


@pytest.mark.parametrize("version", DIGESTS)
async def test_a_database_is_asked_once_for_the_version_it_began_with(version):
    database, first = Database(version), FirstPolicy()

    found = [await first.version(database.began_with) for _ in range(2)]

    assert [one.policy.version for one in found] == [version, version]
    assert database.asked == 1


async def test_a_file_goes_before_what_a_database_began_with():
    database, file = Database("2026.1"), load_version()

    assert await FirstPolicy(file).version(database.began_with) is file
    assert database.asked == 0


def test_a_version_of_another_release_is_refused_by_its_name():
    with pytest.raises(Misconfigured, match=r"the shipped policy 2031\.1, which is of another release"):
        shipped_as("2031.1")


def test_two_shipped_versions_make_sums_of_two_kinds():
    newest, before = shipped()

    assert [fault.path for fault in objections(before.document, newest.document)] == [
        "/sources/national_spot_check_targeted",
        "/sources/local_spot_check_targeted",
        "/sampling",
    ]
