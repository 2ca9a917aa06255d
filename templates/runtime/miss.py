"""The report of a miss: what was asked, what comes nearest, what to do.

A miss is raised outside the DBAPI hierarchy, so that no layer takes it for an
error of the database and handles it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from . import lossy
from .binding import Bindings
from .exchange import Exchange
from .parameters import canonical
from .shape import shape

_NEAREST = 3


class ReplayMiss(Exception):
    """The application asked something that no recorded exchange answers."""


class Uncertain(Exception):
    """It can't be told what a live value stands for."""


class CopyData(Protocol):
    """What a COPY was sent, beside the data of recorded ones."""

    def agreed(self, exchange: Exchange) -> int:
        """How many of the first lines are equal."""

    def difference(self, exchange: Exchange) -> str:
        """The first line that is not."""


def report(
    scope: str,
    asked: tuple[str, str | None, Any],
    known: Sequence[Exchange] | None,
    bindings: Bindings,
    command: str,
    data: CopyData | None = None,
    transaction: str | None = None,
) -> str:
    """Several lines: scope, statement, parameters, nearest exchanges, a hint.

    `asked` is operation, SQL text and tagged parameters; `known` are the
    scope's recorded exchanges, or None if the scope itself was not recorded,
    and `bindings` its bound values.  `transaction` is the mode that the transaction was
    begun with.
    """
    operation, sql, parameters = asked
    lines = [f"no recorded exchange answers this {operation}", f"  scope: {scope}"]
    lines += _indented("statement", sql or "")
    lines += [f"  parameters: {_text(operation, parameters)}"]
    if transaction is not None:
        lines += [f"  transaction: {transaction}"]
    if known is None:
        lines += ["  this scope was not recorded"]
    elif not known:
        lines += ["  this scope was recorded without any statement"]
    else:
        for exchange in _nearest(asked, known, data):
            lines += _compared(asked, exchange, bindings)
            if not exchange.is_begun_as(transaction):
                was, has = exchange.transaction or "plain", transaction or "plain"
                lines += [f"    transaction: recorded {was}, asked {has}"]
            if data is not None and exchange.operation == operation:
                lines += [f"    {data.difference(exchange)}"]
    lines += [f"  hint: record this scope again with `{command}`"]
    return "\n".join(lines)


def uncertain(scope: str, sql: str | None, why: str) -> str:
    """The report of what cannot be compared with a redacted recording."""
    lines = ["this cannot be compared with the recording", f"  scope: {scope}"]
    if sql is not None:
        lines += _indented("statement", sql)
    return "\n".join((*lines, f"  why: {why}"))


def lost_commits(scope: str, commits: int, command: str) -> str:
    """The report of a scope that wrote when recorded, and kept nothing at replay."""
    times = "once" if commits == 1 else f"{commits} times"
    return (
        f"recorded with a commit ({times}), replayed without any\n"
        f"  scope: {scope}\n"
        f"  hint: record this scope again with `{command}` if that is as it should be"
    )


def _nearest(
    asked: tuple[str, str | None, Any],
    known: Sequence[Exchange],
    data: CopyData | None,
) -> Iterable[Exchange]:
    operation, sql, parameters = asked
    wanted = _text(operation, parameters)

    def distance(exchange: Exchange) -> tuple[bool, float, float, int, int]:
        like = difflib.SequenceMatcher(None, sql or "", exchange.sql or "")
        text = 1.0 if _same_text(exchange, sql) else like.ratio()
        recorded = _text(exchange.operation, exchange.parameters)
        values = difflib.SequenceMatcher(None, wanted, recorded)
        return (
            exchange.operation != operation,
            -text,
            -values.ratio(),
            0 if data is None else -data.agreed(exchange),
            exchange.ordinal,
        )

    nearest = sorted(known, key=distance)[:_NEAREST]
    same = [e for e in nearest if e.operation == operation and _same_text(e, sql)]
    return same or nearest


def _same_text(exchange: Exchange, sql: str | None) -> bool:
    if not exchange.lossy or sql is None or exchange.sql is None:
        return exchange.sql == sql
    return lossy.text_of(exchange, sql) == lossy.text_of(exchange, exchange.sql)


def _compared(
    asked: tuple[str, str | None, Any], exchange: Exchange, bindings: Bindings
) -> list[str]:
    operation, sql, parameters = asked
    consumed = "" if exchange.left else ", already consumed"
    lines = [f"  recorded exchange {exchange.ordinal}{consumed}:"]
    if exchange.operation != operation:
        lines.append(f"    operation: recorded {exchange.operation}, asked {operation}")
    if _same_text(exchange, sql):
        lines.append("    statement: the same")
    else:
        lines += ["    statement differs:"]
        lines += _token_diff(exchange.sql or "", sql or "")
    if exchange.lossy:
        return lines + list(_lossy_lines(exchange, parameters, bindings))
    differences = list(_parameter_diff(exchange, operation, parameters, bindings))
    if not differences and not _fits(exchange, operation, parameters, bindings):
        # Each position would do by itself.
        differences = ["    parameters: two volatile values would stand for one"]
    lines += differences or ["    parameters: the same"]
    return lines


def _lossy_lines(exchange: Exchange, asked: Any, bindings: Bindings) -> Iterable[str]:
    lost = ", ".join(each.replace("_", " ") for each in exchange.lossy)
    yield f"    lost when recorded: {lost}"
    same = True
    for name, then, now in lossy.differences(exchange, asked, bindings):
        same = False
        which = "parameters" if name == () else f"parameter {name}"
        yield f"    {which}: recorded {lossy.shown(then)}, asked {lossy.shown(now)}"
    if same:
        yield "    parameters: the same, as far as they are known"
        if exchange.left and lossy.takes_turn(exchange):
            yield "    its turn has not come: an earlier one of its text is left"


def _fits(exchange: Exchange, operation: str, asked: Any, bindings: Bindings) -> bool:
    if operation != exchange.operation:
        return True
    return bindings.fit(exchange.volatile_pairs(asked))


def _token_diff(recorded: str, asked: str) -> list[str]:
    before, now = recorded.split(), asked.split()
    lines = []
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            was, has = " ".join(before[i1:i2]), " ".join(now[j1:j2])
            lines.append(f"      recorded {was!r}, asked {has!r}")
    return lines


def _parameter_diff(
    exchange: Exchange, operation: str, asked: Any, bindings: Bindings
) -> Iterable[str]:
    recorded, volatile = exchange.parameters, exchange.volatile
    if operation == exchange.operation == "executemany":
        if len(recorded) != len(asked):
            count, has = len(recorded), len(asked)
            yield f"    sets of parameters: recorded {count}, asked {has}"
        for number, sets in enumerate(zip(recorded, asked, strict=False)):
            yield from _set_diff(volatile, *sets, bindings, f" [{number}]")
    elif "executemany" not in (operation, exchange.operation):
        yield from _set_diff(volatile, recorded, asked, bindings, "")


def _alike(recorded: Any, asked: Any) -> bool:
    return any(isinstance(recorded, t) and isinstance(asked, t) for t in (dict, list))


def _set_diff(
    volatile: Sequence[str | int],
    recorded: Any,
    asked: Any,
    bindings: Bindings,
    label: str,
) -> Iterable[str]:
    """What differs in one set of parameters; `label` tells which set."""
    if not _alike(recorded, asked):
        if canonical(recorded) != canonical(asked):
            was, has = canonical(recorded), canonical(asked)
            yield f"    parameters{label}: recorded {was}, asked {has}"
        return
    stands_for, firsts = bindings.to_recorded(asked), bindings.to_firsts(recorded)
    for name in _all_names(recorded, asked):
        was, has = _value(recorded, name), _value(asked, name)
        told = _value(stands_for, name)
        if told != has:
            has += f" (bound to recorded {told})"
        if name in volatile and name in _names(recorded) and name in _names(asked):
            forms = shape(recorded[name]), shape(asked[name])
            if forms[0] != forms[1]:
                was, has = forms
            elif bindings.fit([(recorded[name], asked[name])]):
                continue
            yield f"    parameter{label} {name} (volatile): recorded {was}, asked {has}"
        elif _value(firsts, name) != told:
            yield f"    parameter{label} {name}: recorded {was}, asked {has}"


def _all_names(recorded: Any, asked: Any) -> list[Any]:
    if isinstance(recorded, dict):
        return sorted({*recorded, *asked})
    return list(range(max(len(recorded), len(asked))))


def _names(parameters: Any) -> Iterable[Any]:
    return parameters if isinstance(parameters, dict) else range(len(parameters))


def _text(operation: str, parameters: Any) -> str:
    return canonical(parameters, many=operation == "executemany")


def _value(parameters: Any, name: Any) -> str:
    try:
        return canonical(parameters[name])
    except (KeyError, IndexError):
        return "nothing"


def _indented(title: str, text: str) -> list[str]:
    return [f"  {title}:", *(f"    {line}" for line in text.split("\n"))]
