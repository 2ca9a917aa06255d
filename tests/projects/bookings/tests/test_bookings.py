from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

DAY = "2030-05-01"


async def book(client: AsyncClient, guest: str, begin: int, end: int) -> Response:
    body = {
        "guest": guest,
        "begin": f"{DAY}T{begin:02}:00:00Z",
        "end": f"{DAY}T{end:02}:00:00Z",
    }
    return await client.post("/rooms/1/bookings", json=body)


@pytest_asyncio.fixture
async def booked(client: AsyncClient) -> str:
    response = await book(client, "Ada", 10, 12)
    code: str = response.json()["code"]
    return code


class TestBookings:
    async def test_a_booking_has_a_code(self, booked: str) -> None:
        assert uuid.UUID(booked).version == 4

    async def test_a_guest_is_listed(self, client: AsyncClient, booked: str) -> None:
        assert (await client.get("/rooms/1")).json()["guests"] == ["Ada"]

    @pytest.mark.parametrize("begin, end", [(9, 11), (11, 13), (10, 12), (9, 13)])
    async def test_a_room_is_booked_once(
        self, client: AsyncClient, booked: str, begin: int, end: int
    ) -> None:
        response = await book(client, "Bob", begin, end)
        assert response.status_code == 409

    @pytest.mark.parametrize("begin, end", [(8, 10), (12, 13)])
    async def test_bookings_may_follow_each_other(
        self, client: AsyncClient, booked: str, begin: int, end: int
    ) -> None:
        assert (await book(client, "Bob", begin, end)).status_code == 201
        assert (await client.get("/rooms/1")).json()["guests"] == ["Ada", "Bob"]

    async def test_a_booking_is_cancelled(
        self, client: AsyncClient, booked: str
    ) -> None:
        assert (await client.delete(f"/bookings/{booked}")).status_code == 204
        assert (await client.get("/rooms/1")).json()["guests"] == []

    async def test_another_code_cancels_nothing(
        self, client: AsyncClient, booked: str
    ) -> None:
        other = "00000000-0000-0000-0000-000000000000"
        assert (await client.delete(f"/bookings/{other}")).status_code == 404


@pytest.mark.parametrize(
    "hour, expected", [(9, ["Cellar", "Hall"]), (11, ["Cellar"])], ids=["free", "taken"]
)
async def test_rooms_are_free(
    client: AsyncClient, booked: str, hour: int, expected: list[str]
) -> None:
    free = await client.get("/free", params={"at": f"{DAY}T{hour:02}:30:00Z"})
    assert free.json() == expected


async def test_a_booking_needs_a_room(client: AsyncClient) -> None:
    at = f"{DAY}T10:00:00Z"
    body: dict[str, Any] = {"guest": "Ada", "begin": at, "end": at}
    response = await client.post("/rooms/99999/bookings", json=body)
    assert response.status_code == 409


async def test_requests_may_follow_one_another(client: AsyncClient) -> None:
    async def later(number: int) -> int:
        await asyncio.sleep(0)
        return number

    numbers = await asyncio.gather(*map(later, range(3)))
    for number in numbers:
        assert (await client.get("/rooms", params={"seats": number})).status_code == 200
