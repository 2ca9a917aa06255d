"""What is asked in every round, of every driver alike."""

from __future__ import annotations

COLUMNS = "id, email, name, active, score, balance, joined_on, updated_at"
ONE_ROW = f"SELECT {COLUMNS} FROM accounts WHERE id = %s AND email = %s AND active = %s"
ONE_ROW_PARAMETERS = (7, "user7@example.org", True)
HUNDRED_ROWS = f"SELECT {COLUMNS} FROM accounts WHERE id > %s ORDER BY id LIMIT 100"

FEW = 100
EXACT = "UPDATE accounts SET email = %s, active = %s WHERE id = %s RETURNING *"
VOLATILE = "INSERT INTO accounts (key, name, active) VALUES (%s, %s, %s) RETURNING *"


def exact(number: int) -> tuple[str, bool, int]:
    """The parameters of `EXACT`, another three for each number."""
    return f"user{number}@example.org", True, number
