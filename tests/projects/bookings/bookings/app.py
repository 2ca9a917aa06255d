from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import selectinload

from .models import Booking, Room

app = FastAPI()


async def session() -> AsyncIterator[AsyncSession]:
    sessions: async_sessionmaker[AsyncSession] = app.state.sessions
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(session)]


class NewRoom(BaseModel):
    name: str
    seats: int


class NewBooking(BaseModel):
    guest: str
    begin: datetime
    end: datetime


def shown(room: Room) -> dict[str, Any]:
    return {"id": room.id, "name": room.name, "seats": room.seats}


@app.get("/rooms")
async def rooms(session: Session, seats: int = 0) -> list[dict[str, Any]]:
    query = select(Room).where(Room.seats >= seats).order_by(Room.name)
    return [shown(room) for room in await session.scalars(query)]


@app.post("/rooms", status_code=201)
async def add(session: Session, given: NewRoom) -> dict[str, Any]:
    room = Room(name=given.name, seats=given.seats)
    session.add(room)
    try:
        await session.commit()
    except IntegrityError as error:
        assert error.orig is not None
        name = error.orig.diag.constraint_name  # type: ignore[attr-defined]
        raise HTTPException(409, name) from error
    return shown(room)


@app.get("/rooms/{number}")
async def room(session: Session, number: int) -> dict[str, Any]:
    found = await session.get(Room, number, options=[selectinload(Room.bookings)])
    if found is None:
        raise HTTPException(404)
    guests = sorted(booking.guest for booking in found.bookings)
    return {**shown(found), "guests": guests}


@app.post("/rooms/{number}/bookings", status_code=201)
async def book(session: Session, number: int, given: NewBooking) -> dict[str, Any]:
    booking = Booking(
        room_id=number, guest=given.guest, during=Range(given.begin, given.end)
    )
    session.add(booking)
    try:
        await session.commit()
    except IntegrityError as error:
        assert error.orig is not None
        raise HTTPException(
            409, type(error.orig.__cause__ or error.orig).__name__
        ) from error
    return {"code": str(booking.code)}


@app.delete("/bookings/{code}", status_code=204)
async def cancel(session: Session, code: uuid.UUID) -> None:
    booking = await session.get(Booking, code)
    if booking is None:
        raise HTTPException(404)
    await session.delete(booking)
    await session.commit()


@app.get("/free")
async def free(session: Session, at: datetime) -> list[str]:
    taken = select(Booking.room_id).where(Booking.during.contains(at))
    query = select(Room.name).where(Room.id.not_in(taken)).order_by(Room.name)
    return list(await session.scalars(query))


@app.get("/seats")
async def seats(session: Session) -> int:
    return await session.scalar(select(func.sum(Room.seats))) or 0
