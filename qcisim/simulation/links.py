"""Starting a link in the resolution that the scenario wants."""

from __future__ import annotations

from collections.abc import Callable

from qcisim.engine import Engine, Process, stream
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_counts import count_blocks
from qcisim.simulation.link_model import SampledLink
from qcisim.simulation.scenario import Resolution
from qcisim.simulation.totals import BlockReport


def start_link(
    model: SampledLink,
    engine: Engine,
    *,
    resolution: Resolution,
    duration_s: float,
    seed: int,
    report: Callable[[BlockReport, bytes | None], None],
    stop: Callable[[str], None],
) -> list[Process]:
    """Start the processes of ``model``; ``report`` gets each block and its key (None: bits are to be drawn)."""
    if resolution == "clicks":
        return start_clicks_link(model, engine, duration_s, seed, report, stop)
    rng = stream(seed, f"link/{model.link_id}/counts") if resolution == "counts" else None
    steps = count_blocks(model, engine, duration_s, rng, report, stop)
    return [engine.process(steps, f"link {model.link_id}")]
