"""Exchanges of which another recorder did not keep everything.

What is known of them is compared; what was lost is taken by position: the exchange
answers in its turn among those of its text in its scope, and never out of it.  An
exchange that lost nothing of what is compared needs no turn.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .binding import Bindings
from .exchange import Exchange, parameter_sets
from .forms import form, shape
from .keys import Found
from .parameters import canonical

LOST = {"lost": None}
"""The tagged value of which nothing is known."""

_PLACEHOLDER = re.compile(r"%\([^)]*\)s")
_ERASED = "%(__td_param__)s"
_NUMBERED = re.compile(r"_(m?)\d+$")
_BYTES = ("bytes", "bytearray", "memoryview", "binary")
ABSENT = object()
"""In the place of a parameter that one side has not."""

_Form = tuple[bool, bool]
"""Whether a text has lost its white space, and its names."""


class LossyExchanges:
    """The lossy exchanges of one scope, by operation and text."""

    __slots__ = ("_by_text", "_forms")

    def __init__(self) -> None:
        self._by_text: dict[tuple[str, _Form, str], deque[Exchange]] = {}
        self._forms: dict[_Form, None] = {}

    def __bool__(self) -> bool:
        return bool(self._by_text)

    def add(self, exchange: Exchange) -> None:
        """Take in an exchange; those of one text keep the order of their coming."""
        form = _form_of(exchange)
        key = (exchange.operation, form, _in_form(exchange.sql or "", form))
        self._by_text.setdefault(key, deque()).append(exchange)
        self._forms[form] = None

    def find(
        self,
        asked: tuple[str, str | None, Any],
        wanted: Callable[[Exchange], bool],
        bindings: Bindings,
    ) -> Found | None:
        """The exchange that answers; what may be answered again comes last."""
        operation, sql, live = asked
        for kept in self._forms:
            exchanges = self._by_text.get((operation, kept, _in_form(sql or "", kept)))
            while exchanges and not (exchanges[0].left or exchanges[0].repeatable):
                exchanges.popleft()
            first = True
            for exchange in exchanges or ():
                if not (exchange.left or exchange.repeatable) or not wanted(exchange):
                    continue
                due = first or exchange.repeatable or not takes_turn(exchange)
                first = first and exchange.repeatable
                if not due or not fits(exchange, live, bindings):
                    continue
                if "outcome" in exchange.lossy:
                    # Asked for, and nobody knows what came of it.
                    exchange.left -= 1
                    return None
                folded = in_form_of(exchange, live)
                pairs = list(exchange.pairs(folded))
                if bindings.fit(pairs):
                    return Found(exchange, folded, pairs)
        return None


def text_of(exchange: Exchange, sql: str) -> str:
    """A text as far as an exchange has kept its own."""
    return _in_form(sql, _form_of(exchange))


def in_form_of(exchange: Exchange, live: Any) -> Any:
    """Live parameters as the exchange has them: by folded name where names were lost."""
    if "bind_names" not in exchange.lossy:
        return live
    if exchange.operation == "executemany" and isinstance(live, list):
        return [_folded(each) for each in live]
    return _folded(live)


def takes_turn(exchange: Exchange) -> bool:
    """Whether what was lost leaves several exchanges that might answer."""
    if "parameters" in exchange.lossy:
        return True
    if "bind_names" not in exchange.lossy:
        return False
    sets = parameter_sets(exchange.operation, exchange.parameters)
    named = [each for each in sets or () if isinstance(each, dict)]
    return sum(len(values) for each in named for values in each.values()) > 1


def fits(exchange: Exchange, live: Any, bindings: Bindings) -> bool:
    """Whether all that is known of the recorded parameters is equal."""
    return next(differences(exchange, live, bindings), None) is None


def differences(
    exchange: Exchange, live: Any, bindings: Bindings
) -> Iterator[tuple[Any, Any, Any]]:
    """Name, recorded and live value of each parameter that differs; `()` for all."""
    if "parameters" in exchange.lossy and exchange.parameters is None:
        return
    many = exchange.operation == "executemany"
    asked = in_form_of(exchange, bindings.to_recorded(live, many=many))
    recorded = exchange.parameters
    then_sets = parameter_sets(exchange.operation, recorded)
    now_sets = parameter_sets(exchange.operation, asked)
    if (
        not isinstance(then_sets, list)
        or not isinstance(now_sets, list)
        or len(then_sets) != len(now_sets)
    ):
        yield (), recorded, asked
        return
    for then, now in zip(then_sets, now_sets, strict=True):
        if type(then) is not type(now):
            yield (), then, now
        elif isinstance(then, dict):
            for name in sorted({*then, *now}):
                values = then.get(name, ABSENT), now.get(name, ABSENT)
                if not _equal(exchange, name, *values):
                    yield name, *values
        elif isinstance(then, list):
            for index in range(max(len(then), len(now))):
                values = _at(then, index), _at(now, index)
                if not _equal(exchange, index, *values):
                    yield index, *values


def _form_of(exchange: Exchange) -> _Form:
    return "white_space" in exchange.lossy, "bind_names" in exchange.lossy


def _in_form(sql: str, form: _Form) -> str:
    without_space, without_names = form
    bare = sql.strip() if without_space else sql
    return _PLACEHOLDER.sub(_ERASED, bare) if without_names else bare


def _equal(exchange: Exchange, name: str | int, then: Any, now: Any) -> bool:
    if then is ABSENT or now is ABSENT:
        return False
    kind = None if exchange.volatile is None else exchange.volatile.mask.kind_of(name)
    same = _same if kind is None else partial(_same_form, kind)
    loose = "types" in exchange.lossy
    if "bind_names" not in exchange.lossy:
        return same(then, now, loose)
    if then == LOST:
        return True
    if not isinstance(then, list) or not isinstance(now, list):
        return same(then, now, loose)
    # Which of the values of one folded name stood where was lost.
    left = list(now)
    for value in sorted(then, key=lambda each: each == LOST):
        found = next((each for each in left if same(value, each, loose)), ABSENT)
        if found is ABSENT:
            return False
        left.remove(found)
    return not left


def _same(then: Any, now: Any, loose: bool) -> bool:
    if then == LOST or canonical(then) == canonical(now):
        return True
    if isinstance(now, dict) and "subclass" in now:
        return _same(then, now["subclass"][1], loose)
    if isinstance(then, list) and isinstance(now, list):
        return _same_items(then, now, loose)
    if not loose or not isinstance(now, dict):
        return False
    ((tag, content),) = now.items()
    if isinstance(then, str):
        return _text(tag, content) == then
    if isinstance(then, list):
        return tag == "tuple" and _same_items(then, content, loose)
    if not isinstance(then, dict):
        return False
    ((recorded, inner),) = then.items()
    if recorded == "bytes":
        return tag in _BYTES and bool(inner == content)
    if recorded == "time":
        return tag == "time" and _text(tag, content) == str(inner)
    return bool(recorded == tag) and _same_items(inner, content, loose)


def _same_items(then: Any, now: Any, loose: bool) -> bool:
    if not isinstance(then, list) or not isinstance(now, list):
        return False
    pairs = zip(then, now, strict=False)
    return len(then) == len(now) and all(_same(*pair, loose) for pair in pairs)


def _same_form(kind: str, then: Any, now: Any, loose: bool) -> bool:
    known = form(kind, now)
    if _same(then, now, loose) or (known is not None and form(kind, then) == known):
        return True
    # A clock among the parameters is a text when recorded.
    clock = shape(now).startswith("datetime")
    return loose and clock and shape(then) == "str timestamp"


def _text(tag: str, content: Any) -> str | None:
    """The text that the other recorder makes of a value that it does not tag."""
    if tag in ("datetime", "time"):
        return str(content["value"] if isinstance(content, dict) else content)
    if tag == "ip":
        return str(content[1])
    if tag in _BYTES:
        try:
            return base64.b64decode(content).decode()
        except UnicodeDecodeError:
            return None
    return None


def _folded(parameters: Any) -> Any:
    if not isinstance(parameters, dict):
        return parameters
    folded: dict[str, list[Any]] = {}
    for name, value in parameters.items():
        folded.setdefault(_NUMBERED.sub(r"_\1N", name), []).append(value)
    return folded


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else ABSENT
