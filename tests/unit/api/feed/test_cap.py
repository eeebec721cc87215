"""Messages of CAP 1.2: held against the schema of OASIS and read by another library."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_api.feed.cap import GRADES, Reference, Wording, cap
from tests.factories import NOON
from tests.unit.api.feed.messages import (
    CAP,
    EN,
    HOSTILE,
    ISSUER,
    SCHEMA,
    ZH,
    facts,
    message,
    parameters,
    parsed,
    texts,
)  # fmt: skip

EARLIER = Reference("warnings@centre.example", "sealwatch-" + "00" * 16, NOON - timedelta(hours=1))


def test_the_schema_refuses_what_is_no_message():
    broken = parsed(cap(message(status="Actual")).replace(b"Actual", b"Real"))

    assert not SCHEMA.validate(broken)


@pytest.mark.parametrize("level", GRADES)
@pytest.mark.parametrize("status", ["Actual", "Test"])
@pytest.mark.parametrize(
    ("msg_type", "references"), [("Alert", ()), ("Update", (EARLIER,)), ("Cancel", (EARLIER, EARLIER))]
)
def test_every_kind_of_message_fits_the_schema(level, status, msg_type, references):
    made = message(
        facts=facts(level=level), status=status, msg_type=msg_type, references=references, note="x"
    )

    SCHEMA.assertValid(parsed(cap(made)))


def test_a_message_with_little_known_fits_the_schema():
    little = facts(index=None, interval=None, main_factor=None, region=None)

    SCHEMA.assertValid(parsed(cap(message(facts=little))))


def test_a_message_speaks_both_languages():
    alert = parsed(cap(message()))

    assert texts(alert, "info/language") == ["zh-CN", "en"]
    assert texts(alert, "info/headline") == [ZH.headline, EN.headline]
    assert texts(alert, "info/area/areaDesc") == [ZH.area, EN.area]
    assert texts(alert, "info/senderName") == ["监测中心", "Centre"]
    assert texts(alert, "info/area/geocode/value") == ["110105", "110105"]


def test_the_top_level_is_red_by_the_names_that_others_read():
    found = parameters(cap(message()))

    assert found["riskMatrixColor"] == "red"
    assert found["awareness_level"] == "4; red; Extreme"
    assert found["consequences"] == "可能买到假货"
    assert found["sealwatch:index"] == "81.2"
    assert found["sealwatch:index_interval"] == "70.0 90.0"


def test_what_is_not_assessed_has_no_colour_and_is_never_green():
    found = parameters(cap(message(facts=facts(level="not_assessed", index=None))))

    assert "riskMatrixColor" not in found
    assert "awareness_level" not in found


def test_a_drill_is_a_test_and_says_so_first():
    alert = parsed(cap(message(status="Test")))

    assert texts(alert, "status") == ["Test"]
    assert [one[:4] for one in texts(alert, "info/headline")] == ["【演练】", "[DRI"]


def test_references_name_sender_identifier_and_instant():
    alert = parsed(cap(message(msg_type="Update", references=(EARLIER,))))

    said = "warnings@centre.example,sealwatch-" + "00" * 16 + ",2026-03-01T19:00:00+08:00"
    assert texts(alert, "references") == [said]


def test_an_alert_names_none():
    assert texts(parsed(cap(message())), "references") == []


def test_instants_have_seconds_and_an_offset():
    assert texts(parsed(cap(message())), "sent") == ["2026-03-01T20:00:00+08:00"]


def hostile(text):
    said = Wording(*[text] * 5)
    known = facts(product=text, product_id=text, main_factor=text, region=text, policy_version=text)
    return cap(message(facts=known, wordings={"zh": said, "en": said}, note=text))


def test_hostile_names_stay_text():
    alert = parsed(hostile(HOSTILE))

    SCHEMA.assertValid(alert)
    assert texts(alert, "info/description") == ["<alert>&amp;]]>\"'\ufffd\ufffd<!--\ufffd\U0001f600"] * 2
    assert len(list(alert.iter(CAP + "alert"))) == 1


@given(st.text(min_size=1))
def test_whatever_a_name_is_the_message_can_be_read_and_has_the_same_elements(text):
    usual, alert = parsed(hostile("x")), parsed(hostile(text))

    SCHEMA.assertValid(alert)
    assert [one.tag for one in alert.iter()] == [one.tag for one in usual.iter()]


def test_an_address_ends_in_the_id():
    assert ISSUER.address(b"r" * 16) == f"https://watch.example/public/cap/{'72' * 16}.xml"
