"""A link in resolution ``clicks``: two programs, every detection, real reconciliation, real hashing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.auth import AuthenticationPool, Authenticator, Role
from qcisim.engine import Engine, Process, Wait, stream
from qcisim.errors import ProtocolAbort, QcisimError
from qcisim.sdk import (
    BlockCounts,
    BlockOutcome,
    Context,
    LengthRule,
    PublicChannel,
    Settings,
    Steps,
    VariableLengthRule,
    pack,
)
from qcisim.simulation.link_model import Block, SampledLink
from qcisim.simulation.totals import BlockReport

Bits = NDArray[np.uint8]


class ClicksPort:
    """The quantum device of a link: samples each block once and hands each party its own records."""

    def __init__(
        self,
        model: SampledLink,
        engine: Engine,
        channel: PublicChannel,
        duration_s: float,
        seed: int,
        report: Callable[[BlockReport, bytes | None], None],
    ) -> None:
        self._model, self._engine, self._channel, self._report = model, engine, channel, report
        self._sampler = model.sampler(seed)
        self._next = dict.fromkeys(channel.parties, 0)
        self._waiting: dict[str, Sequence[Any]] = {}
        self._blocks, self._seen = model.blocks(duration_s), list[Block]()
        self._rule: LengthRule | VariableLengthRule | None = None
        self._block: Block | None = None
        self._clicks = 0
        self._delivered: list[tuple[BlockOutcome, bytes]] = []
        self.contexts: tuple[Context, ...] = ()
        self._epsilon_before = 0.0

    def block(self, party: str) -> Generator[Any, Any, Any]:
        """The party's record of its next block, once light has arrived; None after the last."""
        index = self._next[party]
        self._next[party] += 1
        if index == len(self._seen) and (following := next(self._blocks, None)) is not None:
            self._seen.append(following)
        if index == len(self._seen):
            return None
        block = self._seen[index]
        ready_s = block.end_s + self._model.delay_s(block.end_s)
        yield Wait(max(0.0, ready_s - self._engine.now_s))
        if party not in self._waiting:
            self._sample(block)
        return self._waiting.pop(party)

    def rule(self) -> LengthRule | VariableLengthRule:
        """The rule of the block that is being distilled."""
        assert self._rule is not None  # a program asks for it after its first block
        return self._rule

    def _sample(self, block: Block) -> None:
        self._rule, self._block = self._model.rule(block), block
        self._channel.delay_s = self._model.delay_s(block.end_s)
        for context in self.contexts:
            context.settings = settings_of_block(self._model, block, context.settings.pool_target_bits)
        *records, self._clicks = self._sampler.sample(block)
        self._waiting = dict(zip(self._channel.parties, records, strict=True))

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
        block = self._block
        assert block is not None  # a key is delivered after its block
        epsilon = max(context.authenticator.epsilon for context in self.contexts)
        errors, errors_out_of = outcome.errors, outcome.sifted_bits
        if not (outcome.verified or outcome.leak_bits > 0):
            tells = isinstance(outcome.counts, BlockCounts)  # CHSH rounds and weak decoys at a hub err by nature
            errors, errors_out_of = (outcome.test_errors, outcome.test_bits) if tells else (0, 0)
        self._report(
            BlockReport(
                start_s=block.start_s,
                rounds=int(block.rounds),
                clicks=self._clicks,
                sifted_bits=outcome.sifted_bits,
                test_bits=outcome.test_bits,
                errors=errors,
                errors_out_of=errors_out_of,
                corrected_bits=outcome.sifted_bits if outcome.verified else 0,
                leak_bits=outcome.leak_bits,
                length=outcome.length,
                key_bits=len(key),
                epsilon=outcome.length.epsilon + epsilon - self._epsilon_before,
                authentication_bits=outcome.length.bits - len(key),
                passes=block.passes,
            ),
            key_a,
        )
        self._epsilon_before = epsilon


def settings_of_block(model: SampledLink, block: Block, pool_target_bits: int) -> Settings:
    """What both parties know of a block before its first round."""
    return Settings(
        intensities=block.source.intensities,
        probabilities=block.source.probabilities,
        reconciliation=model.spec.protocol.reconciliation,
        expected_qber=min(0.25, max(1e-4, model.expected(block).key_qber)),
        pool_target_bits=pool_target_bits,
        senders=getattr(block.source, "senders", ()),
    )


def start_clicks_link(
    model: SampledLink,
    engine: Engine,
    duration_s: float,
    seed: int,
    report: Callable[[BlockReport, bytes | None], None],
    stop: Callable[[str], None],
) -> list[Process]:
    """Start Alice's and Bob's programs of ``model`` on ``engine``."""
    alice, bob = (f"{model.link_id}/{end}" for end in model.spec.between)
    path = f"link/{model.link_id}"
    first = next(model.blocks(duration_s), None)
    if first is None:
        stop("no pass in this time: nothing is sent")
        return []
    channel = PublicChannel(engine, (alice, bob), model.delay_s(first.start_s))
    port = ClicksPort(model, engine, channel, duration_s, seed, report)
    secret = stream(seed, f"{path}/pre-shared key").bytes(model.spec.protocol.pre_shared_key_bits // 8)
    settings = settings_of_block(model, first, 8 * len(secret))

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
    port.contexts = contexts
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
