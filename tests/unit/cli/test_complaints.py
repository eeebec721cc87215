import errno

import asyncpg
import httpx2
import pytest
from sqlalchemy.exc import DBAPIError

from sealwatch.errors import BrokerUnavailable, Misconfigured
from sealwatch_cli.complaints import ASK_DATABASE, ASK_KAFKA, MIGRATE, OUTSIDE, complaint_of

REQUEST = httpx2.Request("GET", "http://127.0.0.1:1/v1/products", headers={"authorization": "Bearer hidden"})


def wrapped(cause):
    """Return what the library makes of a driver's error: statement and values are in its text."""
    between = Exception("between")
    between.__cause__ = cause
    return DBAPIError("select :hidden", {"hidden": "hidden"}, between)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Misconfigured("as it is"), "as it is"),
        (BrokerUnavailable("no answer from kafka"), ASK_KAFKA),
        (httpx2.ConnectError("refused", request=REQUEST), "no answer from http://127.0.0.1:1 (refused)"),
        (httpx2.ReadTimeout("too slow"), "no answer from the address (too slow)"),
        (httpx2.InvalidURL("Invalid port"), "an address is wrong: Invalid port"),
        (FileNotFoundError(errno.ENOENT, "No such file", "given.json"), "given.json: No such file"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), ASK_DATABASE),
        (TimeoutError(), ASK_DATABASE),
        (asyncpg.InterfaceError("connection is closed"), ASK_DATABASE),
        (
            asyncpg.InvalidPasswordError("password authentication failed"),
            "the database refuses: password authentication failed",
        ),
        (wrapped(asyncpg.UndefinedTableError('relation "x" does not exist')), MIGRATE),
        (wrapped(asyncpg.CheckViolationError("violates a check")), "the database refuses: violates a check"),
    ],
)
def test_what_comes_from_outside_is_said_in_one_line_with_what_to_do(error, said):
    assert isinstance(error, OUTSIDE)
    assert said in complaint_of(error)
    assert "\n" not in complaint_of(error)
    assert "hidden" not in complaint_of(error)


def test_a_fault_of_ours_keeps_its_traceback():
    assert not isinstance(KeyError("ours"), OUTSIDE)
