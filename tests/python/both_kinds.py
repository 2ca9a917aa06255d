"""The head of scripts whose scenarios run on connections of both kinds.

A scenario is a coroutine function that awaits whatever it calls; what it prints says
nothing of where objects lie, nor of which server they are on.
"""

from __future__ import annotations

BOTH_KINDS = """
import logging, re, sys, time, warnings
warnings.simplefilter("ignore")
OWN = re.compile(r" at 0x[0-9a-f]+| \\(database=.*?\\)|(?<=<)psycopg\\.|Mock|Async|pid=\\d+")

def show(*what):
    print("   ", *(OWN.sub("", str(each)) for each in what))

# What has arrived by the time that something is logged differs from run to run.
STATUS = re.compile(r"(?<=Pipeline) \\[.*?\\]")

class Log(logging.Handler):
    def emit(self, record):
        show(record.name, record.levelname, STATUS.sub("", record.getMessage()))

logging.getLogger("psycopg").addHandler(Log())

def said(error):
    return f"{type(error).__module__}.{type(error).__name__}: {error}"

def state(connection, *cursors):
    info = connection.info
    show(info.transaction_status.name, info.pipeline_status.name, info.error_message)
    for each in cursors:
        names = each.description and [column.name for column in each.description]
        show("  ", each.rowcount, each.statusmessage, names, each.rownumber)

async def awaited(value):
    return await value if hasattr(value, "__await__") else value

async def attempt(call, *args, **kwargs):
    try:
        result = await awaited(call(*args, **kwargs))
    except Exception as error:
        show(call.__name__, "raises", said(error))
    else:
        show(call.__name__, "returns", result)
        return result

class within:
    def __init__(self, block):
        self.block = block
    async def __aenter__(self):
        enter = getattr(self.block, "__aenter__", None) or self.block.__enter__
        return await awaited(enter())
    async def __aexit__(self, *error):
        leave = getattr(self.block, "__aexit__", None) or self.block.__exit__
        return await awaited(leave(*error))

async def everything(iterator):
    if hasattr(iterator, "__aiter__"):
        return [each async for each in iterator]
    return list(iterator)

async def run(*scenarios):
    for cls in (psycopg.Connection, psycopg.AsyncConnection):
        for autocommit in (False, True):
            for scenario in scenarios:
                print(scenario.__name__, cls.__name__.replace("Mock", ""), autocommit)
                connection = await awaited(cls.connect(url, autocommit=autocommit))
                try:
                    await scenario(connection)
                except Exception as error:
                    show("ends with", said(error))
                if not connection.broken:
                    state(connection)
                await awaited(connection.close())
"""
