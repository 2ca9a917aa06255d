"""Adapters of dates, times and intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, PyFormat
from ..dumpers import binary_datetime as binary
from ..loaders import binary_datetime, text_datetime
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format

utc = UTC


class DateLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], date]:
        return text_datetime.date_decoder(self._session.date_style)

    def usual_decoder(self) -> Callable[[str], date]:
        is_iso = self._session.date_style[:1] == "I"
        return date.fromisoformat if is_iso else self.decode


class DateBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], date]:
        return binary_datetime.decode_date


class TimeLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], time]:
        return text_datetime.decode_time


class TimeBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], time]:
        return binary_datetime.decode_time


class TimetzLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], time]:
        return text_datetime.decode_timetz


class TimetzBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], time]:
        return binary_datetime.decode_timetz


class TimestampLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], datetime]:
        return text_datetime.timestamp_decoder(self._session.date_style)

    def usual_decoder(self) -> Callable[[str], datetime]:
        is_iso = self._session.date_style[:1] == "I"
        return datetime.fromisoformat if is_iso else self.decode


class TimestampBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], datetime]:
        return binary_datetime.decode_timestamp


class TimestamptzLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], datetime]:
        session = self._session
        return text_datetime.timestamptz_decoder(session.date_style, session.shown_zone)


class TimestamptzBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], datetime]:
        return binary_datetime.timestamptz_decoder(self._session.timezone)


class IntervalLoader(TextForm):
    is_pure = True
    shows_rest = True

    def decoder(self) -> Callable[[str], timedelta]:
        return text_datetime.interval_decoder(self._session.interval_style)


class IntervalBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], timedelta]:
        return binary_datetime.decode_interval


class _TextDumper(Dumper):
    def dump(self, obj: Any) -> Buffer | None:
        return str(obj).encode()


class _BinaryDumper(Dumper):
    format = Format.BINARY


class _Zoned(Dumper):
    """Values of one class that have a type each, with a zone and without."""

    # Of values of the other kind.
    _other: type[Dumper]
    _zoned = True

    def get_key(self, obj: Any, format: PyFormat) -> Any:
        return self.cls if self._serves(obj) else self._other

    def upgrade(self, obj: Any, format: PyFormat) -> Dumper:
        return self if self._serves(obj) else self._other(self.cls)

    def _serves(self, obj: Any) -> bool:
        return (obj.tzinfo is not None) == self._zoned


class DateDumper(_TextDumper):
    oid = 1082


class DateBinaryDumper(_BinaryDumper):
    oid = 1082

    def dump(self, obj: date) -> Buffer | None:
        return binary.encode_date(obj)


class TimeTzDumper(_TextDumper):
    oid = 1266

    def dump(self, obj: time) -> Buffer | None:
        binary.offset_of(obj)
        return super().dump(obj)


class TimeDumper(_Zoned, _TextDumper):
    oid = 1083
    _other = TimeTzDumper
    _zoned = False


class TimeTzBinaryDumper(_BinaryDumper):
    oid = 1266

    def dump(self, obj: time) -> Buffer | None:
        return binary.encode_timetz(obj)


class TimeBinaryDumper(_Zoned, _BinaryDumper):
    oid = 1083
    _other = TimeTzBinaryDumper
    _zoned = False

    def dump(self, obj: time) -> Buffer | None:
        return binary.encode_time(obj)


class DatetimeNoTzDumper(_TextDumper):
    oid = 1114


class DatetimeDumper(_Zoned, _TextDumper):
    oid = 1184
    _other = DatetimeNoTzDumper


class DatetimeNoTzBinaryDumper(_BinaryDumper):
    oid = 1114

    def dump(self, obj: datetime) -> Buffer | None:
        return binary.encode_timestamp(obj)


class DatetimeBinaryDumper(_Zoned, _BinaryDumper):
    oid = 1184
    _other = DatetimeNoTzBinaryDumper

    def dump(self, obj: datetime) -> Buffer | None:
        return binary.encode_timestamptz(obj)


class TimedeltaDumper(Dumper):
    oid = 1186

    def dump(self, obj: timedelta) -> Buffer | None:
        # Python writes a comma between days and time, which the server refuses.
        return str(obj).replace(",", "").encode()


class TimedeltaBinaryDumper(_BinaryDumper):
    oid = 1186

    def dump(self, obj: timedelta) -> Buffer | None:
        return binary.encode_interval(obj)


def register_default_adapters(context: AdaptersMap) -> None:
    # Of two dumpers of a class the later is preferred.
    dumpers: tuple[tuple[type | None, type[Dumper]], ...] = (
        (date, DateDumper),
        (date, DateBinaryDumper),
        (time, TimeDumper),
        (time, TimeBinaryDumper),
        (None, TimeTzDumper),
        (None, TimeTzBinaryDumper),
        (datetime, DatetimeDumper),
        (datetime, DatetimeBinaryDumper),
        (None, DatetimeNoTzDumper),
        (None, DatetimeNoTzBinaryDumper),
        (timedelta, TimedeltaDumper),
        (timedelta, TimedeltaBinaryDumper),
    )
    for cls, dumper in dumpers:
        context.adapters.register_dumper(cls, dumper)
