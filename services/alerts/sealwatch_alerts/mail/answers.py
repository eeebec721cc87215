"""What the answers of a mail server, and the reports it sends later, say about an address."""

import re
from http import HTTPStatus

from sealwatch.errors import Refused, Unavailable
from sealwatch_alerts.attempt import Outcome
from sealwatch_alerts.mail.headers import one_line

PERMANENT = 500  # RFC 5321, 4.2.1
LONGEST_ANSWER = 300
ACCEPTED = 250
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b", re.ASCII)
_OF_THE_ADDRESS = frozenset({"0", "1", "2"})  # RFC 3463: undefined, addressing, mailbox
_FULL = ("2", "2")


def answered(code: int, said: str) -> Outcome:
    """Return what an answer about the recipient or the letter means."""
    detail = f"{code} {one_line(said, LONGEST_ANSWER)}".strip()
    if code < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(code)
    if code >= PERMANENT:
        return Outcome(code, Refused(detail))
    return Outcome(code, Unavailable(detail))


def is_hard(code: int, said: str) -> bool:
    """Return whether a refusal is for good and about the address: not its contents, nor our own standing.

    A server without enhanced codes (RFC 3463) is taken at its word; a full mailbox may be emptied.
    """
    if code < PERMANENT:
        return False
    found = _ENHANCED.search(said)
    if found is None:
        return True
    return found[1] == "5" and found[2] in _OF_THE_ADDRESS and (found[2], found[3]) != _FULL
