"""Carrying what was offered: send until it is acknowledged, void what will not open."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from qcisim.keys.hop import place_of
from qcisim.keys.state import State
from qcisim.keys.store import DONE, PENDING, Change, MessageRow
from qcisim.keys.window import ABANDONED, OFFERED, VOID, Window

if TYPE_CHECKING:
    from qcisim.keys.manager import KeyManager

RETRY_S = 0.25


class Carriage:
    """Messages of windows to their first hop, again and again until an answer settles them."""

    def __init__(self, manager: KeyManager) -> None:
        self._m = manager

    async def send(self, state: State, part: bytes, window: Window) -> str:
        """``open`` on the acknowledgement of the whole path, ``refused`` where it will never come, ``stale``
        otherwise.
        """
        while self._m.state is state:
            message = state.messages.get(part)
            if message is None or message.state == DONE:
                return "open"
            if message.peer in self._m.up:
                try:
                    status, answer = await self._m.courier.post(message.peer, message.body)
                except OSError:
                    status, answer = 0, {}
                if self._m.state is not state:
                    return "stale"
                if status == 200:
                    state.messages[part] = message._replace(body="", state=DONE)
                    if isinstance(answer.get("epsilon"), float) and len(window.path) > 2:
                        window.epsilon = max(window.epsilon, min(1.0, answer["epsilon"]))
                        window.__post_init__()
                    return "open"
                if status in (400, 410):
                    return "refused"
            if window.state != OFFERED and json.loads(message.body)["type"] == "offer":
                return "stale"
            await asyncio.sleep(RETRY_S)
        return "stale"

    def give_up(self, state: State, window: Window) -> None:
        """The window will not open: its bits are discarded here, and a void goes after every message that was sent."""
        change = Change()
        keys = state.offered.pop(window.window_id, [])
        if window.kind == "window":
            state.pair(window.master, window.slaves[0]).offered -= window.count
        state.erase(keys, change, window=window, to=ABANDONED)
        self.void(state, window, change)

    def void(self, state: State, window: Window, change: Change) -> None:
        """Put a void message for each part into ``change``, commit it, and carry them."""
        for part, path in zip(window.parts, window.paths, strict=True):
            known = state.messages.get(part)
            place = place_of(known.body) if known else {}
            body = json.dumps({"type": "void", "window": part.hex(), "path": path, "index": 0, **place})
            row = MessageRow(part, path[1], body, PENDING)
            state.messages[part] = row
            change.message_put.append(row)
        self._m.audit(change, "void", f'"window":"{window.window_id.hex()}"')
        self._m.commit(change, lambda error: None if error else self._m.spawn(self.carry_void(state, window)))

    async def carry_void(self, state: State, window: Window) -> None:
        """Send the void of an abandoned window until the other end has it."""
        for part in window.parts:
            if await self.send(state, part, window) == "stale":
                return
        if self._m.state is state:
            change = Change()
            change.window_state.append((window.row, window.state, VOID))
            change.message_done += window.parts
            window.state = VOID
            self._m.commit(change, lambda error: None)
