"""What time does to windows: expiry at both ends by agreement, and the end of tombstones."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from qcisim.keys.state import State
from qcisim.keys.store import DONE, Change
from qcisim.keys.window import ABANDONED, BOUND, OPEN, SPENT, VOID, BoundKey, Window

if TYPE_CHECKING:
    from qcisim.keys.manager import KeyManager


def expire(manager: KeyManager) -> None:
    """Void windows that are too old, by a message to the other end, and drop what no peer can ask about any more.

    Only the master's node decides, so no key expires at one end after it was released at the other by a clock alone.
    """
    state, limits, clock = manager.state, manager.limits, time.time()
    for window in list(state.windows.values()):
        age = clock - window.created_s
        if age > limits.expiry_s and window.state in (OPEN, SPENT, BOUND) and _decides(manager.node, window):
            change = Change()
            state.erase(_withdraw(state, window), change, window=window, to=ABANDONED if window.parts else VOID)
            if window.parts:
                manager.carriage.void(state, window, change)
            else:
                manager.commit(change, lambda error: None)
        elif age > limits.tombstone_s and window.state in (VOID, SPENT) and window.live == 0:
            change = Change(window_drop=[(window.row, window.count)])
            change.message_drop = [p for p in (*window.parts, window.window_id) if state.messages.pop(p, None)]
            del state.windows[state.window_key(window)]
            manager.commit(change, lambda error: None)
    old = [
        m.message_id for m in state.messages.values() if m.state == DONE and _age(m.body, clock) > limits.tombstone_s
    ]
    if old:
        for message_id in old:
            del state.messages[message_id]
        manager.commit(Change(message_drop=old), lambda error: None)


def _decides(node: str, window: Window) -> bool:
    """Windows that this node made: those it carries to others, and those of slaves of its own."""
    return bool(window.parts) if window.role == "master" else window.path[0] == node and window.state == BOUND


def _age(body: str, clock: float) -> float:
    return clock - json.loads(body).get("t", clock) if body else 0.0


def _withdraw(state: State, window: Window) -> list[BoundKey]:
    """The keys of a window that nobody was given, taken out of memory."""
    if window.role == "slave":
        return [k for k in state.bound.values() if k.window is window]
    pair = state.pair(window.master, window.slaves[0])
    keys = [k for k in pair.keys[pair.taken :] if k.window is window]
    pair.keys, pair.taken = [k for k in pair.keys[pair.taken :] if k.window is not window], 0
    return keys


async def forget(manager: KeyManager, windows: list[bytes]) -> None:
    """The peer has lost these windows (an older copy of its store): their keys are discarded here."""
    state = manager.state
    for window_id in windows:
        window = state.window(window_id, "master")
        if window is None or window.state != OPEN:
            continue
        change = Change()
        state.erase(_withdraw(state, window), change, window=window, to=VOID)
        manager.audit(change, "lost_by_peer", f'"window":"{window_id.hex()}"')
        await manager.committed(change)
