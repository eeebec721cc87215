"""``sealwatch model``: the calculator an analyst checks a number with, by the scorer's own functions."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from sealwatch.contracts import strict_json
from sealwatch.errors import Misconfigured

EXIT_IMPOSSIBLE = 2
model = typer.Typer(help="Check a number of the risk model; answers are JSON lines.", no_args_is_help=True)

Lines = Annotated[str | None, typer.Argument(metavar="[FILE]", help="JSON lines, - for standard input")]
Document = Annotated[Path | None, typer.Option("--policy", help="a policy document; the shipped one if none")]
Number = float | None


def _float(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if strict_json.is_lost(text, value):
        raise typer.BadParameter(f"{text!r} is too near to 0 to be told from it")
    return value


def _number(told: str) -> Any:  # noqa: ANN401  typer hides the type of an option
    return typer.Option(help=told, parser=_float, metavar="FLOAT")


@model.command("index")
def index(
    file: Lines = None,
    probability: Annotated[Number, _number("of harm, 0 to 1")] = None,
    severity: Annotated[int | None, typer.Option(help="a column of the matrix")] = None,
    policy: Document = None,
) -> None:
    """Tell index, order of magnitude and level of a probability of harm."""
    _answer("index", file, {"probability": probability, "severity": severity}, policy)


@model.command("posterior")
def posterior(  # noqa: PLR0913  one option per value of a case
    file: Lines = None,
    *,
    half_life_days: Annotated[Number, _number("at least 1")] = None,
    as_of: Annotated[str | None, typer.Option(help="ISO 8601, Unix seconds or days since 2000-01-01")] = None,
    m0: Annotated[Number, _number("mean of the prior")] = None,
    k0: Annotated[Number, _number("what the prior is worth, in trials or days")] = None,
    event: Annotated[list[str] | None, typer.Option(help="T,Y,N or T,Y,N,Q; once per event")] = None,
    above: Annotated[
        list[float] | None, _number("a rate whose chance to be exceeded is asked; once per rate")
    ] = None,
    failures: Annotated[Number, _number("incidents, for the Gamma case")] = None,
    exposure: Annotated[Number, _number("days, for the Gamma case")] = None,
    policy: Document = None,
) -> None:
    """Tell mean and quantiles of a failure rate, or of incidents a day where an exposure is given.

    Failures and trials of an event are rounded to millionths and half-lives to seconds, as the scorer does.
    """
    case: dict[str, Any] = {"m0": m0, "k0": k0, "failures": failures, "exposure": exposure}
    case |= {"half_life_days": half_life_days, "as_of": _instant(as_of)}
    if event or as_of is not None:
        case["events"] = [_event(text) for text in event or ()]
    if above:
        case["above"] = above
    _answer("posterior", file, case, policy)


@model.command("combine")
def combine(
    file: Lines = None,
    factor: Annotated[
        list[str] | None, typer.Option(help="NAME,SEVERITY,PROBABILITY and then its steps; once per factor")
    ] = None,
    policy: Document = None,
) -> None:
    """Tell index, level, main factor and shares of factors that all enter."""
    case = {"factors": [_factor(text) for text in factor]} if factor else {}
    _answer("combine", file, case, policy)


@model.command("matrix")
def matrix(policy: Document = None) -> None:
    """Show the matrix with its source."""
    from sealwatch_cli import cases  # noqa: PLC0415  # the model's library alone takes 0.5 s

    with _refusing():
        _say(cases.matrix(_policy(policy)))


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what cannot be into one line on standard error and exit code 2."""
    try:
        yield
    except (Misconfigured, ValueError, OSError) as error:
        typer.echo(f"sealwatch: {error}", err=True)
        raise typer.Exit(EXIT_IMPOSSIBLE) from None


def _answer(question: str, file: str | None, case: dict[str, Any], document: Path | None) -> None:
    from sealwatch_cli import cases  # noqa: PLC0415  # the model's library alone takes 0.5 s

    solve: Callable[..., dict[str, Any]] = getattr(cases, question)
    given = {name: value for name, value in case.items() if value is not None}
    with _refusing():
        if bool(given) == (file is not None):
            raise ValueError("give the values of one case as options, or a file of JSON lines (- for input)")
        policy = _policy(document)
        for place, one in _cases(file) if file else [("", given)]:
            try:
                _say(solve(one, policy))
            except ValueError as error:
                raise ValueError(f"{place}{error}") from error


def _cases(file: str) -> Iterator[tuple[str, object]]:
    """Return what each line holds, with where it stands; empty lines are passed over, but not all of them."""
    found = False
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            found = True
            yield (place := f"line {number}: "), _case(line, place)
    if not found:
        raise ValueError("the input holds no case: it is empty")


def _case(line: bytes, place: str) -> object:
    try:
        return strict_json.parse(line, nothing_lost=True)
    except strict_json.NotStrict as error:
        raise ValueError(f"{place}{error}") from error


def _lines(file: str) -> Iterable[bytes]:
    return sys.stdin.buffer if file == "-" else Path(file).read_bytes().splitlines()


def _policy(document: Path | None) -> Any:  # noqa: ANN401  the type is imported with the library
    from sealwatch.shell.policies import load_policy  # noqa: PLC0415  # the model's library takes 0.5 s

    return load_policy(document)


def _say(answer: dict[str, Any]) -> None:
    """Write a line; a float is written with as many digits as tell it from its neighbours."""
    typer.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def _event(text: str) -> dict[str, Any]:
    names = ("t", "y", "n", "q")
    parts = text.split(",")
    if not len(names) - 1 <= len(parts) <= len(names):
        raise typer.BadParameter(f"{text!r} is not T,Y,N or T,Y,N,Q")
    first = {"t": _instant(parts[0])}
    return first | {name: _float(part) for name, part in zip(names[1:], parts[1:], strict=False)}


def _factor(text: str) -> dict[str, Any]:
    name, *numbers = text.split(",")
    if len(numbers) < len(("severity", "probability")) or not numbers[0].isdecimal():
        raise typer.BadParameter(f"{text!r} is not NAME,SEVERITY,PROBABILITY and steps")
    probability, *steps = [_float(part) for part in numbers[1:]]
    return {"factor": name, "severity": int(numbers[0]), "probability": probability, "steps": steps}


def _instant(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
