"""What differs between a statement that is asked and a recorded exchange.

Judges nothing: which of the differences may be is the matching's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from . import lossy
from .binding import Bindings
from .exchange import Exchange, parameter_sets
from .forms import form
from .mask import Mask
from .parameters import canonical

_LONGEST = 200
_BEFORE = 40
"""How much of a long value stands before the first difference."""
_ABSENT = {"absent": None}
_NAMES = {"uuid": "UUID", "decimal": "Decimal", "ip": "address"}
_KINDS = ("uuid", "timestamp", "hash", "token", "number", "text")


class Difference(NamedTuple):
    """One parameter, as it was recorded and as it is asked.

    `name` is that of the parameter, with its set's number before it in an
    `executemany`; None stands for all parameters.  `why` says what is wrong with
    the live value beyond its being another.
    """

    name: str | None
    pointer: str | None
    recorded: Any
    asked: Any
    why: str = ""

    def is_of_one_type(self) -> bool:
        return shown_type(self.recorded) == shown_type(self.asked)

    def __str__(self) -> str:
        then, now = canonical(self.recorded), canonical(self.asked)
        if self.name is None:
            return f"parameters: recorded {then}, asked {now}"
        why = self.why or ("" if self.is_of_one_type() else "type")
        label = f"parameter {self.name} ({why})" if why else f"parameter {self.name}"
        start = _first_difference(then, now)
        recorded, asked = shown(self.recorded, start), shown(self.asked, start)
        return f"{label}: recorded {recorded}, asked {asked}"


def shown(tagged: Any, start: int = 0) -> str:
    """A tagged value with its type; of a long one what is around the place `start`."""
    if tagged is _ABSENT:
        return "nothing"
    if tagged is None:
        return "None"
    text = canonical(tagged)
    if isinstance(tagged, dict) and len(tagged) == 1:
        content = next(iter(tagged.values()))
        text = content if isinstance(content, str) else canonical(content)
    if len(text) > _LONGEST:
        begin = max(0, min(start, len(text)) - _BEFORE)
        end = begin + _LONGEST
        text = "…"[: begin > 0] + text[begin:end] + "…"[: end < len(text)]
    return f"{shown_type(tagged)} {text}"


def shown_type(tagged: Any) -> str:
    """The name of a tagged value's type."""
    if not isinstance(tagged, dict):
        return type(tagged).__name__
    tag, content = next(iter(tagged.items()))
    if tag == "subclass":
        return shown_type(content[1])
    return _NAMES.get(tag, str(tag))


def common_kind(recorded: Any, asked: Any) -> str | None:
    """The kind of which both are, in one form."""
    for kind in _KINDS:
        found = form(kind, recorded)
        if found is not None and found == form(kind, asked):
            return kind
    return None


def differences(
    exchange: Exchange, operation: str, asked: Any, bindings: Bindings
) -> Iterator[Difference]:
    """The parameters that keep the exchange from answering, each by itself."""
    if exchange.lossy:
        for name, then, now in lossy.differences(exchange, asked, bindings):
            which = None if name == () else str(name)
            yield Difference(which, None, _or_absent(then), _or_absent(now))
        return
    if "executemany" in (operation, exchange.operation):
        if operation == exchange.operation:
            yield from _of_many(exchange, asked, bindings)
        return
    mask = Mask.of({}) if exchange.volatile is None else exchange.volatile.mask
    yield from _of_sets(mask, exchange.parameters, asked, bindings, "")


def _of_many(
    exchange: Exchange, asked: Any, bindings: Bindings
) -> Iterator[Difference]:
    recorded = parameter_sets("executemany", exchange.parameters)
    if len(recorded) != len(asked):
        yield Difference("sets", None, len(recorded), len(asked), "their number")
    mask = Mask.of({}) if exchange.volatile is None else exchange.volatile.mask
    for number, sets in enumerate(zip(recorded, asked, strict=False)):
        yield from _of_sets(mask, *sets, bindings, f"[{number}] ")


def _of_sets(
    mask: Mask, recorded: Any, asked: Any, bindings: Bindings, label: str
) -> Iterator[Difference]:
    """What differs in one set of parameters; `label` tells which set."""
    if type(recorded) is not type(asked) or not isinstance(asked, (dict, list)):
        if canonical(recorded) != canonical(asked):
            yield Difference(None, None, recorded, asked)
        return
    stands_for, firsts = bindings.to_recorded(asked), bindings.to_firsts(recorded)
    for name in _all_names(recorded, asked):
        was, has = _value(recorded, name), _value(asked, name)
        told = _value(stands_for, name)
        if canonical(_value(firsts, name)) == canonical(told):
            continue
        why = "" if told == has else f"bound to recorded {shown(told)}"
        part = mask.of_parameter(name)
        if part and was is not _ABSENT and has is not _ABSENT:
            covered = part.covered([was]), part.covered([has])
            same = None not in covered and covered[0] == covered[1]
            if same and bindings.fit(part.pairs([was], [has])):
                continue
            taken = "stands for another value" if same else "of another form"
            why = f"volatile, {why or taken}"
        pointer = str(name).replace("~", "~0").replace("/", "~1")
        yield Difference(f"{label}{name}", pointer, was, has, why)


def _all_names(recorded: Any, asked: Any) -> Iterable[Any]:
    if isinstance(recorded, dict):
        return sorted({*recorded, *asked})
    return range(max(len(recorded), len(asked)))


def _value(parameters: Any, name: Any) -> Any:
    try:
        return parameters[name]
    except (KeyError, IndexError):
        return _ABSENT


def _or_absent(value: Any) -> Any:
    return _ABSENT if value is lossy.ABSENT else value


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
