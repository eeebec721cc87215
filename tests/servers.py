"""The servers of a test run, as the fixtures `kafka` and `postgres` yield them."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import asyncpg


class PostgresServer:
    """The server of this run; every module takes an empty database of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[str] = []

    def fresh(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop_all(self) -> None:
        """Drop what was made, also under clients that forgot to leave."""
        for name in self._made:
            self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, from a test with or without a loop."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._execute(statement)).result(30)

    async def _execute(self, statement: str) -> None:
        link = await asyncpg.connect(self.url)
        try:
            await link.execute(statement)
        finally:
            await link.close()


class KafkaServer:
    """The broker of this run, shared by all tests: topics need names of their own."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
