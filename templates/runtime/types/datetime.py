"""Adapters of dates, times and intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from .. import errors as e
from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, PyFormat
from ..loaders import binary_datetime, text_datetime
from ..loaders.form import BinaryForm, TextForm


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


class DateDumper(Dumper):
    oid = 1082

    def dump(self, obj: date) -> Buffer | None:
        return str(obj).encode()


class TimeDumper(Dumper):
    oid = 1083

    def dump(self, obj: time) -> Buffer | None:
        return str(obj).encode()

    def get_key(self, obj: time, format: PyFormat) -> Any:
        return TimeTzDumper if obj.tzinfo else self.cls

    def upgrade(self, obj: time, format: PyFormat) -> Dumper:
        return TimeTzDumper(self.cls) if obj.tzinfo else self


class TimeTzDumper(Dumper):
    oid = 1266

    def dump(self, obj: time) -> Buffer | None:
        if obj.utcoffset() is None:
            raise e.DataError(
                f"cannot calculate the offset of tzinfo '{obj.tzinfo}' without a date"
            )
        return str(obj).encode()


class DatetimeDumper(Dumper):
    oid = 1184

    def dump(self, obj: datetime) -> Buffer | None:
        return str(obj).encode()

    def get_key(self, obj: datetime, format: PyFormat) -> Any:
        return self.cls if obj.tzinfo else DatetimeNoTzDumper

    def upgrade(self, obj: datetime, format: PyFormat) -> Dumper:
        return self if obj.tzinfo else DatetimeNoTzDumper(self.cls)


class DatetimeNoTzDumper(Dumper):
    oid = 1114

    def dump(self, obj: datetime) -> Buffer | None:
        return str(obj).encode()


class TimedeltaDumper(Dumper):
    oid = 1186

    def dump(self, obj: timedelta) -> Buffer | None:
        # Python writes a comma between days and time, which the server refuses.
        return str(obj).replace(",", "").encode()


def register_default_adapters(context: AdaptersMap) -> None:
    dumpers: tuple[tuple[type | None, type[Dumper]], ...] = (
        (date, DateDumper),
        (time, TimeDumper),
        (None, TimeTzDumper),
        (datetime, DatetimeDumper),
        (None, DatetimeNoTzDumper),
        (timedelta, TimedeltaDumper),
    )
    for cls, dumper in dumpers:
        context.adapters.register_dumper(cls, dumper)
