"""SQLModel, whose models are SQLAlchemy's and Pydantic's at once.

Without postponed annotations, as it reads those of relationships itself.
"""

from typing import Any, Optional

import sqlalchemy as sa
import sqlmodel
from alchemy_core import address
from sqlalchemy.dialects import postgresql as pg


class Hero(sqlmodel.SQLModel, table=True):
    __tablename__ = "heroes"

    id: int | None = sqlmodel.Field(default=None, primary_key=True)
    name: str = sqlmodel.Field(index=True)
    secret: str | None = None
    tags: list[str] = sqlmodel.Field(
        default_factory=list, sa_column=sa.Column(pg.ARRAY(sa.Text))
    )
    team_id: int | None = sqlmodel.Field(default=None, foreign_key="teams.id")
    team: Optional["Team"] = sqlmodel.Relationship(back_populates="heroes")


class Team(sqlmodel.SQLModel, table=True):
    __tablename__ = "teams"

    id: int | None = sqlmodel.Field(default=None, primary_key=True)
    name: str
    heroes: list[Hero] = sqlmodel.Relationship(back_populates="team")


def models_of_sqlmodel(see: Any) -> None:
    engine = sqlmodel.create_engine(address(see.url))
    sqlmodel.SQLModel.metadata.create_all(engine)
    with sqlmodel.Session(engine) as session:
        team = Team(name="Preventers")
        hero = Hero(name="Rusty", tags=["a", "b"], team=team)
        session.add(hero)
        session.commit()
        session.refresh(hero)
        see("hero", sorted(hero.model_dump().items()), hero.team.name)
        found = session.exec(
            sqlmodel.select(Hero, Team).join(Team).where(Team.name == "Preventers")
        )
        see("found", [(one.name, of.name) for one, of in found])
        hero.name = "Rustier"
        session.add(hero)
        session.commit()
        see("names", session.exec(sqlmodel.select(Hero.name)).all())
        see("none", session.exec(sqlmodel.select(Hero).where(Hero.id == 9)).first())
        see("team", [each.name for each in session.get(Team, team.id).heroes])
        session.delete(hero)
        session.commit()
        session.add(Hero(name=None))
        see.does(session.commit)
    sqlmodel.SQLModel.metadata.drop_all(engine)
    engine.dispose()
