"""A link in resolution ``clicks``: two programs, every detection, real reconciliation, real hashing."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.auth import AuthenticationPool, Authenticator, Role
from qcisim.engine import Engine, Process, Wait, stream
from qcisim.errors import ProtocolAbort, QcisimError
from qcisim.optics import AliceRecord, BobRecord, ReceiverMemory, sample_clicks, split
from qcisim.sdk import BlockOutcome, Context, LengthRule, PublicChannel, Settings, Steps, VariableLengthRule, pack
from qcisim.simulation.build import LinkModel
from qcisim.simulation.totals import BlockReport

Bits = NDArray[np.uint8]


STRETCH_CLICKS = 1_000_000  # clicks that are announced together: arrays of some megabytes, however long a block is


class ClicksPort:
    """The quantum device of a link: samples each block once and hands each party its own records."""

    def __init__(
        self,
        model: LinkModel,
        engine: Engine,
        channel: PublicChannel,
        duration_s: float,
        seed: int,
        report: Callable[[BlockReport, bytes | None], None],
    ) -> None:
        path = f"link/{model.link_id}"
        self._model, self._engine, self._channel, self._report = model, engine, channel, report
        self._duration_s = duration_s
        self._light, self._doubles = stream(seed, f"{path}/light"), stream(seed, f"{path}/bob/doubles")
        self._memory, self._first_round = ReceiverMemory(), 0
        self._next = dict.fromkeys(channel.parties, 0)
        self._waiting: dict[str, Sequence[AliceRecord] | Sequence[BobRecord]] = {}
        self._rule: LengthRule | VariableLengthRule | None = None
        self._block_of_rule = (0.0, 0.0)
        self._clicks = 0
        self._delivered: list[tuple[BlockOutcome, bytes]] = []
        self.authenticators: tuple[Authenticator, ...] = ()
        self._epsilon_before = 0.0

    def block(self, party: str) -> Generator[Any, Any, Any]:
        """The party's record of its next block, once light has arrived; None after the last."""
        index = self._next[party]
        self._next[party] += 1
        block = self._model.block(index, self._duration_s)
        if block is None:
            return None
        start_s, length_s = block
        ready_s = start_s + length_s + self._model.actual.at(start_s).delay_s
        yield Wait(max(0.0, ready_s - self._engine.now_s))
        if party not in self._waiting:
            self._sample(start_s, length_s)
        return self._waiting.pop(party)

    def rule(self) -> LengthRule | VariableLengthRule:
        """The rule of the block that is being distilled."""
        assert self._rule is not None  # a program asks for it after its first block
        return self._rule

    def _sample(self, start_s: float, length_s: float) -> None:
        model, clock_hz = self._model, self._model.source.clock_hz
        self._rule, self._block_of_rule = model.rule(start_s, round(length_s * clock_hz)), (start_s, length_s)
        alice: list[AliceRecord] = []
        bob: list[BobRecord] = []
        self._clicks = 0
        for span in model.spans(start_s, length_s):
            table = model.table(span.start_s)
            stretch = max(1, math.ceil(STRETCH_CLICKS / max(table.click_probability, 1e-12)))
            for done in range(0, span.rounds, stretch):
                rounds = min(stretch, span.rounds - done)
                clicks, self._memory = sample_clicks(
                    table,
                    rounds,
                    model.receiver.detector,
                    clock_hz,
                    self._light,
                    first_round=self._first_round,
                    memory=self._memory,
                )
                self._first_round += rounds
                self._clicks += len(clicks)
                hers, his = split(clicks, self._doubles)
                alice.append(hers)
                bob.append(his)
        self._waiting = dict(zip(self._channel.parties, (alice, bob), strict=True))

    def deliver(self, party: str, outcome: BlockOutcome, key: Bits) -> None:
        """Collect both parties' ends of a block; report it when both are there."""
        self._delivered.append((outcome, pack(key)))
        if len(self._delivered) < 2:
            return
        (outcome, key_a), (_, key_b) = self._delivered
        self._delivered = []
        disclosed = self._channel.close_block()
        if disclosed != outcome.leak_bits + outcome.verification_bits:
            raise QcisimError(
                f"link {self._model.link_id}: the transcript discloses {disclosed} bits, "
                f"the block was charged {outcome.leak_bits} + {outcome.verification_bits}"
            )
        if key_a != key_b:
            raise QcisimError(f"link {self._model.link_id}: the two ends hold different keys")
        start_s, length_s = self._block_of_rule
        epsilon = max(authenticator.epsilon for authenticator in self.authenticators)
        reconciled = outcome.verified or outcome.leak_bits > 0
        self._report(
            BlockReport(
                start_s=start_s,
                rounds=round(length_s * self._model.source.clock_hz),
                clicks=self._clicks,
                sifted_bits=outcome.sifted_bits,
                test_bits=outcome.test_bits,
                errors=outcome.errors if reconciled else outcome.test_errors,
                errors_out_of=outcome.sifted_bits if reconciled else outcome.test_bits,
                corrected_bits=outcome.sifted_bits if outcome.verified else 0,
                leak_bits=outcome.leak_bits,
                length=outcome.length,
                key_bits=len(key),
                epsilon=outcome.length.epsilon + epsilon - self._epsilon_before,
                authentication_bits=outcome.length.bits - len(key),
            ),
            key_a,
        )
        self._epsilon_before = epsilon


def start_clicks_link(
    model: LinkModel,
    engine: Engine,
    duration_s: float,
    seed: int,
    report: Callable[[BlockReport, bytes | None], None],
    stop: Callable[[str], None],
) -> list[Process]:
    """Start Alice's and Bob's programs of ``model`` on ``engine``."""
    alice, bob = (f"{model.link_id}/{end}" for end in model.spec.between)
    path = f"link/{model.link_id}"
    channel = PublicChannel(engine, (alice, bob), model.actual.at(0.0).delay_s)
    port = ClicksPort(model, engine, channel, duration_s, seed, report)
    secret = stream(seed, f"{path}/pre-shared key").bytes(model.spec.protocol.pre_shared_key_bits // 8)
    calibration = model.expected(0.0, round(min(duration_s, model.spec.protocol.block_s) * model.source.clock_hz))
    settings = Settings(
        intensities=calibration.intensities,
        probabilities=calibration.probabilities,
        reconciliation=model.spec.protocol.reconciliation,
        expected_qber=min(0.25, max(1e-4, calibration.key_qber)),
        pool_target_bits=8 * len(secret),
    )

    def context(party: str, role: Role) -> Context:
        return Context(
            party=party,
            settings=settings,
            rng=stream(seed, f"{path}/{role}"),
            engine=engine,
            channel=channel,
            authenticator=Authenticator(AuthenticationPool(secret), role),
            port=port,
        )

    contexts = context(alice, "alice"), context(bob, "bob")
    port.authenticators = tuple(ctx.authenticator for ctx in contexts)
    processes: list[Process] = []

    def guarded(steps: Steps) -> Steps:
        """Run a program; an abort of the link ends both programs and is reported, the run goes on."""
        try:
            yield from steps
        except ProtocolAbort as abort:
            stop(str(abort))
            for process in processes:
                if not process.running:
                    process.cancel()

    programs = model.protocol.alice(), model.protocol.bob()
    for program, ctx in zip(programs, contexts, strict=True):
        processes.append(engine.process(guarded(program.run(ctx)), ctx.party))
    return processes
