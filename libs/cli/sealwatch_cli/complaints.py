"""What is said in one line when a command met the world as it is: nothing answers, no such file."""

import asyncio
import socket

import asyncpg
import httpx2
from sqlalchemy.exc import DBAPIError

from sealwatch.errors import BrokerUnavailable, SealwatchError

OUTSIDE = (
    SealwatchError,
    httpx2.TransportError,
    httpx2.InvalidURL,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    DBAPIError,
    OSError,
)
"""What comes from outside; any other exception is a fault of ours and keeps its traceback."""

UNMADE = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidParameterValueError,  # the role of a service that was never made
)
ASK_KAFKA = "is Kafka running, and are SEALWATCH_KAFKA_BOOTSTRAP and its security settings right?"
ASK_DATABASE = "is PostgreSQL running, and is SEALWATCH_DATABASE_URL right?"
MIGRATE = "`sealwatch migrate` makes what is missing"


def complaint_of(error: BaseException) -> str:
    """Return what went wrong and what to do about it, in one line and without a secret."""
    match error:
        case BrokerUnavailable():
            return f"{error}: {ASK_KAFKA}"
        case SealwatchError():
            return str(error)
        case httpx2.TransportError():
            return f"no answer from {_asked(error)} ({error}): does it run, and is the address right?"
        case httpx2.InvalidURL():
            return f"an address is wrong: {error}"
        case OSError(filename=str() as name):
            return f"{name}: {error.strerror}"
        case _:
            return _of_database(error)


def _asked(error: httpx2.TransportError) -> str:
    """Return where the request went, without what it carried."""
    try:
        url = error.request.url
    except RuntimeError:  # it failed before there was a request
        return "the address"
    return f"{url.scheme}://{url.netloc.decode()}" if url.scheme else str(url)


def _of_database(error: BaseException) -> str:
    """Return the word of the database; a statement and its values are never in it."""
    cause = _cause(error)
    first = str(cause).partition("\n")[0] or type(cause).__name__
    if isinstance(cause, UNMADE):
        return f"the database is not ready: {first}: {MIGRATE}"
    if isinstance(cause, asyncpg.PostgresError):
        return f"the database refuses: {first}"
    if isinstance(cause, ConnectionError | socket.gaierror | asyncio.TimeoutError | asyncpg.InterfaceError):
        return f"no answer from the database ({first}): {ASK_DATABASE}"
    return first


def _cause(error: BaseException) -> BaseException:
    """Return the driver's own error beneath what wraps it."""
    inner = error.orig if isinstance(error, DBAPIError) else None
    if inner is None:
        return error
    return inner.__cause__ or inner
