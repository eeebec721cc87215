"""``python -m bench NAME`` or ``all``: progress on standard error, figures on standard output."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from bench import delivery, intake, rescore, scorer
from bench.events import inspection
from bench.figures import Figures, VoidRun, table
from bench.sizes import DELIVERY, INTAKE, RESCORE, SCORER, Name
from bench.stage import say

EXIT_VOID = 1
BENCHES: dict[str, Callable[[Name], Coroutine[Any, Any, Figures]]] = {
    "scorer": lambda size: scorer.measure(SCORER[size]),
    "scorer-two-items": lambda size: scorer.measure(replace(SCORER[size], lot=inspection)),
    "rescore": lambda size: rescore.measure(RESCORE[size]),
    "intake": lambda size: intake.measure(INTAKE[size]),
    "delivery": lambda size: delivery.measure(DELIVERY[size]),
}


def main() -> None:
    """Run one bench, or all of them one after the other."""
    asked = _asked()
    names = list(BENCHES) if asked.bench == "all" else [asked.bench]
    for name in names:
        try:
            figures = asyncio.run(BENCHES[name](asked.size))
        except VoidRun as reason:
            say(f"{name}: void, {reason}")
            raise SystemExit(EXIT_VOID) from None
        if not asked.json:
            sys.stdout.write(table(f"{name}, {asked.size}", figures) + "\n")
        if asked.json or asked.bench == "all":
            sys.stdout.write(json.dumps({"bench": name, "size": asked.size} | figures) + "\n")
        sys.stdout.flush()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bench", choices=[*BENCHES, "all"])
    parser.add_argument("--size", choices=["short", "long"], default="short")
    parser.add_argument("--json", action="store_true", help="print one JSON line and nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    main()
