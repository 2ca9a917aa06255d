"""An independent reader of span files: what each statement should give at replay.

Shares nothing with the generator. Values are those that psycopg 3 would have given,
by the type code of their column.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import hashlib
import ipaddress
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETS = Path(__file__).resolve().parents[1] / "tusk"


@dataclass
class Statement:
    """A span of a statement."""

    place: str
    package: str
    query: str
    given: dict[str, Any]
    output: dict[str, Any]

    @property
    def left_out(self) -> bool:
        """Whether the span cannot be answered: its rows are no lists."""
        return any(not isinstance(row, list) for row in self.output.get("rows", []))

    @property
    def result_sets(self) -> list[dict[str, Any]]:
        sets: list[dict[str, Any]] = self.output.get("result_sets", [self.output])
        return sets

    @property
    def kind(self) -> str:
        """How it was read: the shape of its outcome tells."""
        if "_batch" in (self.given.get("parameters") or ()):
            return "executemany"
        if "operation" in self.given:
            return "copy"
        if "rows" in self.output and "description" not in self.output:
            return "stream"
        if self.output.get("rowcount") == -1 and "description" in self.output:
            return "declare"
        return "execute"

    def parameters(self) -> Any:
        """What to pass: the values as recorded, or None if none were passed."""
        passed = self.given.get("parameters")
        if self.package == "sqlalchemy":
            return _by_name(passed)
        if self.kind == "executemany":
            return _python(passed["_batch"])
        return _python(passed)

    def sql(self) -> str:
        """The text with names for the erased placeholders, in any order."""
        parts = self.query.split("__td_param__")
        names = list(_by_name(self.given["parameters"])) if len(parts) > 1 else []
        assert len(names) == len(parts) - 1, self.place
        return "".join(
            part + name for part, name in zip(parts, [*names, ""], strict=True)
        )


@dataclass
class Scope:
    """What ran within one request, or at start-up."""

    name: str
    statements: list[Statement] = field(default_factory=list)


def read_set(name: str) -> list[Scope]:
    """The scopes of a set in the order in which their requests came."""
    spans: list[dict[str, Any]] = []
    for path in sorted((SETS / name).glob("*_trace_*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            spans.append(json.loads(line) | {"place": f"{path.name}:{number}"})
    spans.sort(key=lambda s: (s["timestamp"]["seconds"], s["timestamp"]["nanos"]))
    start_up = Scope("start-up")
    by_span: dict[str, Scope] = {"": start_up}
    ordinals: dict[str, int] = {}
    for span in spans:
        if span["kind"] == 2:
            name = _request_name(span["inputValue"])
            ordinals[name] = ordinals.get(name, 0) + 1
            number = ordinals[name]
            by_span[span["spanId"]] = Scope(
                name if number == 1 else f"{name} ({number})"
            )
    for span in spans:
        if span["kind"] == 3:
            given = span["inputValue"]
            by_span[span["parentSpanId"]].statements.append(
                Statement(
                    span["place"],
                    span["packageName"],
                    given["query"],
                    given,
                    span["outputValue"],
                )
            )
    return list(by_span.values())


def expected_rows(result: dict[str, Any], codes: list[int]) -> list[tuple[Any, ...]]:
    """The rows of a result set as psycopg would have given them."""
    return [
        tuple(
            _value(cell, code) if cell is not None else None
            for cell, code in zip(row, codes, strict=True)
        )
        for row in result.get("rows", [])
    ]


@dataclass(frozen=True)
class Range:
    """What the driver's `Range` is compared with."""

    lower: Any
    upper: Any
    bounds: str


def _request_name(request: dict[str, Any]) -> str:
    name = f"{request['method']} {request['target']}"
    body = base64.b64decode(request.get("body", ""))
    if body:
        name += f" #{hashlib.sha256(body).hexdigest()[:8]}"
    return name


def _range(element: Callable[[Any], Any]) -> Callable[[Any], Range]:
    def made(cell: Any) -> Range:
        sides = cell["__range__"]
        return Range(element(sides["lower"]), element(sides["upper"]), sides["bounds"])

    return made


def _inet(cell: str) -> Any:
    return (ipaddress.ip_interface if "/" in cell else ipaddress.ip_address)(cell)


def _bytes(cell: Any) -> bytes:
    if isinstance(cell, str):
        return cell.encode()
    return base64.b64decode(cell["__bytes__"])


def _same(cell: Any) -> Any:
    return cell


_BY_CODE: dict[int, Callable[[Any], Any]] = {
    16: bool,
    17: _bytes,
    19: str,
    20: int,
    23: int,
    25: str,
    114: _same,
    650: ipaddress.ip_network,
    869: _inet,
    1007: lambda cell: [int(each) for each in cell],
    1009: lambda cell: [str(each) for each in cell],
    1043: str,
    1082: lambda cell: dt.date.fromisoformat(cell["__date__"]),
    1083: lambda cell: dt.time.fromisoformat(cell["__time__"]),
    1114: dt.datetime.fromisoformat,
    1184: dt.datetime.fromisoformat,
    1186: lambda cell: dt.timedelta(seconds=cell["__timedelta__"]),
    1700: lambda cell: decimal.Decimal(cell["__decimal__"]),
    2950: lambda cell: uuid.UUID(cell["__uuid__"]),
    3802: _same,
    3904: _range(int),
    3908: _range(dt.datetime.fromisoformat),
}


def _value(cell: Any, code: int) -> Any:
    return _BY_CODE[code](cell)


_TAGS: dict[str, Callable[[Any], Any]] = {
    "__bytes__": base64.b64decode,
    "__date__": dt.date.fromisoformat,
    "__decimal__": decimal.Decimal,
    "__time__": dt.time.fromisoformat,
    "__timedelta__": lambda content: dt.timedelta(seconds=content),
    "__uuid__": uuid.UUID,
    "__range__": lambda content: Range(
        content["lower"], content["upper"], content["bounds"]
    ),
}


def _python(value: Any) -> Any:
    if isinstance(value, list):
        return [_python(each) for each in value]
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in _TAGS:
            ((tag, content),) = value.items()
            return _TAGS[tag](content)
        return {key: _python(each) for key, each in value.items()}
    return value


def _by_name(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Parameters by names that fold to the recorded ones; a blank is a clock."""
    named: dict[str, Any] = {}
    for pair in pairs:
        folded, value = pair["k"], pair["v"]
        name, number = folded, 1
        while name in named or name.endswith("_N"):
            name = f"{folded.removesuffix('N')}{number}"
            number += 1
        blank = value == "__td_dynamic_time__"
        named[name] = dt.datetime(2031, 5, 6, tzinfo=dt.UTC) if blank else value
    return named
