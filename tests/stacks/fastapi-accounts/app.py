"""Accounts with passwords, tokens and notes, on SQLAlchemy's asyncio extension."""

import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import (
    BackgroundTasks,
    Body,
    Depends,
    FastAPI,
    HTTPException,
    Response,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = os.environ["JWT_KEY"]
ACCESS = timedelta(minutes=15)
REFRESH = timedelta(days=30)

url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
Session = async_sessionmaker(create_async_engine(url), expire_on_commit=False)
passwords = PasswordHasher(time_cost=1, memory_cost=8192)
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]
Created = Annotated[
    datetime,
    mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now()),
]
Owner = Annotated[UUID, mapped_column(sa.ForeignKey("accounts.id"))]


class Base(DeclarativeBase):
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[Created]


class Account(Base):
    __tablename__ = "accounts"
    email: Mapped[str]
    name: Mapped[str]
    password: Mapped[str]


class Login(Base):
    __tablename__ = "sessions"
    account_id: Mapped[Owner]
    refresh_hash: Mapped[str]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class Note(Base):
    __tablename__ = "notes"
    account_id: Mapped[Owner]
    text: Mapped[str]


class Event(Base):
    __tablename__ = "events"
    account_id: Mapped[Owner]
    what: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(pg.JSONB)


class Registration(BaseModel):
    email: str
    name: str
    password: str


class Credentials(BaseModel):
    email: str
    password: str


async def get_session():
    async with Session() as session:
        yield session


app = FastAPI()
Database = Annotated[AsyncSession, Depends(get_session)]
Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def access_token(login: Login) -> str:
    now = datetime.now(UTC)
    claims = {"sub": str(login.account_id), "sid": str(login.id)}
    return jwt.encode(claims | {"iat": now, "exp": now + ACCESS}, KEY, "HS256")


def refresh_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def login_of(db: AsyncSession, token: str) -> tuple[Login, Account]:
    """The session of an access token, as long as it has not been ended."""
    try:
        claims = jwt.decode(token, KEY, ["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, str(error)) from None
    found = await db.execute(
        sa.select(Login, Account)
        .join(Account, Account.id == Login.account_id)
        .where(Login.id == UUID(claims["sid"]), Login.ended_at.is_(None))
    )
    row = found.one_or_none()
    if row is None:
        raise HTTPException(401, "the session has ended")
    return row.Login, row.Account


async def current(db: Database, bearer: Bearer) -> tuple[Login, Account]:
    return await login_of(db, bearer.credentials)


Current = Annotated[tuple[Login, Account], Depends(current)]


async def enter(account: Account, what: str, **details: Any) -> None:
    """Keep an event; runs behind the response."""
    async with Session.begin() as db:
        seen = datetime.now(UTC).isoformat()
        details |= {"seen": seen, "trace": secrets.token_hex(16)}
        db.add(Event(account_id=account.id, what=what, details=details))


async def logged_in(db: AsyncSession, account_id: UUID) -> dict[str, str]:
    """A new session, and its tokens."""
    refresh = secrets.token_urlsafe(32)
    login = Login(
        account_id=account_id,
        refresh_hash=refresh_hash(refresh),
        expires_at=datetime.now(UTC) + REFRESH,
    )
    db.add(login)
    await db.commit()
    return {"access": access_token(login), "refresh": refresh}


@app.get("/addresses/{email}")
async def address(db: Database, email: str):
    same = sa.func.lower(Account.email) == email.lower()
    count = sa.select(sa.func.count()).select_from(Account).where(same)
    return {"taken": bool(await db.scalar(count))}


@app.post("/accounts", status_code=201)
async def register(db: Database, new: Registration, tasks: BackgroundTasks):
    account = Account(
        email=new.email, name=new.name, password=passwords.hash(new.password)
    )
    db.add(account)
    try:
        await db.commit()
    except sa.exc.IntegrityError as error:
        constraint = error.orig.diag.constraint_name
        raise HTTPException(409, constraint) from None
    await db.refresh(account)
    tasks.add_task(enter, account, "registered", email=account.email)
    created_at = account.created_at
    return {"id": account.id, "name": account.name, "created_at": created_at}


@app.post("/login")
async def login(db: Database, asked: Credentials, tasks: BackgroundTasks):
    account = await db.scalar(sa.select(Account).where(Account.email == asked.email))
    if account is None:
        raise HTTPException(401, "no such account")
    try:
        passwords.verify(account.password, asked.password)
    except VerifyMismatchError:
        tasks.add_task(enter, account, "refused")
        return Response("wrong password", 401, background=tasks)
    tokens = await logged_in(db, account.id)
    tasks.add_task(enter, account, "logged in")
    return tokens


@app.post("/refresh")
async def refresh(db: Database, token: Annotated[str, Body(embed=True)]):
    now = datetime.now(UTC)
    ended = await db.execute(
        sa.update(Login)
        .where(
            Login.refresh_hash == refresh_hash(token),
            Login.ended_at.is_(None),
            Login.expires_at > now,
        )
        .values(ended_at=now)
        .returning(Login.account_id)
    )
    account_id = ended.scalar_one_or_none()
    if account_id is None:
        raise HTTPException(401, "the token is of no session")
    return await logged_in(db, account_id)


@app.post("/logout", status_code=204)
async def logout(db: Database, current: Current):
    login, _ = current
    login.ended_at = datetime.now(UTC)
    await db.commit()


@app.get("/me")
async def me(db: Database, current: Current):
    login, account = current
    events = await db.scalars(
        sa.select(Event)
        .where(Event.account_id == account.id)
        .order_by(Event.created_at)
    )
    seen = [
        {"what": event.what, "at": event.created_at, "trace": event.details["trace"]}
        for event in events
    ]
    since = login.created_at
    return {"id": account.id, "name": account.name, "since": since, "events": seen}


@app.post("/notes", status_code=201)
async def add_notes(
    db: Database, current: Current, texts: Annotated[list[str], Body()]
):
    _, account = current
    notes = [Note(account_id=account.id, text=text) for text in texts]
    db.add_all(notes)
    await db.commit()
    return [{"id": note.id, "text": note.text} for note in notes]


@app.get("/notes/{note_id}")
async def note(db: Database, current: Current, note_id: UUID):
    _, account = current
    found = await db.get(Note, note_id)
    if found is None or found.account_id != account.id:
        raise HTTPException(404, f"no note {note_id}")
    return {"id": found.id, "text": found.text, "created_at": found.created_at}


@app.websocket("/socket")
async def socket(socket: WebSocket, token: str):
    """Find notes and take new ones, a message each, until the client has enough."""
    async with Session() as db:
        try:
            _, account = await login_of(db, token)
        except HTTPException as refused:
            await socket.close(4401, refused.detail)
            return
    await socket.accept()
    try:
        while True:
            asked = await socket.receive_json()
            async with Session.begin() as db:
                await socket.send_json(await answered(db, account, asked))
    except WebSocketDisconnect:
        await enter(account, "left")


async def answered(db: AsyncSession, account: Account, asked: dict[str, str]) -> Any:
    if "add" in asked:
        note = Note(account_id=account.id, text=asked["add"])
        db.add(note)
        await db.flush()
        return {"id": str(note.id)}
    found = await db.scalars(
        sa.select(Note)
        .where(Note.account_id == account.id, Note.text.contains(asked["find"]))
        .order_by(Note.text)
    )
    return [{"id": str(note.id), "text": note.text} for note in found]
