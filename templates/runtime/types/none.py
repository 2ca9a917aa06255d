"""The adapter of ``None``."""

from __future__ import annotations

from types import NoneType

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper


class NoneDumper(Dumper):
    def dump(self, obj: None) -> Buffer | None:
        raise NotImplementedError("NULL is passed to Postgres in other ways")

    def quote(self, obj: None) -> Buffer:
        return b"NULL"


def register_default_adapters(context: AdaptersMap) -> None:
    context.adapters.register_dumper(NoneType, NoneDumper)
