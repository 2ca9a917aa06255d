"""Write a trace of many scopes, whose statements say which trace it is.

Two of them have fixtures of the same files, and not one data file in common.
"""

import json
import sys

HEADER = {"version": 1, "profile": "psycopg", "packages": {}, "started_at": ""}
COLUMN = {
    "name": "n",
    "type": "int4",
    "type_oid": 23,
    "typmod": -1,
    "size": 4,
    "format": "text",
}


def main(name: str, scopes: int) -> None:
    events: list[tuple[str, dict[str, object]]] = [
        ("trace", HEADER),
        ("scope", {"id": 0, "name": "start-up", "kind": "start-up"}),
        (
            "connect",
            {
                "id": 1,
                "scope": 0,
                "server_parameters": {"application_name": name},
                "status": "IDLE",
            },
        ),
        ("row_description", {"id": 1, "columns": [COLUMN]}),
    ]
    for number in range(scopes + 1):
        if number:
            scope = {"id": number, "name": f"scope {number}", "kind": "test"}
            events.append(("scope", scope))
        sql = f"select {number} as {name}"
        events.append(("text", {"id": number + 1, "sql": sql}))
        result = {
            "row_description": 1,
            "rowcount": 1,
            "command_tag": "SELECT 1",
            "rows": [[str(number)]],
        }
        exchange = {
            "id": number + 1,
            "scope": number,
            "connection": 1,
            "operation": "execute",
            "text": number + 1,
            "results": [result],
            "status": "IDLE",
        }
        events.append(("exchange", exchange))
        if number:
            events.append(("scope_end", {"id": number}))
    for event, content in events:
        print(json.dumps({event: content}))


main(sys.argv[1], int(sys.argv[2]))
