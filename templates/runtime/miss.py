"""The report of a miss: what was asked, what comes nearest, what to do.

A miss is raised outside the DBAPI hierarchy, so that no layer takes it for an
error of the database and handles it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from os.path import commonprefix
from typing import Any, NamedTuple

from . import lossy
from .binding import Bindings
from .differences import Difference, common_kind, differences, shown
from .exchange import Exchange
from .matching import Asked, ScopeState
from .nearest import CopyData, Near, same_text
from .sql_layout import changes, laid_out


class ReplayMiss(Exception):
    """The application asked something that no recorded exchange answers."""


class Uncertain(Exception):
    """It can't be told what a live value stands for."""


class Known(NamedTuple):
    """What a report is made of besides the statement.

    `near` are the nearest exchanges, `command` records the scope again, `data` are what a
    COPY was sent, and `transaction` is the mode that the transaction was begun with.
    """

    state: ScopeState
    near: Sequence[Near]
    command: str
    data: CopyData | None = None
    transaction: str | None = None


def report(asked: Asked, known: Known) -> str:
    """Several lines: scope, statement, parameters, nearest exchanges, hints.

    `asked` is operation, SQL text and tagged parameters.
    """
    operation, sql, parameters = asked
    state = known.state
    lines = [f"no recorded exchange answers this {operation}", f"  scope: {state.name}"]
    lines += _statement_lines(sql)
    lines += _parameter_lines(operation, parameters)
    if known.transaction is not None:
        lines += [f"  transaction: {known.transaction}"]
    if state.recorded is None:
        lines += ["  this scope was not recorded"]
    elif not state.recorded:
        lines += ["  this scope was recorded without any statement"]
    for near in known.near:
        exchange = near.exchange
        lines += _compared(asked, near, state)
        if not exchange.is_begun_as(known.transaction):
            was, has = exchange.transaction or "plain", known.transaction or "plain"
            lines += [f"    transaction: recorded {was}, asked {has}"]
        if known.data is not None and exchange.operation == operation:
            lines += [f"    {known.data.difference(exchange)}"]
    lines += [f"  hint: record this scope again with `{known.command}`"]
    lines += _declaration(asked, known)
    return "\n".join(lines)


def uncertain(scope: str, sql: str | None, why: str) -> str:
    """The report of what cannot be compared with a redacted recording."""
    lines = ["this cannot be compared with the recording", f"  scope: {scope}"]
    lines += _statement_lines(sql)
    return "\n".join((*lines, f"  why: {why}"))


def lost_commits(scope: str, commits: int, command: str) -> str:
    """The report of a scope that wrote when recorded, and kept nothing at replay."""
    times = "once" if commits == 1 else f"{commits} times"
    return (
        f"recorded with a commit ({times}), replayed without any\n"
        f"  scope: {scope}\n"
        f"  hint: record this scope again with `{command}` if that is as it should be"
    )


def _statement_lines(sql: str | None) -> list[str]:
    if sql is None:
        return []
    return ["  statement:", *(f"    {line}" for line in laid_out(sql))]


def _parameter_lines(operation: str, parameters: Any) -> Iterator[str]:
    if operation == "executemany":
        yield f"  sets of parameters: {len(parameters)}"
        for number, each in enumerate(parameters):
            for name, value in _items(each):
                yield f"    [{number}] {name}: {shown(value)}"
    elif not parameters:
        yield "  parameters: none"
    else:
        yield "  parameters:"
        for name, value in _items(parameters):
            yield f"    {name}: {shown(value)}"


def _items(parameters: Any) -> list[tuple[Any, Any]]:
    if isinstance(parameters, Mapping):
        return list(parameters.items())
    return list(enumerate(parameters or ()))


def _compared(asked: Asked, near: Near, state: ScopeState) -> Iterator[str]:
    operation, sql, parameters = asked
    exchange, bindings = near.exchange, state.bindings
    found = list(differences(exchange, operation, parameters, bindings))
    reason = _reason(near, state, differs=bool(found))
    yield f"  recorded exchange {exchange.ordinal}{reason}:"
    if exchange.operation != operation:
        yield f"    operation: recorded {exchange.operation}, asked {operation}"
    if not same_text(exchange, sql, bindings):
        yield "    statement differs:"
        for change in changes(exchange.sql or "", sql or ""):
            yield f"      recorded {change.recorded!r}, asked {change.asked!r}"
    elif sql is not None:
        yield "    statement: the same"
    if exchange.lossy:
        lost = ", ".join(each.replace("_", " ") for each in exchange.lossy)
        yield f"    lost when recorded: {lost}"
    yield from (f"    {each}" for each in found)
    if found:
        return
    if not _fits(exchange, asked, bindings):
        # Each position would do by itself.
        yield "    parameters: two volatile values would stand for one"
    elif exchange.lossy:
        yield "    parameters: the same, as far as they are known"
    else:
        yield "    parameters: the same"


def _reason(near: Near, state: ScopeState, *, differs: bool) -> str:
    """Why the exchange was not taken, beyond what differs."""
    exchange, scope = near
    if scope is not None:
        return f", of scope {json.dumps(scope, ensure_ascii=False)}"
    if not exchange.left and not exchange.repeatable:
        by = f" by statement {exchange.taken_by} of this scope"
        return f", already consumed{by if exchange.taken_by else ''}"
    before = None if differs else state.before(exchange)
    if before is not None:
        return f", whose turn has not come: exchange {before.ordinal} is next"
    if exchange.lossy and lossy.takes_turn(exchange) and not differs:
        return ", whose turn has not come: an earlier one of its text is next"
    return ""


def _fits(exchange: Exchange, asked: Asked, bindings: Bindings) -> bool:
    operation, _, parameters = asked
    if operation != exchange.operation or exchange.lossy:
        return True
    if exchange.volatile is not None and exchange.volatile.sql is not None:
        return True
    return bindings.fit(exchange.pairs(parameters))


def _declaration(asked: Asked, known: Known) -> Iterator[str]:
    """The lines of configuration that would let the nearest exchange answer."""
    operation, sql, parameters = asked
    if sql is None:
        return
    for exchange, scope in known.near:
        is_left = exchange.left or exchange.repeatable
        if scope is not None or not is_left or exchange.operation != operation:
            continue
        bindings = known.state.bindings
        found = list(differences(exchange, operation, parameters, bindings))
        if same_text(exchange, sql, bindings):
            rule = _rule_for(sql, found)
        else:
            rule = [] if found else _rule_for_text(exchange.sql or "", sql)
        if rule:
            yield "  hint: or, if that may differ from run to run, declare in stack.toml:"
            yield "    [[volatile]]"
            yield from (f"    {line}" for line in rule)
            return


def _rule_for(sql: str, found: Sequence[Difference]) -> list[str]:
    pointers = sorted({each.pointer for each in found if each.pointer is not None})
    may_differ = all(
        each.pointer is not None and not each.why and each.is_of_one_type()
        for each in found
    )
    if not pointers or not may_differ:
        return []
    kinds = {common_kind(each.recorded, each.asked) for each in found}
    lines = [f"statement = {_toml(_beginning(sql))}"]
    lines += [f"parameters = [{', '.join(map(_toml, pointers))}]"]
    kind = kinds.pop() if len(kinds) == 1 else None
    return lines if kind is None else [*lines, f"kind = {_toml(kind)}"]


def _rule_for_text(recorded: str, asked: str) -> list[str]:
    """The statement with its one part that differs named by its kind."""
    changed = list(changes(recorded, asked))
    if len(changed) != 1:
        return []
    then, now = changed[0]
    is_literal = then[:1] == now[:1] and then[:1] in ("'", '"')
    quote = then[0] if is_literal else ""
    kind = common_kind(then.strip("'\""), now.strip("'\""))
    if kind is None or (kind == "text" and not is_literal):
        return []
    start = commonprefix([recorded, asked]).rpartition(quote or " ")[0]
    gap = "" if quote else " "
    return [
        f"statement = {_toml(f'{_beginning(start)}{quote or gap}{{{kind}}}{quote}*')}"
    ]


def _beginning(sql: str) -> str:
    """A glob for the statement: its first line, as far as it is short."""
    words = sql.split("\n")[0].split(" ")
    start = " ".join(words[:6])
    return start if start == sql else f"{start}*"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
