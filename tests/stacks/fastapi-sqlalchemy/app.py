"""A project tracker on SQLAlchemy's synchronous ORM."""

import os
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import Body, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

url = sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = sa.create_engine(url, pool_pre_ping=True)
now = partial(datetime.now, UTC)
Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True), default=now)]


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)

    def as_dict(self, **related: object) -> dict[str, object]:
        return {c.key: getattr(self, c.key) for c in self.__table__.columns} | related


class User(Base):
    __tablename__ = "users"
    email: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[Moment]


class Project(Base):
    __tablename__ = "projects"
    slug: Mapped[str]
    title: Mapped[str]
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    owner: Mapped[User] = relationship()
    tasks: Mapped[list["Task"]] = relationship(order_by="Task.id", cascade="all")


class Task(Base):
    __tablename__ = "tasks"
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("projects.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    title: Mapped[str]
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=3)
    done: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    updated_at: Mapped[Moment] = mapped_column(onupdate=now)
    assignee: Mapped[User | None] = relationship()


@asynccontextmanager
async def lifespan(app: FastAPI):
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    yield
    engine.dispose()


def get_session():
    with Session(engine) as session:
        yield session


app = FastAPI(lifespan=lifespan)
Database = Annotated[Session, Depends(get_session)]
Field = Annotated[str, Body()]


@app.exception_handler(sa.exc.DBAPIError)
def refuse(request: Request, error: sa.exc.DBAPIError):
    cause, status = error.orig, {"22003": 422, "23505": 409}
    content = {"error": str(cause), "constraint": cause.diag.constraint_name}
    return JSONResponse(content, status.get(cause.sqlstate, 500))


def find(db: Session, model: type[Base], **key: str):
    if (found := db.scalar(sa.select(model).filter_by(**key))) is None:
        raise HTTPException(404, f"no such {model.__name__.lower()}")
    return found


@app.post("/users", status_code=201)
def create_user(db: Database, email: Field, name: Field):
    db.add(user := User(email=email, name=name))
    db.commit()
    return user.as_dict()


@app.post("/projects", status_code=201)
def create_project(db: Database, slug: Field, title: Field, owner: Field):
    project = Project(slug=slug, title=title, owner=find(db, User, email=owner))
    db.add(project)
    db.flush()
    for step in ("Plan", "Review"):
        db.add(Task(project_id=project.id, title=f"{step} {title}"))
    db.commit()
    return project.as_dict(tasks=[task.as_dict() for task in project.tasks])


@app.get("/projects/{slug}")
def read_project(db: Database, slug: str):
    project = find(db, Project, slug=slug)
    tasks = [t.as_dict(by=t.assignee and t.assignee.name) for t in project.tasks]
    return project.as_dict(owner=project.owner.name, tasks=tasks)


@app.post("/projects/{slug}/tasks")
def add_tasks(db: Database, slug: str, titles: list[str], due_on: date | None = None):
    """Add all the tasks or, if the project has one of them already, none."""
    project, added, refused = find(db, Project, slug=slug), [], {}
    for title in titles:
        try:
            with db.begin_nested():
                db.add(task := Task(project_id=project.id, title=title, due_on=due_on))
            added.append(task.as_dict())
        except sa.exc.IntegrityError as error:
            refused[title] = error.orig.diag.constraint_name
    db.rollback() if refused else db.commit()
    return {"added": [] if refused else added, "refused": refused}


@app.patch("/projects/{slug}/tasks")
def assign_tasks(db: Database, slug: str, email: str, priorities: dict[str, int]):
    project, user = find(db, Project, slug=slug), find(db, User, email=email)
    for task in (task for task in project.tasks if task.title in priorities):
        task.assignee, task.priority = user, priorities[task.title]
    db.commit()
    return [task.as_dict() for task in project.tasks]


@app.post("/projects/{slug}/close")
def close_project(db: Database, slug: str):
    project = find(db, Project, slug=slug)
    unfinished = sa.update(Task).filter_by(project_id=project.id, done=False)
    closed = db.execute(unfinished.values(done=True)).rowcount
    db.commit()
    return {"closed": closed}


@app.get("/report")
def report(db: Database):
    overdue = sa.func.count().filter(Task.due_on < now().date(), ~Task.done)
    figures = sa.func.count(Task.id), sa.func.avg(Task.priority), overdue
    query = sa.select(User.name, Project.slug, *figures).join(Project.owner)
    query = query.outerjoin(Project.tasks).group_by(User.name, Project.slug)
    return [tuple(row) for row in db.execute(query.order_by(Project.slug))]
