"""JSON logs: one line per state change or failure, none per success."""

import logging
import sys

import structlog
from structlog.typing import FilteringBoundLogger

QUIET = ("aiokafka", "alembic", "asyncio", "uvicorn", "uvicorn.error", "uvicorn.access")


def configure(service: str, level: str) -> None:
    """Write JSON lines to standard output; libraries say only what went wrong badly."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.ERROR, stream=sys.stdout, format="%(message)s", force=True)
    quieten()


def quieten() -> None:
    """Let libraries say only what went wrong badly.

    The Kafka client alone writes thousands of warnings in an outage; our own line says it once.
    """
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def logger() -> FilteringBoundLogger:
    """Return the logger."""
    return structlog.get_logger()  # type: ignore[no-any-return]  # structlog's own type is Any
