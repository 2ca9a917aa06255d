"""Dates, times and intervals as the server writes them in each of its styles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NoReturn

from .. import errors as e

_MONTHS = {
    "Jan": 1,
    "Feb": 2,
    "Mar": 3,
    "Apr": 4,
    "May": 5,
    "Jun": 6,
    "Jul": 7,
    "Aug": 8,
    "Sep": 9,
    "Oct": 10,
    "Nov": 11,
    "Dec": 12,
}


def date_decoder(date_style: str) -> Callable[[str], date]:
    """Dates under ``DateStyle``: year first only in ISO."""
    order = _order(date_style)
    if order == "YMD":
        return _date_iso

    def decode(text: str) -> date:
        if len(text) != 10:
            raise _failure(_date_error("unexpected length"), text)
        try:
            first, second = int(text[0:2]), int(text[3:5])
            month, day = (second, first) if order == "DMY" else (first, second)
            return date(int(text[6:10]), month, day)
        except ValueError as error:
            raise _failure(_date_error(str(error)), text) from None

    return decode


def _date_iso(text: str) -> date:
    if len(text) != 10:
        raise _failure(_date_error("unexpected length"), text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _failure(_date_error(str(error)), text) from None


def decode_time(text: str) -> time:
    return _time("time", text)


def decode_timetz(text: str) -> time:
    return _time("timetz", text)


def _time(kind: str, text: str) -> time:
    # Python from 3.13 on reads 24:00 as midnight; psycopg refuses it.
    reason = "hour must be in 0..23"
    if text[:2] != "24":
        try:
            return time.fromisoformat(text)
        except ValueError as error:
            reason = str(error)
    raise _failure(_plain_error(kind, reason), text)


def timestamp_decoder(date_style: str) -> Callable[[str], datetime]:
    """Timestamps under ``DateStyle``; Postgres' own has the year at the end."""
    order = _order(date_style)
    if order == "YMD":
        return _timestamp_iso
    postgres = date_style[:1] == "P"

    def decode(text: str) -> datetime:
        try:
            if postgres:
                _, first, second, clock, year = text.split(" ")
                day, month = (first, second) if order == "DMY" else (second, first)
                found = date(_year(year), _MONTHS[month], int(day))
            else:
                numbers, clock = text.split(" ")
                first, second, year = numbers[0:2], numbers[3:5], numbers[6:]
                day, month = (first, second) if order == "DMY" else (second, first)
                found = date(_year(year), int(month), int(day))
            return datetime.combine(found, time.fromisoformat(clock))
        except (ValueError, KeyError):
            raise _failure(_timestamp_error(postgres), text) from None

    return decode


def _timestamp_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _failure(_timestamp_error(), text) from None


def timestamptz_decoder(
    date_style: str, zone: tzinfo | None
) -> Callable[[str], datetime]:
    """Timestamps with a zone, shown in the session's; other styles name zones.

    An abbreviation such as ``CEST`` cannot be read back, so psycopg does not try.
    """

    def refuse(text: str) -> NoReturn:
        raise NotImplementedError(
            f"can't parse timestamptz with DateStyle {date_style!r}: {text!r}"
        )

    if date_style[:1] != "I":
        return refuse

    def decode(text: str) -> datetime:
        found = _timestamp_iso(text)
        if zone is None or found.tzinfo is zone:
            return found
        try:
            return found.astimezone(zone)
        except OverflowError:
            # The session's zone is beyond the years of Python, the text's is not.
            return found

    return decode


def interval_decoder(interval_style: str) -> Callable[[str], timedelta]:
    """Intervals of style ``postgres``, with years of 365 and months of 30 days."""

    def unknown(text: str) -> NotImplementedError:
        return NotImplementedError(
            f"can't parse interval with IntervalStyle {interval_style!r}: {text!r}"
        )

    def refuse(text: str) -> NoReturn:
        raise _failure(unknown, text)

    return _interval if interval_style == "postgres" else refuse


_DAYS = {"y": 365, "m": 30, "d": 1}


def _interval(text: str) -> timedelta:
    days = 0
    microseconds = 0
    words = text.split(" ")
    try:
        for number, unit in zip(words[::2], words[1::2], strict=False):
            days += int(number) * _DAYS[unit[0]]
        if len(words) % 2:
            microseconds = _clock(words[-1])
        # Psycopg adds in 32 bits, which shows in its message.
        days = (days + 2**31) % 2**32 - 2**31
        return timedelta(days, 0, microseconds)
    except OverflowError as error:
        raise _failure(_plain_error("interval", str(error)), text) from None
    except (ValueError, KeyError, IndexError):
        # Psycopg finds no unit in ``infinity`` either, and gives an empty interval.
        return timedelta(0)


def _clock(text: str) -> int:
    sign = -1 if text[:1] == "-" else 1
    hours, minutes, seconds = text.lstrip("+-").split(":")
    whole, _, fraction = seconds.partition(".")
    total = (int(hours) * 60 + int(minutes)) * 60 + int(whole)
    return sign * (total * 1_000_000 + int(fraction.ljust(6, "0")))


def _order(date_style: str) -> str:
    if date_style[:1] == "I":
        return "YMD"
    if date_style[:1] == "G" or date_style.endswith("DMY"):
        return "DMY"
    return "MDY"


def _year(text: str) -> int:
    if len(text) != 4:
        raise ValueError("unexpected length")
    return int(text)


def _failure(make: Callable[[str], Exception], text: str) -> Exception:
    """The error of a text, and how to make it of another.

    An array shows not the element that failed but all that follows it.
    """
    error = make(text)
    error.of_rest = make  # type: ignore[attr-defined]
    return error


def _plain_error(kind: str, reason: str) -> Callable[[str], Exception]:
    return lambda text: e.DataError(f"can't parse {kind} {text!r}: {reason}")


def _date_error(reason: str) -> Callable[[str], Exception]:
    def make(text: str) -> Exception:
        if text == "-infinity" or "BC" in text:
            return e.DataError(f"date too small (before year 1): {text!r}")
        if text == "infinity" or len(text) > 10:
            return e.DataError(f"date too large (after year 10K): {text!r}")
        return e.DataError(f"can't parse date {text!r}: {reason}")

    return make


def _timestamp_error(postgres: bool = False) -> Callable[[str], Exception]:
    def make(text: str) -> Exception:
        if text == "-infinity" or text.endswith("BC"):
            return e.DataError(f"timestamp too small (before year 1): {text!r}")
        words = text.split() or [""]
        is_late = len(words[-1]) > 4 if postgres else len(words[0]) > 10
        if text == "infinity" or is_late:
            return e.DataError(f"timestamp too large (after year 10K): {text!r}")
        is_number = postgres or text[:1].isdigit()
        reason = "(unknown)" if is_number else "year 0 is out of range"
        return e.DataError(f"can't parse timestamp {text!r}: {reason}")

    return make
