"""Two-phase commit: transaction ids as parameters, recovered ones as rows.

The driver shows no wire form of them, so the cells are tagged Python values.
"""

from __future__ import annotations

from typing import Any

from .parameters import Tagged
from .python_rows import python_rows
from .results import Result

FIELDS = ("format_id", "gtrid", "bqual", "prepared", "owner", "database")


def xid_parameters(xid: Any) -> Tagged | None:
    """The parts of a transaction id, or its text, as the application gave it."""
    if xid is None:
        return None
    if isinstance(xid, str):
        return [str.__str__(xid)]
    return [xid.format_id, xid.gtrid, xid.bqual]


def recovered(xids: list[Any]) -> Result:
    """The result of `tpc_recover()`."""
    rows = [{field: getattr(xid, field) for field in FIELDS} for xid in xids]
    return python_rows(FIELDS, rows)
