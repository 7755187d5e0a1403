"""The other side of messages: bind keys for slaves here, or carry them one hop further; void on request.

Intent is durable before a message goes on, acceptance before it is acknowledged, and the acknowledgement of the
last node comes back over the whole path. The same message again is harmless; another one under its number, or one
for key that was spent already, changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

from qcisim.errors import AuthenticationError, InputError
from qcisim.keys import hop as hops
from qcisim.keys.lane import Lane
from qcisim.keys.secret import SecretBytes
from qcisim.keys.state import State
from qcisim.keys.store import DONE, PENDING, Change, MessageRow
from qcisim.keys.window import BOUND, SPENT, VOID, Window

if TYPE_CHECKING:
    from qcisim.keys.manager import KeyManager

Answer = tuple[int, dict[str, Any]]


def fingerprint(header: hops.Header, hop: hops.Hop, data: bytes) -> str:
    """What a repeated message must be equal in."""
    return hashlib.sha256(repr((header, hop.mode, hop.start, hop.length, data)).encode()).hexdigest()


class Receiver:
    """Answers to messages of the neighbouring key managers: (status, body)."""

    def __init__(self, manager: KeyManager) -> None:
        self._m = manager

    async def receive(self, peer: str, body: dict[str, Any]) -> Answer:
        """One message of an authenticated peer. 200 acknowledged, 503 try again, 400 and 410 never."""
        try:
            self._m.require_store()
            if body.get("type") == "void":
                return await self._void(peer, body)
            header, hop, data, tag = hops.read(body)
            return await self._offer(peer, header, hop, data, tag)
        except InputError as error:
            self._m.audit_refusal("message", peer=peer, reason=str(error))
            return 400, {"message": str(error)}

    async def _offer(self, peer: str, header: hops.Header, hop: hops.Hop, data: bytes, tag: bytes) -> Answer:
        state, node, at = self._m.state, self._m.node, hop.index + 1
        if header.path[hop.index] != peer or header.path[at] != node or len(set(header.path)) != len(header.path):
            raise InputError("relay message: the path does not lead from its sender to here")
        lane = state.lane_in(peer)
        if lane is None:
            raise InputError(f"no link to {peer!r}")
        message_id, mark = bytes.fromhex(header.message_id), fingerprint(header, hop, data)
        known = state.messages.get(message_id)
        if known is not None:
            return await self._again(state, known, mark)
        use = hop.lane_bytes()
        if not lane.holds(hop.start, use):
            if hop.start + use > lane.tail:
                return 503, {"message": "the link's key has not arrived here yet"}
            self._m.audit_refusal("message", peer=peer, reason="key of the link is spent", window=header.message_id)
            return 410, {"message": "the link's key is spent"}
        last = at == len(header.path) - 1
        if last:
            self._own(header)
        elif not self._m.topology.nodes[node]:
            raise InputError(f"{node!r} is not a trusted node")
        out = None if last else state.lane_out(header.path[at + 1])
        if not last and (out is None or out.usable_bytes() < hop.length + hops.TAG_KEY_BYTES):
            return 503, {"message": "not enough key on the next link"}
        change = Change()
        taken = lane.take(hop.start, use, change)
        try:
            payload = SecretBytes(hops.payload_of(header, hop, data, tag, taken.secret.reveal()))
        except AuthenticationError as error:
            lane.note(change, discarded=8 * use)
            self._m.audit(change, "forged", f'"peer":{json.dumps(peer)},"window":"{header.message_id}"')
            await self._m.committed(change)
            return 400, {"message": str(error)}
        taken.secret.wipe()
        auth = 8 * (use - hop.length)
        if out is None:
            return await self._bind(state, lane, header, hop, payload, auth, mark, change)
        return await self._forward(state, lane, out, header, hop, payload, auth, mark, change)

    def _own(self, header: hops.Header) -> None:
        """The last node checks whom the keys are for: its own SAEs, masters of the source node, pairs that are
        allowed.
        """
        topology = self._m.topology
        for slave in header.slaves:
            if topology.saes.get(slave) != self._m.node or not topology.allowed(header.master, slave):
                raise InputError(f"keys for {slave!r} are not for this node")
        if topology.saes[header.master] != header.path[0]:
            raise InputError(f"{header.master!r} is not at {header.path[0]!r}")

    async def _bind(
        self,
        state: State,
        lane: Lane,
        header: hops.Header,
        hop: hops.Hop,
        payload: SecretBytes,
        auth: int,
        mark: str,
        change: Change,
    ) -> Answer:
        direct, bits = hop.mode == hops.PAYLOAD, 8 * hop.length
        if any(i in state.bound for i in header.ids()):
            lane.note(change, discarded=bits, authentication=auth)
            await self._m.committed(change)
            return 410, {"message": "a key_ID is in use"}
        lane.note(change, authentication=auth, **({"bound": bits} if direct else {"relay": bits}))
        self._m.delivery.bind_here(
            header.master,
            header.slaves,
            header.key_bits,
            header.ids(),
            payload,
            change,
            path=header.path,
            origin="qkd" if direct else "relayed",
            epsilon=hop.epsilon,
            theorem=hop.theorem,
            simulated=hop.simulated,
            window_id=bytes.fromhex(header.message_id),
            lane=lane.name if direct else "",
            created_s=header.created_s,
            kind=header.kind,
        )
        self._remember(state, header, "", mark, hop.epsilon, DONE, change)
        self._m.audit(
            change, "bind", f'"window":"{header.message_id}","from":{json.dumps(header.path[0])},"keys":{header.count}'
        )
        await self._m.committed(change)
        return 200, {"epsilon": hop.epsilon}

    def _remember(
        self, state: State, header: hops.Header, body: str, mark: str, epsilon: float, status: int, change: Change
    ) -> MessageRow:
        at = header.path.index(self._m.node)
        peer = header.path[at + 1] if status == PENDING else header.path[at - 1]
        text = json.dumps({"mark": mark, "epsilon": epsilon, "t": round(time.time()), "body": body})
        row = MessageRow(bytes.fromhex(header.message_id), peer, text, status)
        state.messages[row.message_id] = row
        change.message_put.append(row)
        return row

    async def _forward(
        self,
        state: State,
        lane: Lane,
        out: Lane,
        header: hops.Header,
        hop: hops.Hop,
        payload: SecretBytes,
        auth: int,
        mark: str,
        change: Change,
    ) -> Answer:
        """Pad and tag anew with the next link's key; durable here before it is sent on."""
        pad = out.take(out.head, hop.length + hops.TAG_KEY_BYTES, change)
        used = {"delivered" if hop.mode == hops.PAYLOAD else "relay": 8 * hop.length}
        lane.note(change, authentication=auth, **used)
        out.note(change, relay=8 * hop.length, authentication=8 * hops.TAG_KEY_BYTES)
        theorem = "; ".join(sorted({*hop.theorem.split("; "), *pad.theorem.split("; ")} - {""}))
        epsilon, simulated = min(1.0, hop.epsilon + pad.epsilon(header.key_bits // 8)), hop.simulated or pad.simulated
        place = hops.Hop(hop.index + 1, hops.PAD, pad.start, hop.length, True, epsilon, theorem, simulated)
        body = hops.write(header, place, payload.reveal(), pad.secret.reveal())
        payload.wipe()
        pad.secret.wipe()
        row = self._remember(state, header, body, mark, epsilon, PENDING, change)
        self._m.audit(
            change,
            "relay",
            f'"window":"{header.message_id}","path":{json.dumps(list(header.path))},"keys":{header.count}',
        )
        await self._m.committed(change)
        return await self._pass_on(state, row)

    async def _pass_on(self, state: State, row: MessageRow) -> Answer:
        kept = json.loads(row.body)
        if row.peer not in self._m.up:
            return 503, {"message": f"{row.peer} is away"}
        try:
            status, answer = await self._m.courier.post(row.peer, kept["body"])
        except OSError:
            return 503, {"message": f"{row.peer} did not answer"}
        if status != 200 or self._m.state is not state:
            return (status, answer) if status == 410 else (503, answer)
        if (now := state.messages.get(row.message_id)) and now.body and json.loads(now.body).get("void"):
            return 410, {"message": "the window was voided"}
        kept["body"], kept["epsilon"] = "", answer.get("epsilon", kept["epsilon"])
        done = row._replace(body=json.dumps(kept), state=DONE)
        change = Change()
        change.message_put.append(done)
        state.messages[row.message_id] = done
        await self._m.committed(change)
        return 200, {"epsilon": kept["epsilon"]}

    async def _again(self, state: State, known: MessageRow, mark: str) -> Answer:
        """A message that was seen before."""
        kept = json.loads(known.body) if known.body else {}
        if kept.get("void"):
            return 410, {"message": "the window was voided"}
        if kept.get("mark") != mark:
            self._m.audit_refusal(
                "message", reason="another message under a known number", window=known.message_id.hex()
            )
            return 400, {"message": "another message under a known number"}
        await self._m.committed(Change())  # behind the commit of the first copy, which may still be on its way
        if known.state == DONE:
            return 200, {"epsilon": kept["epsilon"]}
        return await self._pass_on(state, known)

    async def _void(self, peer: str, body: dict[str, Any]) -> Answer:
        """Erase what nobody fetched of a window, and keep it out where it has not come yet; passed on along the
        path.
        """
        state, node = self._m.state, self._m.node
        try:
            path, index, part = [str(n) for n in body["path"]], int(body["index"]), bytes.fromhex(body["window"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"void message: {error}") from None
        if not (0 <= index < len(path) - 1) or path[index] != peer or path[index + 1] != node:
            raise InputError("void message: the path does not lead from its sender to here")
        change, known = Change(), state.messages.get(part)
        kept = json.loads(known.body) if known and known.body else {}
        window = state.window(part, "slave")
        if window is not None and window.path[0] != path[0]:
            raise InputError("void message: the window is another node's")
        if known is None:
            self._discard(state, peer, body, change)
        next_place = kept.get("place") or hops.place_of(kept.get("body", ""))
        if window is not None and window.state in (BOUND, SPENT):
            self._erase(state, window, change)
        if not kept.get("void"):
            text = json.dumps({"void": True, "t": round(time.time()), "place": next_place})
            row = state.messages[part] = MessageRow(part, peer, text, DONE)
            change.message_put.append(row)
            self._m.audit(change, "voided", f'"window":"{part.hex()}"')
        await self._m.committed(change)
        if index + 2 == len(path):
            return 200, {}
        onward = {"type": "void", "window": part.hex(), "path": path, "index": index + 1, **next_place}
        if path[index + 2] not in self._m.up:
            return 503, {"message": f"{path[index + 2]} is away"}
        try:
            return await self._m.courier.post(path[index + 2], json.dumps(onward))
        except OSError:
            return 503, {"message": f"{path[index + 2]} did not answer"}

    @staticmethod
    def _discard(state: State, peer: str, body: dict[str, Any], change: Change) -> None:
        """The offer never came: the key that its sender has spent on it is of no use here either."""
        lane, start, length = state.lane_in(peer), body.get("start"), body.get("length")
        if lane is not None and type(start) is int and type(length) is int and lane.holds(start, length):
            lane.take(start, length, change).secret.wipe()
            lane.note(change, discarded=8 * length)

    @staticmethod
    def _erase(state: State, window: Window, change: Change) -> None:
        keys = [k for k in state.bound.values() if k.window is window]
        state.erase(keys, change, window=window, to=VOID)
