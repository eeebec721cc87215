"""What the bench reports follows from what it saw, and a run that lost something is void."""

import pytest

from bench.figures import Look, VoidRun, delays, expect, percentile, table


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        ([3.0], 0.99, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.5, 50.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([float(n) for n in range(1, 1001)], 0.999, 999.0),
    ],
)
def test_a_percentile_is_the_value_at_its_nearest_rank(values, share, found):
    assert percentile(values, share) == found


def test_a_span_tells_rate_and_cpu_of_what_happened_between_two_looks():
    first, last = Look(at=10.0, cpu=2.0, done=5_000), Look(at=14.0, cpu=5.0, done=105_000)

    span = first.until(last)

    assert span.events == 100_000
    assert span.events_per_second == 25_000
    assert span.cpu_us_per_event == 30.0


def test_a_delay_runs_from_when_a_post_was_due_to_its_webhook():
    assert delays({"a": 1.0, "b": 2.0}, {"b": 2.5, "a": 1.25, "other": 9.0}) == [0.25, 0.5]


def test_a_post_without_a_webhook_makes_the_run_void():
    with pytest.raises(VoidRun, match="1 of 2 posts"):
        delays({"a": 1.0, "b": 2.0}, {"a": 1.25})


@pytest.mark.parametrize("found", [99, 101])
def test_an_event_lost_or_counted_twice_makes_the_run_void(found):
    with pytest.raises(VoidRun, match=f"events seen: {found} instead of 100"):
        expect("events seen", found, 100)


def test_figures_are_shown_in_columns():
    lines = table("scorer", {"events_per_second": 15_000, "ratio": 0.25}).splitlines()

    assert lines == ["scorer", "  events_per_second        15,000", "  ratio                      0.25"]
