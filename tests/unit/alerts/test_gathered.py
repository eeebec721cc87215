"""A message that gathers many changes lists every one."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_alerts.gathered import Member, headline, render_many, walks_of

GROUP = b"g" * 16
LONGEST, LONGEST_ENTERPRISE = 64, 128  # characters of an id


def member(product="P1", sequence=1, before=1, after=3, **more):
    return Member(
        product,
        sequence,
        before,
        after,
        **{"enterprise_id": "E1", "reason": "grouped", "overtaken": False} | more,
    )


def told(rows):
    """Return the changes that a list says."""
    return {
        (product_id, sequence + n, int(before), int(after))
        for product_id, sequence, path in rows
        for n, (before, after) in enumerate(pairwise(path))
    }


CHANGES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(1, 30), st.integers(0, 4), st.integers(0, 4)),
    unique_by=lambda one: one[:2],
)


@given(CHANGES)
def test_the_walks_tell_exactly_the_changes(changes):
    assert told(walk.row for walk in walks_of(member(*one) for one in changes)) == set(changes)


def test_a_walk_goes_on_while_each_change_begins_where_the_last_one_ended():
    walks = walks_of([member("A", 1, 1, 2), member("A", 2, 2, 3), member("A", 4, 3, 4), member("A", 5, 1, 2)])

    assert [walk.path for walk in walks] == ["123", "34", "12"]


def test_ten_thousand_changes_of_two_hundred_products_are_listed_in_20_kilobytes():
    members = [
        member(f"SEAL-{p:05}", n, (n - 1) % 3 + 1, n % 3 + 1) for p in range(200) for n in range(1, 51)
    ]

    body = render_many(GROUP, members, "zh")

    data = json.loads(body)["data"]
    assert len(body) <= 20_000
    assert (data["changes"], data["listed"], len(told(data["list"]))) == (10_000, 10_000, 10_000)


def test_what_has_no_room_is_counted_and_the_highest_are_listed_first():
    members = [member(f"{n:064}", after=n % 3 + 2) for n in range(1_000)]

    body = render_many(GROUP, members, "en")

    data = json.loads(body)["data"]
    assert len(body) <= 20_000
    assert data["changes"] == 1_000 > data["listed"] == len(data["list"])
    assert {path for _, _, path in data["list"]} == {"14"}
    assert data["all"] == f"/v1/decisions?delivery_id={GROUP.hex()}"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "2 level changes of 2 products; now at the highest: B, high (orange)"),
        ("zh", "2个产品共2次等级变化；目前最高：B，高风险（橙色）"),  # noqa: RUF001  # Chinese punctuation
    ],
)
def test_the_headline_counts_and_names_the_highest(language, sentence):
    assert headline([member("A", after=2), member("B")], language) == sentence


def test_a_change_that_a_newer_one_overtook_is_marked():
    walks = walks_of([member(overtaken=True), member("P2")])

    assert [walk.overtaken for walk in walks] == [True, False]


def test_enterprises_that_were_told_of_as_a_whole_are_named():
    body = render_many(GROUP, [member(reason="enterprise_notice"), member("P2")], "en")

    assert json.loads(body)["data"]["enterprises"] == ["E1"]


def test_enterprises_that_have_no_room_are_counted():
    members = [
        member(f"SEAL-{n:05}", enterprise_id=f"ENTERPRISE-{n // 10:05}-CHINA", reason="enterprise_notice")
        for n in range(3_000)
    ]

    body = render_many(GROUP, members, "zh")

    data = json.loads(body)["data"]
    assert len(body) <= 20_000
    assert len(data["enterprises"]) > 100
    assert len(data["enterprises"]) + data["enterprises_left_out"] == 300


def named(longest):
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=longest)


@given(st.data(), st.sampled_from([1, 10, 300, 1_000]), st.sampled_from(["en", "zh"]))
def test_a_body_is_below_20_kilobytes_whatever_it_names(data, count, language):
    product, enterprise = data.draw(named(LONGEST)), data.draw(named(LONGEST_ENTERPRISE))
    reason, overtaken = data.draw(st.sampled_from(["grouped", "enterprise_notice"])), data.draw(st.booleans())
    members = [
        member(
            f"{product}{n}"[-LONGEST:],
            after=n % 4 + 1,
            enterprise_id=f"{enterprise}{n // 3}"[-LONGEST_ENTERPRISE:],
            reason=reason,
            overtaken=overtaken,
        )
        for n in range(count)
    ]

    assert len(render_many(GROUP, members, language)) < 20_000
