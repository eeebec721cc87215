"""One PostgreSQL server: the binaries of the wheel as our own child, or the official image."""

import hashlib
import os
import secrets
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel, tenancy
from sealwatch_cli.local.engine import Container
from sealwatch_cli.local.machine import Binaries, Engine
from sealwatch_cli.local.memory import recall, recall_ports, remember, write_private
from sealwatch_cli.local.ports import ANY_PORT, LOOPBACK, Wish, choose_port
from sealwatch_cli.local.probe import postgres_answers
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.server import Server

IMAGE = "postgres:18"
USER = DATABASE = "sealwatch"
PRIVATE_ROOT = Path("/var/lib/sealwatch")
# SIGTERM waits until every client has left; SIGINT ends their sessions and stops cleanly
_FAST_SHUTDOWN = signal.SIGINT


def _say_nothing(_: str) -> None:
    """Keep quiet: tests want no progress lines."""


def server_options(port: int, *, host: str = LOOPBACK) -> list[str]:
    """Return the options of a small server that keeps what it promised through a power cut."""
    values = {
        "port": str(port),
        "listen_addresses": host,
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # a bench of minutes should not measure checkpoints
        "max_wal_size": "2GB",
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


class Database(Server):
    """One server with the database `sealwatch` in it."""

    def __init__(
        self,
        folder: Path,
        source: Binaries | Engine,
        *,
        wish: Wish = ANY_PORT,
        register: Register | None = None,
        say: Callable[[str], None] = _say_nothing,
    ) -> None:
        """Prepare a server in this folder; a fixed port is kept or the start fails."""
        super().__init__(folder, register)
        self._source = source
        self._wish = wish
        self._say = say
        self._port: int | None = None

    @property
    def port(self) -> int:
        """Return the port, which is chosen by the first start."""
        if self._port is None:
            raise Misconfigured("Database was not started yet")
        return self._port

    @property
    def url(self) -> str:
        """Return the address with the generated password in it."""
        return f"postgresql://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{DATABASE}"

    def answers(self) -> bool:
        """Return whether the server accepts clients: not while it recovers."""
        return postgres_answers(self.port)

    def _prepare(self) -> Launch:
        self._port = self._choose_port()
        if isinstance(self._source, Binaries):
            return self._prepare_binaries(self._source)
        return self._prepare_container()

    def _choose_port(self) -> int:
        if self._port is not None:
            return self._port  # clients know this address
        memory = self.folder / "port.json"
        port = choose_port(self._wish, recall_ports(memory).get("port"))
        remember(memory, {"port": port})
        return port

    def _password(self) -> str:
        memory = self.folder / "password.json"
        if "password" not in recall(memory):
            remember(memory, {"password": secrets.token_urlsafe(24)})
        return recall(memory)["password"]

    def _prepare_binaries(self, binaries: Binaries) -> Launch:
        user = tenancy.tenant(os.geteuid())
        home = self._home(user)
        programs = _reachable_programs(binaries.folder, user)
        data = home / "data"
        if not data.exists():
            self._initialise(programs, home, user)
        _drop_stale_lock(data)
        return Launch(
            "postgres",
            [str(programs / "postgres"), "-D", str(data), *server_options(self.port)],
            self.log,
            user=user,
            stop_signal=_FAST_SHUTDOWN,
            port=self.port,
        )

    def _home(self, user: int | None) -> Path:
        """Return the folder of the server's files: ours, or a private one if ours is closed."""
        memory = self.folder / "home.json"
        chosen = Path(recall(memory).get("home", self.folder / "server"))
        barrier = tenancy.first_barrier(chosen.parent, user)
        if barrier is not None:
            chosen = PRIVATE_ROOT / f"postgres-{secrets.token_hex(6)}"
            self._say(
                f"PostgreSQL: run by root it works as an unprivileged user, who may not enter "
                f"{barrier}; its files are in {chosen}"
            )
        remember(memory, {"home": str(chosen)})
        tenancy.give(chosen, user)
        return chosen

    def _initialise(self, programs: Path, home: Path, user: int | None) -> None:
        """Make the cluster beside its place and move it there when it is complete."""
        fresh, password = home / "fresh", home / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        write_private(password, self._password())
        if user is not None:
            os.chown(password, user, user)
        initdb = [str(programs / "initdb"), "-D", str(fresh), "-U", USER, "-E", "UTF8"]
        # the built-in locale sorts the same on every platform
        initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        initdb += ["--auth=scram-sha-256", f"--pwfile={password}"]
        self._run(Launch("initdb", initdb, self.log, user=user))
        password.unlink()
        alone = [str(programs / "postgres"), "--single", "-D", str(fresh), "postgres"]
        create = f"CREATE DATABASE {DATABASE}\n".encode()
        self._run(Launch("create-database", alone, self.log, user=user, stdin=create))
        fresh.rename(home / "data")

    def _run(self, launch: Launch) -> None:
        child = self.register.spawn(launch)
        if child.process.wait() != 0:
            raise Misconfigured(f"PostgreSQL: {launch.name} failed; its log is {self.log}")

    def _prepare_container(self) -> Launch:
        data = self.folder / "container"
        data.mkdir(exist_ok=True)
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        container = Container(
            name=f"sealwatch-postgres-{name}",
            image=IMAGE,
            port=(self.port, self.port),
            volume=(str(data), "/var/lib/postgresql"),
            environment={
                "POSTGRES_USER": USER,
                "POSTGRES_DB": DATABASE,
                "POSTGRES_PASSWORD": self._password(),
            },
            arguments=server_options(self.port, host="*"),
        )
        container.remove()
        return Launch(
            "postgres",
            container.command(),
            self.log,
            stop_signal=_FAST_SHUTDOWN,
            port=self.port,
            container=container,
        )


def _reachable_programs(programs: Path, user: int | None) -> Path:
    """Return the programs' folder, copied out of a home that the user may not enter."""
    if tenancy.first_barrier(programs, user) is None:
        return programs
    copy = PRIVATE_ROOT / f"{programs.parent.name}-{IMAGE.partition(':')[2]}"
    if not copy.exists():
        partial = copy.with_name(f".{copy.name}.{os.getpid()}")
        shutil.copytree(programs.parent, partial, dirs_exist_ok=True)
        partial.rename(copy)
    return copy / programs.name


def _drop_stale_lock(data: Path) -> None:
    """Remove the lock of a killed server whose number now belongs to another program.

    A number that nobody has is the server's own to judge, and a living server keeps its lock.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    command = kernel.command_of(int(lock.read_text().split()[0]))
    if command and "postgres" not in command:
        lock.unlink()
