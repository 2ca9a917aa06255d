"""Statements and parameters, taken down before the driver gets them.

What an application's own functions produce (the ``dumps`` of a JSON wrapper, the
rendering of composed SQL) is produced once and handed on, so that they are called as
often as without the recorder; what its dumpers produce is overheard.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.json import Json, Jsonb

from .faults import RecorderUnsupported
from .heard import Heard, is_own
from .parameters import Tagged, encode_parameters
from .texts import sql_text


class Adaptation:
    """The adapters of one connection or cursor; an ``Adapt`` of ``parameters``."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._transformer: Any = None
        self._heard: dict[int, Heard] = {}

    def json(self, wrapper: Any) -> str:
        """The text that ``prepared`` got from the wrapper's ``dumps``."""
        dumped: _Dumped = wrapper.dumps
        return bytes(dumped(wrapper.obj)).decode("utf-8", "replace")

    def dumped(self, value: Any) -> str:
        """The text by which the driver would send a value of an unknown type."""
        heard = self._heard.get(id(value))
        if heard is not None and heard.text is not None:
            return heard.text.decode("utf-8", "backslashreplace")
        return _bytes(self._dump(value)).decode("utf-8", "backslashreplace")

    def prepared(self, parameters: Any) -> Any:
        """The parameters with each JSON wrapper in them dumped once."""
        return _replaced(parameters, _holds_json, self._dump_json)

    def overheard(self, prepared: Any) -> Any:
        """The prepared parameters for the driver; the same ones, or others that have to
        be encoded once it has dumped them.
        """
        return _replaced(prepared, self._is_own, self._stand_in)

    def encoded(self, prepared: Any) -> Tagged | None:
        """The tagged form of prepared parameters."""
        encoded = encode_parameters(prepared, self)
        self._heard.clear()
        return encoded

    def statement(self, query: Any, encoding: str) -> tuple[Any, str | None]:
        """The query for the driver, and its text for the trace.

        None if the driver is about to refuse it, as the replay does by itself.
        """
        if isinstance(query, str):
            return query, sql_text(query, encoding)
        if isinstance(query, sql.Composable):
            try:
                query = query.as_bytes(self._context)
            except Exception:  # noqa: BLE001 - the driver is about to raise the same
                return query, None
        if isinstance(query, bytes):
            return query, sql_text(query, encoding)
        if type(query).__module__ == "string.templatelib":
            raise RecorderUnsupported("a template string", "pass text and parameters")
        return query, None

    def _dump(self, value: Any) -> Any:
        if self._transformer is None:
            self._transformer = Transformer(self._context)
        return self._transformer.get_dumper(value, PyFormat.TEXT).dump(value)

    def _is_own(self, value: Any) -> bool:
        return is_own(value, self._context.adapters)

    def _stand_in(self, value: Any) -> Any:
        if not self._is_own(value):
            return value
        if isinstance(value, list):
            return [item and self._stand_in(item) for item in value]
        if isinstance(value, tuple):
            return _tuple_like(value, map(self._stand_in, value))
        heard = self._heard[id(value)] = Heard(value)
        return heard

    def _dump_json(self, value: Any) -> Any:
        if isinstance(value, Json | Jsonb):
            prepared = copy.copy(value)
            prepared.dumps = self._dumped_json(value)
            return prepared
        if isinstance(value, list):
            return [self._dump_json(item) for item in value]
        if isinstance(value, tuple) and _holds_json(value):
            return _tuple_like(value, map(self._dump_json, value))
        return value

    def _dumped_json(self, wrapper: Any) -> _Dumped:
        try:
            return _Dumped(_bytes(self._dump(wrapper)), None)
        except Exception as error:  # noqa: BLE001 - the driver shall raise it itself
            return _Dumped(b"", error)


_NOTHING: Any = object()


class ParameterSets:
    """The parameter sets of ``executemany``, prepared as the driver takes them.

    ``encoded`` grows as they go. The driver may refuse one half-way: ``finish`` takes
    the rest of a sequence, so that the key is that of the whole call. From any other
    iterable no more is taken than the driver asks for.
    """

    def __init__(self, adaptation: Adaptation, sets: Iterable[Any]) -> None:
        self.encoded: list[Tagged] = []
        self._adaptation = adaptation
        self._sized = isinstance(sets, Sequence)
        self._iterator = iter(sets)
        self._taken: Any = _NOTHING

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self._encode()
        self._taken = self._adaptation.prepared(next(self._iterator))
        overheard = self._adaptation.overheard(self._taken)
        if overheard is self._taken:
            self._encode()
        return overheard

    def finish(self) -> None:
        """Encode what the driver left."""
        if self._sized:
            for _ in self:
                pass
        self._encode()

    def _encode(self) -> None:
        if self._taken is not _NOTHING:
            self.encoded.append(self._adaptation.encoded(self._taken))
            self._taken = _NOTHING


class _Prepared(dict[Any, Any]):
    """Prepared parameters by name; what else the mapping would give is asked of it."""

    def __init__(
        self, parameters: Mapping[Any, Any], prepare: Callable[[Any], Any]
    ) -> None:
        super().__init__({name: prepare(parameters[name]) for name in parameters})
        self._parameters = parameters
        self._prepare = prepare

    def __missing__(self, name: Any) -> Any:
        return self._prepare(self._parameters[name])


class _Dumped:
    """A ``dumps`` that was called already."""

    __slots__ = ("_error", "_text")

    def __init__(self, text: bytes, error: Exception | None) -> None:
        self._text = text
        self._error = error

    def __call__(self, obj: Any) -> bytes:
        if self._error is not None:
            raise self._error
        return self._text


def _replaced(
    parameters: Any, holds: Callable[[Any], bool], replace: Callable[[Any], Any]
) -> Any:
    """The parameters of a statement with some values replaced; if none, the same."""
    if isinstance(parameters, Mapping):
        if not any(holds(value) for value in parameters.values()):
            return parameters
        return _Prepared(parameters, replace)
    if isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        if not any(holds(value) for value in parameters):
            return parameters
        return [replace(value) for value in parameters]
    return parameters


def _tuple_like(value: Any, items: Iterable[Any]) -> Any:
    return getattr(type(value), "_make", type(value))(items)


def _bytes(buffer: Any) -> bytes:
    # A dumper returns None for a value that is sent as NULL.
    return b"" if buffer is None else bytes(buffer)


def _holds_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_json(item) for item in value)
    return isinstance(value, Json | Jsonb)
