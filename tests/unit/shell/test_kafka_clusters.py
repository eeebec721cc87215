import pytest

from sealwatch.shell.kafka.clusters import Plan


@pytest.mark.parametrize(
    ("profile", "asked", "partitions"),
    [
        ("production", None, 24),
        ("local", None, 6),
        ("test", None, 6),
        ("local", 3, 3),
        ("production", 96, 96),
    ],
)
def test_topics_have_24_partitions_by_default_and_6_on_one_machine(profile, asked, partitions):
    assert Plan.of(profile, asked).partitions == partitions
