"""Pseudonyms of dates, times and timestamps, as ISO texts.

A date stays in its year, and a timestamp in its year, too: ages and reports keep some
sense, and no calendar is left. Knows no key: who asks brings the permutation.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

Below = Callable[[bytes, int, int], int]
"""Domain, size and number: the number below the size that stands for it."""

_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_TIME = r"(?P<time>[0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2}(?:\.[0-9]{1,6})?)?)"
_ZONE = r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?"
MOMENT = re.compile(rf"(?:{_DATE}(?:(?P<between>[T ]){_TIME}{_ZONE})?)")
TIME = re.compile(_TIME + _ZONE)

_DAY = 86_400
_MICRO = 10**6


def pseudonym_of_moment(text: str, below: Below) -> str:
    """Of a date or a timestamp; a text that is none of a calendar stays as it is."""
    found = MOMENT.fullmatch(text)
    assert found is not None
    try:
        date = dt.date.fromisoformat(found["date"])
    except ValueError:
        return text
    if found["time"] is None:
        first = date.replace(month=1, day=1)
        size = (dt.date(date.year + 1, 1, 1) - first).days if date.year < 9999 else 365
        domain = b"date%d" % date.year
        days = below(domain, size, (date - first).days)
        return (first + dt.timedelta(days)).isoformat()
    offset = _offset(found["zone"])
    moment = _seconds(found["time"])
    if moment is None:
        return text
    # Counted in UTC, so that an instant has one pseudonym however it is spelt.
    try:
        local = dt.datetime.combine(date, dt.time()) + moment
        utc = local - offset
        new = _within_year(utc, found["zone"] is not None, below) + offset
    except OverflowError:
        return text
    digits = _fraction_like(found["time"], new.microsecond)
    clock = new.strftime("%H:%M:%S" if found["seconds"] else "%H:%M") + digits
    return f"{new.date().isoformat()}{found['between']}{clock}{found['zone'] or ''}"


def pseudonym_of_time(text: str, below: Below) -> str:
    """Of a time of the day; its zone stays."""
    found = TIME.fullmatch(text)
    moment = None if found is None else _seconds(found["time"])
    if found is None or moment is None or moment >= dt.timedelta(days=1):
        # 24:00:00 is one of the server's own.
        return text
    micros = moment // dt.timedelta(microseconds=1)
    unit = 1 if micros % _MICRO else _MICRO
    if not found["seconds"]:
        unit = 60 * _MICRO
    domain = b"time%d" % unit
    new = below(domain, _DAY * _MICRO // unit, micros // unit) * unit
    clock = (dt.datetime.min + dt.timedelta(microseconds=new)).time()
    shown = clock.strftime("%H:%M:%S" if found["seconds"] else "%H:%M")
    digits = _fraction_like(found["time"], clock.microsecond)
    return f"{shown}{digits}{found['zone'] or ''}"


def _within_year(moment: dt.datetime, aware: bool, below: Below) -> dt.datetime:
    first = moment.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    leap = moment.year % 4 == 0 and (moment.year % 100 != 0 or moment.year % 400 == 0)
    micros = (moment - first) // dt.timedelta(microseconds=1)
    # Whole seconds stay whole: what has no fraction is no clock's.
    unit = 1 if moment.microsecond else _MICRO
    size = (366 if leap else 365) * _DAY * _MICRO // unit
    domain = b"moment%d:%d:%d" % (moment.year, unit, aware)
    new = below(domain, size, micros // unit) * unit
    return first + dt.timedelta(microseconds=new)


def _seconds(text: str) -> dt.timedelta | None:
    hours, minutes, *rest = text.split(":")
    whole, _, fraction = rest[0].partition(".") if rest else ("0", "", "")
    if int(hours) > 24 or int(minutes) > 59 or int(whole) > 59:
        return None
    micros = int(fraction.ljust(6, "0")) if fraction else 0
    return dt.timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(whole), microseconds=micros
    )


def _offset(zone: str | None) -> dt.timedelta:
    if zone is None or zone == "Z":
        return dt.timedelta()
    digits = re.sub("[^0-9]", "", zone).ljust(6, "0")
    hours, minutes, seconds = digits[:2], digits[2:4], digits[4:6]
    offset = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return -offset if zone[0] == "-" else offset


def _fraction_like(before: str, microsecond: int) -> str:
    """A fraction in the manner of another: as `isoformat` writes it, or the server."""
    _, point, fraction = before.partition(".")
    if not point:
        return ""
    digits = f"{microsecond:06d}"
    return "." + (digits if len(fraction) == 6 else digits.rstrip("0") or "0")
