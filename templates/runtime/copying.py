"""The beginning of a COPY: which way it goes, and what may answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .adapt import AdaptersMap
from .copy_data import operation_of
from .copy_in import CopyIn
from .copy_out import CopyOut
from .dumping import StandInAdapt
from .parameters import encode_parameters
from .pq import TransactionStatus

if TYPE_CHECKING:
    from .connection_base import BaseConnection


def begin_copy(
    connection: BaseConnection[Any], sql: str, parameters: Any, adapters: AdaptersMap
) -> CopyOut | CopyIn | None:
    """The server's side of a COPY; None if the task was cancelled before there was one.

    Raises as `BaseConnection.perform` does.
    """
    tagged = encode_parameters(parameters, StandInAdapt(adapters, connection.session))
    known = connection._replay.copies(sql, tagged)
    found = [each for each in known if each.left]
    if connection.transaction_status == TransactionStatus.INERROR:
        found = [each for each in found if each.error is not None and not each.results]
        if not found:
            raise connection.in_failed_transaction()
    if found and found[0].operation == "copy_in" and found[0].results:
        sent = [each for each in known if each.operation == "copy_in" and each.results]
        return CopyIn(connection, ("copy_in", sql, tagged), found[0], sent)
    operation = found[0].operation if found else operation_of(sql)
    asked = (operation, sql, tagged)
    exchange = connection._replay.answer(asked, connection._zone)
    if exchange.results:
        return CopyOut(connection, exchange)
    connection._become_or_raise(exchange)
    return None
