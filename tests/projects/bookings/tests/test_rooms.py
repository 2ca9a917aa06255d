from __future__ import annotations

from typing import Any

import pytest
from bookings.models import Room
from httpx import AsyncClient
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


async def add(client: AsyncClient, name: str, seats: int) -> dict[str, Any]:
    response = await client.post("/rooms", json={"name": name, "seats": seats})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_migrations_make_rooms(client: AsyncClient) -> None:
    rooms = (await client.get("/rooms")).json()
    assert [room["name"] for room in rooms] == ["Cellar", "Hall"]


async def test_a_room_is_found(client: AsyncClient) -> None:
    room = await add(client, "Attic", 4)
    found = (await client.get(f"/rooms/{room['id']}")).json()
    assert found == {**room, "guests": []}


async def test_an_unknown_room_is_not_found(client: AsyncClient) -> None:
    assert (await client.get("/rooms/99999")).status_code == 404


@pytest.mark.parametrize("seats, count", [(0, 2), (12, 2), (13, 1), (101, 0)])
async def test_rooms_are_large_enough(
    client: AsyncClient, seats: int, count: int
) -> None:
    assert len((await client.get("/rooms", params={"seats": seats})).json()) == count


@pytest.mark.parametrize("name", ["Hall", "Cellar"])
async def test_a_name_is_given_once(client: AsyncClient, name: str) -> None:
    response = await client.post("/rooms", json={"name": name, "seats": 1})
    assert response.status_code == 409
    assert response.json() == {"detail": "rooms_name"}


@pytest.mark.parametrize("seats", [0, -1])
async def test_a_room_has_seats(client: AsyncClient, seats: int) -> None:
    response = await client.post("/rooms", json={"name": "Closet", "seats": seats})
    assert response.json() == {"detail": "rooms_seats"}


async def test_seats_add_up(client: AsyncClient) -> None:
    await add(client, "Attic", 8)
    assert (await client.get("/seats")).json() == 120


async def test_what_a_test_adds_is_gone_in_others(client: AsyncClient) -> None:
    await add(client, "Attic", 8)
    rooms = (await client.get("/rooms")).json()
    assert [room["name"] for room in rooms] == ["Attic", "Cellar", "Hall"]


async def test_what_is_wrong_asks_nothing(client: AsyncClient) -> None:
    assert (await client.post("/rooms", json={"name": "Attic"})).status_code == 422


async def test_a_session_may_stream(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    async with sessions() as session:
        rooms = await session.stream_scalars(select(Room.name).order_by(Room.id))
        assert [name async for name in rooms] == ["Hall", "Cellar"]


async def test_the_version_is_the_newest(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        query = text("SELECT version_num FROM alembic_version")
        assert (await connection.scalar(query)) == "0002"
