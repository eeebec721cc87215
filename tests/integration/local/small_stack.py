"""A supervisor over children that only say they are ready: run as a program by the tests.

Arguments: the data folder, a name of the table below, and optionally `once`.
"""

import asyncio
import sys
from pathlib import Path

from sealwatch_cli.local.ports import free_port
from sealwatch_cli.local.stack import Chore, Member, Stack, Table
from sealwatch_cli.local.starting import Options
from sealwatch_cli.local.supervisor import up

READY = """
import http.server, os, signal, sys
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
port = int(os.environ["SEALWATCH_HTTP_PORT"])
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""
GOOD_CHORE = Chore("chore", (sys.executable, "-c", "print('done')"))
TABLES = {
    "plain": ((GOOD_CHORE,), ("first", "second")),
    "stubborn": ((), ("stubborn",)),
    "failing": ((Chore("chore", (sys.executable, "-c", "raise SystemExit('no such table')")),), ("first",)),
}


def table(name: str) -> Table:
    """Return a table of children."""
    chores, members = TABLES[name]
    return Table(chores, tuple(Member(m, (sys.executable, "-c", READY, m), free_port()) for m in members))


def say(text: str) -> None:
    """Tell the test at once."""
    print(text, flush=True)  # noqa: T201 - the tests read it


async def after_start(stack: Stack) -> int:
    """Say that everything is ready and return a code that only we return."""
    say(f"everything is ready: {', '.join(stack.ports)}")
    return 7


def main(data: Path, name: str, *, once: bool) -> int:
    """Run the stack; return its exit code."""
    return asyncio.run(up(Options(data, once=once), table(name), say=say, after_start=after_start))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2], once="once" in sys.argv))
