from pathlib import Path

import pytest

from sealwatch_cli.local.jars import KAFKA_VERSION, POM, cache_folder, cached

REPOSITORY = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"SEALWATCH_CACHE": "/own", "XDG_CACHE_HOME": "/x"}, "/own/kafka-4.3.1"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/sealwatch/kafka-4.3.1"),
        ({"XDG_CACHE_HOME": ""}, f"{Path.home()}/.cache/sealwatch/kafka-4.3.1"),
    ],
)
def test_the_cache_is_ours_else_the_platforms(environment, folder):
    assert cache_folder(environment) == Path(folder)


def test_jars_without_the_mark_of_a_finished_download_do_not_count(tmp_path):
    (tmp_path / "libs").mkdir()

    assert not cached(tmp_path)


def test_jars_of_another_pom_do_not_count(tmp_path):
    (tmp_path / POM.name).write_text("<project/>")

    assert not cached(tmp_path)


def test_the_pom_in_deploy_is_the_one_that_is_shipped():
    deployed = REPOSITORY / "deploy" / "kafka-local" / "pom.xml"

    assert deployed.read_bytes() == POM.read_bytes()
    assert f"<version>{KAFKA_VERSION}</version>" in POM.read_text()
