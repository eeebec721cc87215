"""Addresses of e-mail: one plain address, in ASCII, or a refusal.

Stricter than RFC 5322 on purpose: quoted local parts, comments, groups, literal addresses and names
without a dot are real in the standard, and in practice are how a second recipient is smuggled in.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from sealwatch.contracts.base import derived_uid

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
LONGEST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FORM = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+(?=[A-Za-z])({_LABEL}))", re.ASCII)
_ENCODED_WORD = "=?"  # an address that a mail program would decode into another one (RFC 2047)


def mailbox(text: str) -> str:
    """Return the address with its domain in small letters, or raise ValueError.

    A name outside ASCII is asked for in its xn-- form, which shows what it is.
    """
    form = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if form is None or len(form[1]) > LONGEST_LOCAL or _ENCODED_WORD in text:
        raise ValueError("is not one plain address of e-mail")
    return f"{form[1]}@{form[2].lower()}"


def mailbox_id(organisation_id: str, address: str) -> bytes:
    """Return the id of an address as one organisation uses it: each confirms it for itself."""
    return derived_uid("mailbox", organisation_id, address)


Mailbox = Annotated[str, Field(min_length=3, max_length=LONGEST), AfterValidator(mailbox)]
