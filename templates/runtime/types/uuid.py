"""Adapters of UUIDs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format


class UUIDLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], UUID]:
        return UUID


class UUIDBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], UUID]:
        return _from_bytes


class UUIDDumper(Dumper):
    oid = 2950

    def dump(self, obj: UUID) -> Buffer | None:
        return obj.hex.encode()


class UUIDBinaryDumper(UUIDDumper):
    format = Format.BINARY

    def dump(self, obj: UUID) -> Buffer | None:
        return obj.bytes


def _from_bytes(data: bytes) -> UUID:
    return UUID(bytes=data)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    adapters.register_dumper("uuid.UUID", UUIDDumper)
    adapters.register_dumper("uuid.UUID", UUIDBinaryDumper)
