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
from typing import TypeAlias

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..loaders.form import BinaryForm, TextForm

Address: TypeAlias = IPv4Address | IPv6Address
Interface: TypeAlias = IPv4Interface | IPv6Interface
Network: TypeAlias = IPv4Network | IPv6Network

_IPV4 = 2


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
    adapters = context.adapters
    for cls in (IPv4Address, IPv6Address, IPv4Interface, IPv6Interface):
        adapters.register_dumper(cls, InterfaceDumper)
    for network in (IPv4Network, IPv6Network):
        adapters.register_dumper(network, NetworkDumper)
