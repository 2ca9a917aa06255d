"""Dates, times and intervals as they are sent in binary.

All count from 2000-01-01, days or microseconds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from struct import Struct

from .. import errors as e
from .binary_numeric import encode_int4, encode_int8

_timetz = Struct(">qi").pack
_interval = Struct(">qii").pack

_DAY_ONE = date(2000, 1, 1).toordinal()
_START = datetime(2000, 1, 1)
_START_UTC = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_date(value: date) -> bytes:
    return encode_int4(value.toordinal() - _DAY_ONE)


def encode_time(value: time) -> bytes:
    return encode_int8(_since_midnight(value))


def encode_timetz(value: time) -> bytes:
    # The protocol counts seconds west of Greenwich.
    seconds = offset_of(value) // timedelta(seconds=1)
    return _timetz(_since_midnight(value), -seconds)


def encode_timestamp(value: datetime) -> bytes:
    return encode_int8((value - _START) // _MICROSECOND)


def encode_timestamptz(value: datetime) -> bytes:
    return encode_int8((value - _START_UTC) // _MICROSECOND)


def encode_interval(value: timedelta) -> bytes:
    microseconds = value.seconds * 1_000_000 + value.microseconds
    return _interval(microseconds, value.days, 0)


def offset_of(value: time) -> timedelta:
    """The offset of a time; zones that change over the year have none without a date."""
    offset = value.utcoffset()
    if offset is None:
        raise e.DataError(
            f"cannot calculate the offset of tzinfo '{value.tzinfo}' without a date"
        )
    return offset


def _since_midnight(value: time) -> int:
    moment = datetime.combine(_START, value.replace(tzinfo=None))
    return (moment - _START) // _MICROSECOND
