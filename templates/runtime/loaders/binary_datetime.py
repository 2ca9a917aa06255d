"""Dates, times and intervals as the server sends them in binary.

All count from 2000-01-01, days or microseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from struct import Struct

from .. import errors as e
from ..abc import Buffer

_int4 = Struct(">i").unpack
_int8 = Struct(">q").unpack
_timetz = Struct(">qi").unpack
_interval = Struct(">qii").unpack

_MINUS_INFINITY = (b"\x80" + bytes(7)) + (b"\x80" + bytes(3)) * 2
_HOUR = 3_600_000_000
_EPOCH_DATE = date(2000, 1, 1).toordinal()
_EPOCH = datetime(2000, 1, 1)
_EPOCH_UTC = datetime(2000, 1, 1, tzinfo=UTC)


def decode_date(data: Buffer) -> date:
    days: int = _int4(data)[0]
    try:
        return date.fromordinal(days + _EPOCH_DATE)
    except (ValueError, OverflowError):
        raise _out_of_range("date", days) from None


def decode_time(data: Buffer) -> time:
    return _time(_int8(data)[0], None)


def decode_timetz(data: Buffer) -> time:
    microseconds, offset = _timetz(data)
    # The protocol counts seconds west of Greenwich.
    return _time(microseconds, timezone(timedelta(seconds=-offset)))


def _time(microseconds: int, zone: tzinfo | None) -> time:
    if microseconds >= 24 * _HOUR:
        hour = microseconds // _HOUR
        raise e.DataError(f"time not supported by Python: hour={hour}")
    return (_EPOCH + timedelta(microseconds=microseconds)).time().replace(tzinfo=zone)


def decode_timestamp(data: Buffer) -> datetime:
    microseconds: int = _int8(data)[0]
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise _out_of_range("timestamp", microseconds) from None


def timestamptz_decoder(zone: tzinfo) -> Callable[[Buffer], datetime]:
    """Timestamps with a zone, shown in the session's."""

    def decode(data: Buffer) -> datetime:
        microseconds: int = _int8(data)[0]
        try:
            moment = _EPOCH_UTC + timedelta(microseconds=microseconds)
            return moment.astimezone(zone)
        except OverflowError:
            raise _out_of_range("timestamp", microseconds) from None

    return decode


def decode_interval(data: Buffer) -> timedelta:
    if data == _MINUS_INFINITY:
        # What comes of negating the least integers in 32 and 64 bits.
        raise e.DataError(
            "can't parse interval: days=-1145947168; must have magnitude <= 999999999"
        )
    microseconds, days, months = _interval(data)
    years, rest = divmod(abs(months), 12)
    sign = -1 if months < 0 else 1
    # Psycopg adds in 32 bits, which shows in its message about infinite intervals.
    total = _wrapped(days + sign * (years * 365 + rest * 30))
    try:
        return timedelta(total, 0, microseconds)
    except OverflowError as error:
        raise e.DataError(f"can't parse interval: {error}") from None


def _wrapped(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31


def _out_of_range(kind: str, value: int) -> e.DataError:
    if value > 0:
        return e.DataError(f"{kind} too large (after year 10K)")
    return e.DataError(f"{kind} too small (before year 1)")
