"""What answers of a mail server mean for a letter and for its address."""

import pytest

from sealwatch.errors import Refused, Unavailable
from sealwatch_alerts.mail.answers import answered, is_hard


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (250, type(None)),
        (421, Unavailable),
        (452, Unavailable),
        (500, Refused),
        (550, Refused),
        (571, Refused),
    ],
)
def test_an_answer_is_yes_later_or_no(code, kind):
    assert isinstance(answered(code, "said").failure, kind)


def test_what_a_server_says_is_kept_short_and_harmless():
    detail = str(answered(550, "no\r\n\x1b[31m" + "x" * 5_000).failure)

    assert len(detail) < 310
    assert detail.isprintable()


@pytest.mark.parametrize(
    ("code", "said", "hard"),
    [
        (550, "550 no such user", True),
        (550, "550 5.1.1 unknown", True),
        (550, "550 5.2.1 disabled", True),
        (552, "552 5.2.2 full", False),
        (554, "554 5.7.1 policy", False),
        (554, "554 5.6.0 content", False),
        (450, "450 4.2.1 later", False),
    ],
)
def test_only_what_is_for_good_and_about_the_address_is_hard(code, said, hard):
    assert is_hard(code, said) is hard
