"""The fields of an error or a notice, by psycopg's names of them (`Diagnostic`).

PostgreSQL's protocol has a letter for each ("Error and Notice Message Fields").
"""

from __future__ import annotations

FIELDS = (
    "severity",
    "severity_nonlocalized",
    "sqlstate",
    "message_primary",
    "message_detail",
    "message_hint",
    "statement_position",
    "internal_position",
    "internal_query",
    "context",
    "schema_name",
    "table_name",
    "column_name",
    "datatype_name",
    "constraint_name",
    "source_file",
    "source_line",
    "source_function",
)
