"""Serves the API that the span files beside it recorded, with the same statements.

The recorded application is another; this one was written after its requests, its
responses and its schema alone.
"""

import os
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Body, Depends, FastAPI, HTTPException
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = sa.create_engine(url, pool_pre_ping=True)
now = partial(datetime.now, UTC)
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True), default=now)]
Field = Annotated[str, Body()]


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class User(Base):
    __tablename__ = "users"
    name: Mapped[str]
    email: Mapped[str]
    created_at: Mapped[Moment]


class Project(Base):
    __tablename__ = "projects"
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[Moment]
    owner: Mapped[User] = relationship()


class Task(Base):
    __tablename__ = "tasks"
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    title: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[str]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment] = mapped_column(onupdate=now)


def is_ready():
    with engine.connect() as connection:
        return connection.scalar(sa.text("SELECT 1")) == 1


@asynccontextmanager
async def lifespan(app: FastAPI):
    is_ready()
    yield
    engine.dispose()


def opened_session():
    with Session(engine) as session, session.begin():
        yield session


app = FastAPI(lifespan=lifespan)
Opened = Annotated[Session, Depends(opened_session)]


def found(entity: Any) -> Any:
    if entity is None:
        raise HTTPException(404)
    return entity


@app.get("/health")
def health():
    return {"status": "healthy"}


@app.get("/api/diagnostics/db-ready")
def db_ready():
    return {"db_ready": is_ready()}


@app.get("/api/projects/{id}/summary")
def summary(id: int, session: Opened):
    project = found(session.get(Project, id))
    tasks = sa.select(Task.status, Task.title).where(Task.project_id == id)
    rows = session.execute(tasks).all()
    return {
        "project_id": project.id,
        "project_name": project.name,
        "owner_email": project.owner.email,
        "total_tasks": len(rows),
        "status_counts": Counter(row.status for row in rows),
        "open_task_titles": [row.title for row in rows if row.status != "done"],
    }


@app.get("/api/dashboard")
def dashboard(owner_email: str, session: Opened):
    owner = found(session.scalar(sa.select(User).where(User.email == owner_email)))
    projects = sa.select(sa.func.count(Project.id)).where(Project.owner_id == owner.id)
    joined = sa.select(sa.func.count(Task.id)).join(Project)
    tasks = joined.where(Project.owner_id == owner.id)
    return {
        "owner_email": owner.email,
        "projects": session.scalar(projects),
        "tasks": session.scalar(tasks),
        "done_tasks": session.scalar(tasks.where(Task.status == "done")),
    }


@app.post("/api/projects", status_code=201)
def create_project(owner_email: Field, owner_name: Field, name: Field, session: Opened):
    owner = session.scalar(sa.select(User).where(User.email == owner_email))
    owner = owner or User(name=owner_name, email=owner_email)
    session.add(project := Project(name=name, owner=owner))
    session.flush()
    return {"id": project.id, "name": project.name, "owner_email": owner.email}


@app.post("/api/projects/{id}/tasks", status_code=201)
def create_task(id: int, new: Annotated[dict[str, Any], Body()], session: Opened):
    session.add(task := Task(project_id=found(session.get(Project, id)).id, **new))
    session.flush()
    kept = ("id", "project_id", "title", "status")
    return {name: getattr(task, name) for name in kept}


@app.patch("/api/tasks/{id}/status")
def set_status(id: int, new: Annotated[dict[str, str], Body()], session: Opened):
    task = found(session.get(Task, id))
    task.status = new["status"]
    return {"id": task.id, "status": task.status}


@app.post("/api/projects/{id}/bulk-close")
def bulk_close(id: int, statuses: str, session: Opened):
    still_open = Task.status.in_(statuses.split(","))
    where = (Task.project_id == found(session.get(Project, id)).id, still_open)
    close = sa.update(Task).where(*where).values(status="done", updated_at=now())
    closed = session.execute(close, execution_options={"synchronize_session": False})
    return {"project_id": id, "updated_count": closed.rowcount}
