"""What counts as a word that somebody saw a warning: by link, api and answer, and never about a test send."""

import pytest
from prometheus_client import REGISTRY

from tests.factories import level_change
from tests.integration.alerts.letterbox import letterbox
from tests.integration.alerts.letterbox import tables as mail_tables
from tests.integration.alerts.office_of_api import office as opened
from tests.integration.alerts.office_of_api import tables

SEEN = b'{"acknowledged": {"who": "Li", "answer": "sampled"}}'
ONE_LOST_COMMIT = """
create sequence public.commits;
grant usage on sequence public.commits to public;
create function public.lost() returns trigger language plpgsql as $$
begin
    if nextval('public.commits') = 1 then raise 'lost' using errcode = '40001'; end if;
    return null;
end $$;
create constraint trigger lost after insert on alerting.acknowledgements
    deferrable initially deferred for each row execute function public.lost();
"""
NONE_LOST = "drop function public.lost cascade; drop sequence public.commits"
ROWS = "select count(*) from alerting.acknowledgements"


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        yield made


@pytest.fixture
async def office(shared):
    async with opened(*shared) as found:
        yield found


@pytest.fixture
async def losing(office):
    """Let the first commit of an acknowledgement fail."""
    await office.watch.execute(ONE_LOST_COMMIT)
    yield office
    await office.watch.execute(NONE_LOST)


@pytest.fixture
async def box(postgres):
    async with mail_tables(postgres) as parts, letterbox(*parts) as made:
        yield made


def counted(via):
    """Return how many words, how many first ones, and how long those took in all."""
    names = ("acknowledgements_total", "acknowledgement_seconds_count", "acknowledgement_seconds_sum")
    return [REGISTRY.get_sample_value(f"sealwatch_{name}", {"via": via}) or 0.0 for name in names]


def since(before, via):
    return [now - then for then, now in zip(before, counted(via), strict=True)]


async def test_an_answer_that_acknowledges_a_test_send_acknowledges_nothing(office):
    path, _ = await office.subscribe()
    await office.told(level_change(before="high", after="serious"))
    before = counted("webhook")
    office.raw.body = SEEN

    _, queued = await office.ask("POST", f"{path}/test")
    await office.deliver(office.nothing_waits)

    _, shown = await office.ask("GET", f"/v1/deliveries/{queued['delivery_id']}")
    assert (shown["state"], shown["cause"]) == ("delivered", "trial")
    assert await office.value(ROWS) == 0
    assert await office.value("select ended from alerting.watches") is None
    assert since(before, "webhook") == [0, 0, 0]


async def test_a_test_send_cannot_be_acknowledged_by_the_api_either(office):
    path, _ = await office.subscribe()
    _, queued = await office.ask("POST", f"{path}/test")

    status, _ = await office.ask(
        "POST", f"/v1/deliveries/{queued['delivery_id']}/acknowledgements", name="Li"
    )

    assert (status, await office.value(ROWS)) == (404, 0)


async def test_an_answer_is_counted_by_its_way_and_the_first_word_by_its_time(office):
    path, _ = await office.subscribe()
    office.raw.body = SEEN
    before = counted("webhook")

    await office.change(level_change(before="high", after="serious"))
    await office.set("update alerting.decisions set decided_at = decided_at - interval '90 s'")
    await office.deliver(office.nothing_waits)
    await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z", states=["delivered"])
    await office.deliver(office.nothing_waits)

    words, first, seconds = since(before, "webhook")
    assert (words, first) == (1, 1)
    assert 90 <= seconds < 120


async def test_words_by_the_api_are_counted_and_only_the_first_is_timed(office):
    await office.subscribe()
    await office.told(level_change(before="high", after="serious"))
    delivery = (await office.value("select delivery_id from alerting.deliveries")).hex()
    before = counted("api")

    for said in ({"name": "Li"}, {"name": "Li"}, {"name": "Li", "answer": "twelve samples taken"}):
        await office.ask("POST", f"/v1/deliveries/{delivery}/acknowledgements", **said)

    assert since(before, "api")[:2] == [2, 1]
    assert await office.value(ROWS) == 2


async def test_a_word_whose_commit_was_lost_is_counted_when_it_is_written(losing):
    await losing.subscribe()
    losing.raw.body = SEEN
    before = counted("webhook")

    await losing.change(level_change(before="high", after="serious"))
    await losing.deliver(losing.nothing_waits)

    assert await losing.value(ROWS) == 1
    assert since(before, "webhook")[:2] == [1, 1]


async def test_a_word_by_the_api_that_was_not_committed_is_not_counted(losing):
    await losing.subscribe()
    await losing.told(level_change(before="high", after="serious"))
    delivery = (await losing.value("select delivery_id from alerting.deliveries")).hex()
    before = counted("api")

    status, _ = await losing.ask("POST", f"/v1/deliveries/{delivery}/acknowledgements", name="Li")

    assert (status, await losing.value(ROWS)) == (503, 0)
    assert since(before, "api")[:2] == [0, 0]


async def test_the_button_of_a_letter_is_counted_as_a_link(box):
    await box.confirmed()
    await box.change(level_change())
    await box.deliver(box.counts(delivered=1))
    await box.watch.execute("update alerting.decisions set decided_at = decided_at - interval '1 h'")
    before = counted("link")

    for _ in range(2):
        await box.http.post(box.link(box.post.letters[0]), data={"name": "Li"})

    words, first, seconds = since(before, "link")
    assert (words, first) == (1, 1)
    assert 3_600 <= seconds < 3_660
