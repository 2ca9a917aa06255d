"""What parameters are dumped to, for the key of the exchange they belong to."""

from __future__ import annotations

from typing import Any

from .abc import Buffer
from .adapt import AdaptersMap, PyFormat
from .session import Session
from .transformer import Transformer


class StandInAdapt:
    """Dumps through a connection's own adapters, as the driver did when recording."""

    __slots__ = ("_adapters", "_session", "_transformer")

    def __init__(self, adapters: AdaptersMap, session: Session) -> None:
        self._adapters = adapters
        self._session = session
        # Most parameters are of built-in types, which need none.
        self._transformer: Transformer | None = None

    def json(self, wrapper: Any) -> str:
        """The text of a `Json` or `Jsonb`: its own dumps, else the one that was set."""
        return bytes(self._dump(wrapper) or b"").decode("utf-8", "replace")

    def dumped(self, value: Any) -> str:
        """The text of a value of a type that only a registered dumper knows."""
        return bytes(self._dump(value) or b"").decode("utf-8", "backslashreplace")

    def _dump(self, value: Any) -> Buffer | None:
        if self._transformer is None:
            self._transformer = Transformer(self._adapters, self._session)
        # Asked with the placeholder's own format first, for its error message.
        self._transformer.adapters.get_dumper(type(value), PyFormat.AUTO)
        return self._transformer.get_dumper(value, PyFormat.TEXT).dump(value)
