"""A project tracker on SQLAlchemy's asyncio extension, with PostgreSQL's own types."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)

url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
Session = async_sessionmaker(create_async_engine(url), expire_on_commit=False)
now = partial(datetime.now, UTC)
Status = StrEnum("Status", ["todo", "doing", "done"])
Json = dict[str, Any]
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True), default=now)]


class Base(DeclarativeBase):
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    def as_dict(self, **related: object) -> Json:
        return {c.key: getattr(self, c.key) for c in self.__table__.columns} | related


class User(Base):
    __tablename__ = "users"
    email: Mapped[str]


class Project(Base):
    __tablename__ = "projects"
    slug: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    budget: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    tags: Mapped[list[str]] = mapped_column(pg.ARRAY(sa.Text))
    period: Mapped[pg.Range[datetime]] = mapped_column(pg.TSTZRANGE)
    touched_at: Mapped[Moment]
    owner: Mapped[User] = relationship()
    tasks: Mapped[list["Task"]] = relationship(order_by="Task.number")


class Task(Base):
    __tablename__ = "tasks"
    project_id: Mapped[UUID] = mapped_column(sa.ForeignKey("projects.id"))
    number: Mapped[int] = mapped_column(sa.Identity(always=True))
    title: Mapped[str]
    status: Mapped[Status] = mapped_column(default=Status.todo)
    estimate: Mapped[timedelta]
    details: Mapped[Json] = mapped_column(pg.JSONB, default=dict)
    updated_at: Mapped[Moment] = mapped_column(onupdate=now)


class NewProject(BaseModel):
    slug: str
    owner: str
    budget: Decimal
    tags: list[str]
    period: tuple[datetime, datetime]
    tasks: dict[str, timedelta]


async def get_session():
    async with Session() as session:
        yield session


app = FastAPI()
Database = Annotated[AsyncSession, Depends(get_session)]


async def touch(project_id: UUID) -> None:
    query = sa.update(Project).filter_by(id=project_id).values(touched_at=now())
    async with Session.begin() as db:
        await db.execute(query)


@app.post("/projects", status_code=201)
async def create_project(db: Database, new: NewProject) -> Json:
    values = new.model_dump(include={"slug", "budget", "tags"})
    user = pg.insert(User).values(email=new.owner).returning(User)
    user = user.on_conflict_do_update("users_email_key", set_={"email": new.owner})
    project = Project(**values, period=pg.Range(*new.period))
    project.owner = await db.scalar(user)
    project.tasks = [Task(title=t, estimate=e) for t, e in new.tasks.items()]
    db.add(project)
    try:
        await db.commit()
    except sa.exc.DBAPIError as error:
        raise HTTPException(409, error.orig.sqlstate) from error
    return project.as_dict(tasks=[task.as_dict() for task in project.tasks])


@app.get("/projects")
async def list_projects(db: Database, tag: str, at: datetime) -> list[Json]:
    query = sa.select(Project).options(selectinload(Project.tasks))
    query = query.where(Project.tags.contains([tag]), Project.period.contains(at))
    projects = await db.scalars(query.order_by(Project.slug))
    return [p.as_dict(tasks=[t.as_dict() for t in p.tasks]) for p in projects]


@app.patch("/tasks/{number}")
async def change_task(
    db: Database, later: BackgroundTasks, number: int, status: Status, details: Json
) -> Json:
    if (task := await db.scalar(sa.select(Task).filter_by(number=number))) is None:
        raise HTTPException(404, "no such task")
    task.status, task.details = status, task.details | details
    await db.commit()
    later.add_task(touch, task.project_id)
    return task.as_dict()


@app.get("/plan")
async def plan(db: Database, hours: float) -> list[str]:
    """List open tasks for as long as they fit into the hours; fetch no others."""
    titles, left = [], timedelta(hours=hours)
    query = sa.select(Task).where(~Task.details.contains({"blocked": True}))
    query = query.order_by(Task.number).execution_options(yield_per=5)
    async for task in await db.stream_scalars(query):
        if (left := left - task.estimate) < timedelta():
            break
        titles.append(task.title)
    return titles


@app.get("/dashboard")
async def dashboard() -> list[list[tuple[Any, ...]]]:
    async def rows(query: sa.Select) -> list[tuple[Any, ...]]:
        async with Session() as db:
            return [tuple(row) for row in await db.execute(query)]

    effort = sa.select(Task.status, sa.func.sum(Task.estimate)).group_by(Task.status)
    money = sa.select(sa.func.count(Project.id), sa.func.sum(Project.budget))
    tags = sa.select(sa.func.unnest(Project.tags)).distinct().order_by(sa.text("1"))
    return await asyncio.gather(*map(rows, (effort.order_by(Task.status), money, tags)))
