from collections.abc import Iterator
from pathlib import Path

import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import Jvm, Machine, choose_kafka
from sealwatch_cli.local.processes import Register


@pytest.fixture(scope="module")
def source(machine: Machine) -> Jvm:
    chosen = choose_kafka(machine, None)
    assert isinstance(chosen, Jvm)
    return chosen


@pytest.fixture(scope="module")
def broker(servers: tuple[Path, Register], source: Jvm) -> Iterator[Broker]:
    broker = Broker(servers[0] / "own-kafka", source)
    broker.start()
    yield broker
    broker.stop()


def test_a_killed_broker_comes_back_under_its_address(broker: Broker):
    before = broker.bootstrap

    broker.kill()
    silent = broker.answers()
    broker.start()

    assert not silent
    assert broker.answers()
    assert broker.bootstrap == before


def test_a_frozen_broker_does_not_answer_and_a_thawed_one_does(broker: Broker):
    broker.freeze()
    frozen = broker.answers()
    broker.thaw()

    assert not frozen
    assert broker.answers()


def test_a_later_start_finds_the_folder_and_the_port(broker: Broker, source: Jvm):
    marks = [path.read_text() for path in (broker.folder / "log").glob("meta.properties")]
    broker.stop()

    later = Broker(broker.folder, source)
    later.start()
    found = [path.read_text() for path in (later.folder / "log").glob("meta.properties")]
    later.stop()
    broker.start()

    assert found == marks
    assert later.bootstrap == broker.bootstrap


def test_a_broker_that_cannot_be_formatted_says_why_and_where_its_log_is(tmp_path: Path, source: Jvm):
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho no space left on this disk\nexit 3\n")
    broken.chmod(0o700)

    with pytest.raises(Misconfigured, match=r"code 3.*server\.log:\nno space left on this disk"):
        Broker(tmp_path / "kafka", Jvm(str(broken), source.cache, source.maven)).start()
