"""Thirty tests of a few statements each, on whatever database there is."""

from __future__ import annotations

import pytest
from models import Account, Entry
from sqlalchemy import func, select
from sqlalchemy.orm import Session


@pytest.mark.parametrize("number", range(30))
def test_entries_add_up(session: Session, number: int) -> None:
    accounts = [Account(name=f"account {number} {each}") for each in range(5)]
    for account in accounts:
        account.entries = [Entry(amount=number + each) for each in range(10)]
    session.add_all(accounts)
    session.commit()
    query = select(Account.name, func.sum(Entry.amount)).join(Entry)
    sums = session.execute(query.group_by(Account.name).order_by(Account.name)).all()
    assert [each for _, each in sums] == [10 * number + 45] * 5
    found = session.scalars(select(Account).order_by(Account.name)).all()
    assert [len(each.entries) for each in found] == [10] * 5
    session.delete(found[0].entries[0])
    session.commit()
    assert session.scalar(select(func.count()).select_from(Entry)) == 49
