"""How many events of a chain a block may take, and runs that Ctrl-C can stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import InputError
from qcisim.repeaters import ChainRun
from qcisim.repeaters.routing_trial import relative_error

T = TypeVar("T")
EVENTS_OF_COUNTS = 20_000_000  # of a block in counts, some seconds; what is longer is drawn from the law of the first
EVENTS_OF_CLICKS = 1_000_000_000  # of a block in clicks, some minutes
PAIRS_OF_CLICKS = 30_000_000  # of a block in clicks, some GB in the post-processing
CELLS_AT_ONCE = 100_000


def events_per_s(pilot: ChainRun) -> float:
    """Events that one simulated second takes."""
    return pilot.counts.events / pilot.simulated_s if pilot.simulated_s > 0.0 else 0.0


def require_clicks_possible(pilot: ChainRun, block_s: float, link_id: str) -> None:
    """Refuses blocks in clicks that no machine would finish.

    Raises:
        InputError: with what to do instead.
    """
    events, pairs = events_per_s(pilot) * block_s, pilot.rate_hz * block_s
    if events > EVENTS_OF_CLICKS or pairs > PAIRS_OF_CLICKS:
        raise InputError(
            f"link {link_id}: a block of {block_s:g} s holds {pairs:.2g} pairs and takes {events:.2g} events of its "
            f"chain; wanted at most {PAIRS_OF_CLICKS:.2g} pairs and {EVENTS_OF_CLICKS:.2g} events in resolution clicks "
            "(take resolution counts, or a smaller protocol.block_s)"
        )


def pairs_of_rest(made: ChainRun, rest_s: float, rng: np.random.Generator) -> int:
    """Pairs of ``rest_s`` more seconds: normal, with mean and spread of the waits in ``made``."""
    if len(made) < 2 or rest_s <= 0.0:
        return int(rng.poisson(made.rate_hz * rest_s)) if rest_s > 0.0 else 0
    mean = made.rate_hz * rest_s
    spread = relative_error(np.diff(made.delivered_s)) * np.sqrt(len(made) * mean)
    return max(0, round(float(rng.normal(mean, spread))))


def drawn_cells(law: Callable[[slice], NDArray[np.float64]], pairs: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A cell for each of ``pairs`` pairs, by the law (n, cells) of some of them; never all laws at once."""
    drawn = np.zeros(pairs, np.int64)
    for first in range(0, pairs, CELLS_AT_ONCE):
        some = slice(first, min(pairs, first + CELLS_AT_ONCE))
        reached = np.cumsum(law(some), axis=1)
        drawn[some] = (rng.random(len(reached))[:, None] * reached[:, -1:] > reached).sum(axis=1)
    return drawn


def interruptible(work: Callable[[], T]) -> T:
    """The result of ``work``, done beside the main thread so that Ctrl-C is heard while compiled loops run."""
    if threading.current_thread() is not threading.main_thread():
        return work()
    done: list[T] = []
    failed: list[BaseException] = []

    def task() -> None:
        try:
            done.append(work())
        except BaseException as error:  # told in the main thread
            failed.append(error)

    thread = threading.Thread(target=task, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    if failed:
        raise failed[0]
    return done[0]
