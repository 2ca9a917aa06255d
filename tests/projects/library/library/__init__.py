"""A lending library."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from .models import Base
from .views import blueprint

__all__ = ["Base", "create_app"]


def create_app(url: str) -> Flask:
    app = Flask(__name__)
    app.config["ENGINE"] = engine = create_engine(url)
    app.config["SESSION"] = session = scoped_session(sessionmaker(engine))
    app.register_blueprint(blueprint)

    @app.teardown_appcontext
    def remove(error: BaseException | None) -> None:
        session.remove()

    return app


def session_of(app: Flask) -> scoped_session[Session]:
    found: scoped_session[Session] = app.config["SESSION"]
    return found
