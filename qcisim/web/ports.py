"""Free TCP ports of the loopback interface."""

from __future__ import annotations

import contextlib
import socket

from qcisim.errors import EnvironmentFault


def free_ports(count: int, *, avoid: set[int]) -> list[int]:
    """``count`` ports that nothing listens on now; all are held while they are chosen, so no two are alike."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", 0))
            except OSError as error:
                raise EnvironmentFault(f"no free port: {error.strerror}") from None
            if probe.getsockname()[1] not in avoid:
                found.append(probe.getsockname()[1])
    return found
