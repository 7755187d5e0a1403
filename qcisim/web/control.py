"""The operator's hand on a running fleet: ``KME=<node> KME_DOWN_SECONDS=<s> restart-kme`` kills and restarts one
node.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qcisim.errors import EnvironmentFault
from qcisim.web.deposit import peer_uid


class ControlServer:
    """One line of JSON in, one line out, on a UNIX socket of mode 0600; one request at a time."""

    def __init__(self, path: Path, handle: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._handle = handle
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        except OSError as error:
            raise EnvironmentFault(f"cannot listen on {path}: {error.strerror}") from None
        finally:
            os.umask(before)
        self._socket.listen(8)
        threading.Thread(target=self._run, name="fleet control", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, ValueError):
                connection.settimeout(5.0)
                if peer_uid(connection) == os.getuid():
                    request = json.loads(connection.makefile("r").readline())
                    connection.settimeout(None)
                    connection.sendall(json.dumps(self._handle(request)).encode() + b"\n")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def main(arguments: list[str]) -> int:
    """Ask the fleet behind the given socket to restart the node named by the environment variable KME."""
    if len(arguments) != 1 or not os.environ.get("KME"):
        print("error: wanted the control socket as argument and a node's name in KME", file=sys.stderr)
        return 2
    try:
        request = {"node": os.environ["KME"], "down_s": float(os.environ.get("KME_DOWN_SECONDS") or 0.0)}
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(arguments[0])
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(connection.makefile("r").readline())
    except (OSError, ValueError) as error:
        print(f"error: no network answers: {error}", file=sys.stderr)
        return 1
    if "error" in answer:
        print(f"error: {answer['error']}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
