import pytest

from sealwatch_cli.local.tenancy import NOBODY, first_barrier, passable, tenant


@pytest.mark.parametrize(
    ("mode", "owner", "free"),
    [(0o755, 0, True), (0o711, 0, True), (0o700, 0, False), (0o700, NOBODY, True), (0o677, NOBODY, False)],
)
def test_a_folder_is_passable_by_the_bit_of_its_owner_or_of_the_others(mode, owner, free):
    assert passable(mode, owner, NOBODY) is free


def test_only_root_lends_a_user():
    assert tenant(0) == NOBODY
    assert tenant(1000) is None


def test_the_outermost_closed_folder_is_named(tmp_path):
    closed = tmp_path / "closed"
    (closed / "deeper").mkdir(parents=True)
    closed.chmod(0o700)

    assert first_barrier(closed / "deeper", None) is None
    assert first_barrier(closed / "deeper", NOBODY) is not None
