"""Statements and parameters, taken down before the driver gets them.

What an application's own functions produce (the ``dumps`` of a JSON wrapper, the
rendering of composed SQL) is produced once and handed on, so that they are called as
often as without the recorder. Only a ``Dumper`` of a type that is not the driver's is
asked once more, as the driver takes no value that was dumped already.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.json import Json, Jsonb

from .faults import RecorderUnsupported
from .parameters import Tagged, encode_parameters
from .texts import sql_text


class Adaptation:
    """The adapters of one connection or cursor; an ``Adapt`` of ``parameters``."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._transformer: Any = None

    def json(self, wrapper: Any) -> str:
        """The text that ``prepared`` got from the wrapper's ``dumps``."""
        dumped: _Dumped = wrapper.dumps
        return bytes(dumped(wrapper.obj)).decode("utf-8", "replace")

    def dumped(self, value: Any) -> str:
        """The text by which the driver would send a value of an unknown type."""
        return _bytes(self._dump(value)).decode("utf-8", "backslashreplace")

    def prepared(self, parameters: Any) -> Any:
        """The parameters for the driver, each JSON wrapper in them dumped once."""
        if isinstance(parameters, Mapping):
            if not any(_holds_json(value) for value in parameters.values()):
                return parameters
            return _Prepared(parameters, self._dump_json)
        if isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
            if not any(_holds_json(value) for value in parameters):
                return parameters
            return [self._dump_json(value) for value in parameters]
        return parameters

    def encoded(self, prepared: Any) -> Tagged | None:
        """The tagged form of prepared parameters."""
        return encode_parameters(prepared, self)

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

    def _dump_json(self, value: Any) -> Any:
        if isinstance(value, Json | Jsonb):
            prepared = copy.copy(value)
            prepared.dumps = self._dumped_json(value)
            return prepared
        if isinstance(value, list):
            return [self._dump_json(item) for item in value]
        if isinstance(value, tuple) and _holds_json(value):
            items = [self._dump_json(item) for item in value]
            make = getattr(type(value), "_make", type(value))
            return make(items)
        return value

    def _dumped_json(self, wrapper: Any) -> _Dumped:
        try:
            return _Dumped(_bytes(self._dump(wrapper)), None)
        except Exception as error:  # noqa: BLE001 - the driver shall raise it itself
            return _Dumped(b"", error)


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

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        prepared = self._adaptation.prepared(next(self._iterator))
        self.encoded.append(self._adaptation.encoded(prepared))
        return prepared

    def finish(self) -> None:
        """Encode what the driver left."""
        if self._sized:
            for _ in self:
                pass


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


def _bytes(buffer: Any) -> bytes:
    # A dumper returns None for a value that is sent as NULL.
    return b"" if buffer is None else bytes(buffer)


def _holds_json(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_json(item) for item in value)
    return isinstance(value, Json | Jsonb)
