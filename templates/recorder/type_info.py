"""Recording of ``TypeInfo.fetch`` and of its kin.

They make a cursor of their own on the connection and read it themselves, so that the
question is not the application's: what is recorded is its outcome.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

from psycopg import sql
from psycopg.errors import InFailedSqlTransaction
from psycopg.types import TypeInfo

from .proxy import Proxy, real_of
from .python_rows import python_rows
from .results import Result
from .step import Step

FIELDS = ("name", "oid", "array_oid", "regtype", "delimiter")
MORE_FIELDS = {
    "EnumInfo": ("labels",),
    "CompositeInfo": ("field_names", "field_types"),
    "RangeInfo": ("subtype_oid",),
    "MultirangeInfo": ("range_oid", "subtype_oid"),
}
"""What the classes know beyond ``TypeInfo``, by the name of the class."""


class _Question(Step):
    """The step of a look-up; what a failed transaction refuses, the replay does, too."""

    def conclude(self, error: BaseException | None) -> None:
        if not isinstance(error, InFailedSqlTransaction):
            super().conclude(error)


def hook_type_info() -> None:
    """Let ``fetch``, of subclasses too, be recorded on proxies."""
    original = vars(TypeInfo)["fetch"].__func__

    @functools.wraps(original)
    def fetch(cls: Any, conn: Any, name: Any) -> Any:
        if not issubclass(type(conn), Proxy):
            return original(cls, conn, name)
        step = _Question(conn._recording, "type_info")
        step.sql = _text(name, real_of(conn))
        step.encoded = [cls.__name__]
        with step:
            answer = original(cls, real_of(conn), name)
            if not inspect.isawaitable(answer):
                step.results = [_result(cls, answer)]
                return answer
            step.postponed = True
        return _awaited(step, cls, answer)

    TypeInfo.fetch = classmethod(fetch)  # type: ignore[method-assign,assignment]


async def _awaited(step: Step, cls: type[Any], answer: Any) -> Any:
    step.postponed = False
    with step:
        info = await answer
        step.results = [_result(cls, info)]
    return info


def _text(name: Any, connection: Any) -> str:
    if isinstance(name, sql.Composable):
        return name.as_string(connection)
    return str(name)


def _result(cls: type[Any], info: Any) -> Result:
    names: tuple[str, ...] = FIELDS
    for base in cls.__mro__:
        names += MORE_FIELDS.get(base.__name__, ())
    values = {name: getattr(info, name, None) for name in names}
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = list(value)
    return python_rows(names, [values] if info is not None else [])
