"""Adapters of internet addresses and networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any, TypeAlias

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format
from ..refusal import refusing

Address: TypeAlias = IPv4Address | IPv6Address
Interface: TypeAlias = IPv4Interface | IPv6Interface
Network: TypeAlias = IPv4Network | IPv6Network

_IPV4, _IPV6 = 2, 3


class InetLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], Address | Interface]:
        return _inet


class InetBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], Address | Interface]:
        return _inet_binary


class CidrLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], Network]:
        return ipaddress.ip_network


class CidrBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], Network]:
        return _cidr_binary


class InterfaceDumper(Dumper):
    oid = 869

    def dump(self, obj: Address | Interface) -> Buffer | None:
        return str(obj).encode()


class NetworkDumper(Dumper):
    oid = 650

    def dump(self, obj: Network) -> Buffer | None:
        return str(obj).encode()


class AddressBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 869

    def dump(self, obj: Address) -> Buffer | None:
        return _packed(obj, obj.max_prefixlen, is_cidr=False)


class InterfaceBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 869

    def dump(self, obj: Interface) -> Buffer | None:
        return _packed(obj, obj.network.prefixlen, is_cidr=False)


class InetBinaryDumper(Dumper):
    """Addresses and interfaces alike, where the type asked for is ``inet``."""

    format = Format.BINARY
    oid = 869

    def dump(self, obj: Address | Interface) -> Buffer | None:
        if isinstance(obj, IPv4Interface | IPv6Interface):
            return _packed(obj, obj.network.prefixlen, is_cidr=False)
        return _packed(obj, obj.max_prefixlen, is_cidr=False)


class NetworkBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 650

    def dump(self, obj: Network) -> Buffer | None:
        return _packed(obj.network_address, obj.prefixlen, is_cidr=True)


def _packed(address: Address, mask: int, *, is_cidr: bool) -> bytes:
    packed = address.packed
    family = _IPV4 if address.version == 4 else _IPV6
    return bytes((family, mask, is_cidr, len(packed))) + packed


def _inet(text: str) -> Address | Interface:
    # The server leaves the mask out where it is that of one host.
    if "/" in text:
        return ipaddress.ip_interface(text)
    return ipaddress.ip_address(text)


def _inet_binary(data: bytes) -> Address | Interface:
    family, mask, _, length = data[:4]
    packed = data[4:]
    if mask == 8 * length:
        return IPv4Address(packed) if family == _IPV4 else IPv6Address(packed)
    if family == _IPV4:
        return IPv4Interface((packed, mask))
    return IPv6Interface((packed, mask))


def _cidr_binary(data: bytes) -> Network:
    family, mask = data[:2]
    packed = data[4:]
    if family == _IPV4:
        return IPv4Network((packed, mask))
    return IPv6Network((packed, mask))


def register_default_adapters(context: AdaptersMap) -> None:
    dumpers: tuple[tuple[type[Any] | None, type[Dumper]], ...] = (
        *((cls, InterfaceDumper) for cls in (*_ADDRESSES, *_INTERFACES)),
        *((cls, AddressBinaryDumper) for cls in _ADDRESSES),
        *((cls, InterfaceBinaryDumper) for cls in _INTERFACES),
        (None, InetBinaryDumper),
        *((cls, NetworkDumper) for cls in _NETWORKS),
        *((cls, NetworkBinaryDumper) for cls in _NETWORKS),
    )
    for cls, dumper in dumpers:
        context.adapters.register_dumper(cls, dumper)


_ADDRESSES = (IPv4Address, IPv6Address)
_INTERFACES = (IPv4Interface, IPv6Interface)
_NETWORKS = (IPv4Network, IPv6Network)


__getattr__ = refusing("psycopg.types.net")
