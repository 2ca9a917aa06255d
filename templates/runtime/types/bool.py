"""Adapters of booleans."""

from __future__ import annotations

from collections.abc import Callable

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format


class BoolLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], bool]:
        return "t".__eq__


class BoolBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], bool]:
        return b"\0".__ne__


class BoolDumper(Dumper):
    oid = 16

    def dump(self, obj: bool) -> Buffer | None:
        return b"t" if obj else b"f"

    def quote(self, obj: bool) -> Buffer:
        return b"true" if obj else b"false"


class BoolBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 16

    def dump(self, obj: bool) -> Buffer | None:
        return b"\1" if obj else b"\0"


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    adapters.register_dumper(bool, BoolDumper)
    adapters.register_dumper(bool, BoolBinaryDumper)
