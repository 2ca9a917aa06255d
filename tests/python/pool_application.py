"""A web application on an asynchronous pool, and the requests that it gets.

Its table has texts only, so that the exchanges of `SCOPES` can be written by hand.
"""

from __future__ import annotations

from typing import Any

from recordings import exchange

SCRIPT = """
import asyncio, contextlib, dataclasses, os, sys
import fastapi, httpx, psycopg
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg_pool import AsyncConnectionPool

@dataclasses.dataclass
class User:
    email: str
    name: str

async def configure(connection):
    await connection.set_autocommit(True)
    await connection.execute("SELECT set_config('app.tenant', 'one', false)")
    await connection.set_autocommit(False)

pool = AsyncConnectionPool(
    os.environ.get("DATABASE_URL", "host=nowhere"), open=False, min_size=1, max_size=3,
    configure=configure, check=AsyncConnectionPool.check_connection)

@contextlib.asynccontextmanager
async def lifespan(app):
    async with pool:
        await pool.wait()
        async with pool.connection() as connection:
            await connection.execute("DROP TABLE IF EXISTS pool_users")
            await connection.execute(
                "CREATE TABLE pool_users (email text PRIMARY KEY, name text)")
        yield

async def connected():
    async with pool.connection() as connection:
        yield connection

app = FastAPI(lifespan=lifespan)

@app.post("/users", status_code=201)
async def create(user: User):
    async with pool.connection() as connection, connection.cursor() as cursor:
        try:
            async with connection.transaction():
                await cursor.execute(
                    "INSERT INTO pool_users VALUES (%s, %s)", (user.email, user.name))
        except psycopg.errors.UniqueViolation as error:
            raise HTTPException(409, error.diag.constraint_name)
    return user

@app.get("/users/{email}")
async def read(email: str) -> User:
    async with pool.connection() as connection:
        async with connection.cursor(row_factory=class_row(User)) as cursor:
            await cursor.execute("SELECT email, name FROM pool_users WHERE email = %s", [email])
            user = await cursor.fetchone()
    if user is None:
        raise HTTPException(404)
    return user

@app.get("/names")
async def names(connection=Depends(connected)):
    cursor = connection.cursor(row_factory=scalar_row)
    await cursor.execute("SELECT name FROM pool_users ORDER BY name")
    return [name async for name in cursor]

@app.put("/users/{email}")
async def rename(email: str, user: User, tasks: BackgroundTasks):
    async def later():
        async with pool.connection() as connection:
            await connection.execute(
                "UPDATE pool_users SET name = %s WHERE email = %s", [user.name, email])
    tasks.add_task(later)

@app.get("/both")
async def both():
    async def one(email):
        async with pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute("SELECT name FROM pool_users WHERE email = %s", [email])
            return await cursor.fetchone()
    return await asyncio.gather(one("ada@example.org"), one("eve@example.org"))

def wrapped(app):
    # As a server would have it, that opens a scope for each request.
    for name, module in tuple(sys.modules.items()):
        if name.endswith(".servers") and hasattr(module, "ENTRY_POINTS"):
            return module.wrap(app)
    return app

async def main():
    transport = httpx.ASGITransport(wrapped(app))
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=transport, base_url="http://here") as client:
        for number, (method, path, body) in enumerate((
            ("POST", "/users", {"email": "ada@example.org", "name": "Ada"}),
            ("POST", "/users", {"email": "ada@example.org", "name": "Other"}),
            ("POST", "/users", {"email": "eve@example.org", "name": "Eve"}),
            ("GET", "/users/ada@example.org", None),
            ("GET", "/users/nobody", None),
            ("GET", "/both", None),
            ("PUT", "/users/eve@example.org", {"email": "", "name": "Eva"}),
            ("GET", "/names", None),
        )):
            headers = {"mock-cursor-scope": f"request {number}"}
            answer = await client.request(method, path, json=body, headers=headers)
            print(method, path, answer.status_code, answer.text)
    print(pool.closed, pool.get_stats()["requests_num"])

asyncio.run(main())
"""

SAID = """\
POST /users 201 {"email":"ada@example.org","name":"Ada"}
POST /users 409 {"detail":"pool_users_pkey"}
POST /users 201 {"email":"eve@example.org","name":"Eve"}
GET /users/ada@example.org 200 {"email":"ada@example.org","name":"Ada"}
GET /users/nobody 404 {"detail":"Not Found"}
GET /both 200 [{"name":"Ada"},{"name":"Eve"}]
PUT /users/eve@example.org 200 null
GET /names 200 ["Ada","Eva"]
True 10
"""

_CONFIGURE = "SELECT set_config('app.tenant', 'one', false)"
_CREATE = "CREATE TABLE pool_users (email text PRIMARY KEY, name text)"
_INSERT = "INSERT INTO pool_users VALUES (%s, %s)"
_SELECT = "SELECT email, name FROM pool_users WHERE email = %s"
_NAME = "SELECT name FROM pool_users WHERE email = %s"
_NAMES = "SELECT name FROM pool_users ORDER BY name"
_UPDATE = "UPDATE pool_users SET name = %s WHERE email = %s"
_ADA, _EVE = "ada@example.org", "eve@example.org"
_EMPTY = {"rowcount": -1, "tag": None, "empty": True}
_DONE = {"rowcount": -1, "tag": "DONE"}
_TAKEN = {
    "class": "psycopg.errors.UniqueViolation",
    "sqlstate": "23505",
    "message": "duplicate key",
    "diagnostics": {"constraint_name": "pool_users_pkey"},
}


def scopes() -> dict[str, list[dict[str, Any]]]:
    """What the application asks, by the scope that it asks it in."""
    asked = [
        [exchange(_INSERT, [_ADA, "Ada"])],
        [
            exchange(
                _INSERT, [_ADA, "Other"], status="INERROR", error=_TAKEN, results=[]
            )
        ],
        [exchange(_INSERT, [_EVE, "Eve"])],
        [exchange(_SELECT, [_ADA], [[_ADA, "Ada"]], columns=["email", "name"])],
        [exchange(_SELECT, ["nobody"], [], columns=["email", "name"])],
        [
            exchange(_NAME, [_ADA], [["Ada"]], columns=["name"]),
            exchange(_NAME, [_EVE], [["Eve"]], columns=["name"]),
        ],
        [exchange(_UPDATE, ["Eva", _EVE])],
        [exchange(_NAMES, rows=[["Ada"], ["Eva"]])],
    ]
    requests = {f"request {number}": each for number, each in enumerate(asked)}
    return requests | {
        "start-up": [
            exchange(_CONFIGURE, rows=[["one"]], repeatable=True, status="IDLE"),
            exchange("", results=[_EMPTY], repeatable=True, status="IDLE"),
            exchange("DROP TABLE IF EXISTS pool_users", results=[_DONE]),
            exchange(_CREATE, results=[_DONE]),
        ]
    }
