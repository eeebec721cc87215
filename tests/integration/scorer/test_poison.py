"""One bad record never stops the line: it becomes a letter, what is around it counts."""

import pytest

from sealwatch.contracts.codec import attributes_of
from sealwatch.contracts.topics import EVIDENCE
from tests.integration.scorer.rig import impossible, lots, unreadable, unstorable

SIZE = 60
KINDS = {
    "unreadable": (unreadable, "unreadable", "undecodable"),
    "impossible": (impossible, "handler_error", "ValueError"),
    "unstorable": (unstorable, "handler_error", "CharacterNotInRepertoireError"),
}


@pytest.mark.parametrize("place", [0, SIZE // 2, SIZE - 1], ids=["first", "middle", "last"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_poison_becomes_a_letter_and_everything_around_it_counts(rig, kind, place):
    make, error_class, reason = KINDS[kind]
    sent = lots(SIZE - 1)
    sent.insert(place, make())

    await rig.publisher.publish(sent)
    rig.start()

    assert await rig.until(rig.caught_up)
    ((said, letter),) = await rig.letters()
    address = {"topic": EVIDENCE.name, "partition": "0", "offset": str(rig.begun[0] + place)}
    assert said.items() >= (address | {"error_class": error_class}).items()
    assert reason in said["reason"]
    assert (letter.key, letter.value) == (sent[place].key, sent[place].value)
    assert attributes_of(letter.headers).items() >= attributes_of(sent[place].headers).items()
    assert await rig.count("events") == SIZE - 1
    assert await rig.count("seen") == SIZE - 1


async def test_a_repaired_event_is_welcome_under_the_id_of_the_poison(rig):
    poison = impossible()
    await rig.publisher.publish([poison, *lots(3)])
    rig.start()
    assert await rig.until(rig.caught_up)

    await rig.publisher.publish(
        [poison._replace(value=poison.value.replace(b'"failures": 5', b'"failures": 2'))]
    )

    assert await rig.until(rig.caught_up)
    assert await rig.count("events") == 4
    assert await rig.count("quarantine") == 0


async def test_poisons_of_several_partitions_in_one_poll_each_get_a_letter(rig):
    poisons = [impossible(1), unreadable(2), unstorable(3), impossible(1)]
    await rig.publisher.publish([*lots(10, 1), *lots(10, 2), *poisons, *lots(10, 3)])

    rig.start()

    assert await rig.until(rig.caught_up)
    assert sorted(said["partition"] for said, _ in await rig.letters()) == ["1", "1", "2", "3"]
    assert await rig.count("events") == 30
