"""`qcisim serve`: the network of a scenario live, one key manager process per node, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcisim.cli.options import overrides, scenario_arguments
from qcisim.errors import EnvironmentFault, InputError, QcisimError

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario
    from qcisim.simulation.totals import BlockReport
    from qcisim.web.fleet import Fleet, FleetConfig

TELL_EVERY_S = 2.0  # of real time between two lines about the same link


@click.command("serve")
@scenario_arguments
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path), help="Where stores and certificates live [qcisim-live]."
)
@click.option(
    "--env", type=click.Path(path_type=Path, dir_okay=False), help="File of shell variables [DIR/clients.env]."
)
@click.option(
    "--speed",
    type=click.FloatRange(0.0, min_open=True),
    default=1.0,
    show_default=True,
    help="Simulated seconds per second.",
)
def command(
    scenario: str,
    settings: tuple[str, ...],
    seed: int | None,
    resolution: str | None,
    directory: Path | None,
    env: Path | None,
    speed: float,
) -> None:
    """Serve the keys of SCENARIO over ETSI GS QKD 014 with mutual TLS on the loopback interface.

    The file of shell variables is written once all key managers answer; it names their URLs, the certificates of the
    applications and the CA. A second start on the same directory goes on with the keys that are there.
    """
    from qcisim.simulation import load_scenario
    from qcisim.simulation.without import in_service
    from qcisim.web.fleet import Fleet

    loaded = in_service(load_scenario(scenario, overrides(settings, seed, resolution)))
    if not loaded.saes:
        raise InputError(f"{scenario}: no saes: nobody is allowed to fetch a key")
    hidden = [key for key, link in loaded.links.items() if link.fibre is not None and link.fibre.trusted_relays]
    if hidden:
        raise InputError(
            f"{scenario}: {hidden[0]} has trusted_relays, which no key manager would name: "
            "write them as nodes and the legs between them as links to serve it"
        )
    folder = (directory or Path("qcisim-live")).absolute()
    variables = (env or folder / "clients.env").absolute()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--dir {folder}: is a file, not a directory")
    if env is not None and not variables.parent.is_dir():
        raise InputError(f"--env {env}: there is no directory {variables.parent}")
    variables.unlink(missing_ok=True)  # whoever waits for it must not see that of an earlier start
    with contextlib.ExitStack() as stack:
        fleet = stack.enter_context(Fleet(fleet_config(loaded, folder)))
        stack.callback(variables.unlink, missing_ok=True)  # nobody answers there any more
        fleet.write_environment(variables)
        feeder = Feeder(loaded, fleet, speed)
        feeder.start()
        _tell(loaded, fleet, variables)
        try:
            fleet.wait()
        finally:
            feeder.stop()
    click.echo("All key managers have stopped; their keys stay in " + str(folder))


def fleet_config(scenario: Scenario, folder: Path) -> FleetConfig:
    """What the fleet starts for ``scenario``."""
    from qcisim.keys.state import Limits
    from qcisim.web.fleet import FleetConfig, FleetLink

    limits = scenario.key_managers
    return FleetConfig(
        directory=folder,
        nodes={key: node.role == "trusted" for key, node in scenario.nodes.items() if node.role != "hub"},
        links={key: FleetLink(link.between, link.initial_keys) for key, link in scenario.links.items()},
        saes={key: sae.node for key, sae in scenario.saes.items()},
        limits=Limits(**limits.model_dump()),
    )


class Feeder:
    """Runs the links of a scenario at simulated pace and hands their key to the fleet, in a thread of its own."""

    def __init__(self, scenario: Scenario, fleet: Fleet, speed: float) -> None:
        self.scenario, self.fleet, self.speed = scenario, fleet, speed
        limits = scenario.key_managers
        self.capacity_bits = limits.max_key_count * limits.default_key_bits
        self._stored: dict[str, int] = {}
        self._told_s: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="links", daemon=True)
        self.needed = any(link.key_source == "qkd" for link in scenario.links.values())

    def start(self) -> None:
        if self.needed:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self.needed:
            self._thread.join(5.0)

    def _run(self) -> None:
        from qcisim.simulation.live import run_live

        try:
            run_live(
                self.scenario, self, speed=self.speed, stopping=self._stopping, watch=self._watch, stopped=self._ended
            )
        except QcisimError as error:
            if not self._stopping.is_set():
                click.echo(f"error: the links have stopped: {error}", err=True)

    def deposit(self, link: str, key: bytes, *, epsilon: float, theorem: str) -> None:
        """Hand new key of ``link`` to its two key managers."""
        self.fleet.deposit(link, key, epsilon=epsilon, theorem=theorem)

    def free_bits(self, link: str) -> int:
        """Room for key of ``link``; what was last known while one of its key managers is away."""
        with contextlib.suppress(EnvironmentFault):
            self._stored[link] = self.fleet.stored_bits(link)
        return self.capacity_bits - self._stored.get(link, 0)

    def _watch(self, link: str, block: BlockReport, stored_bits: int) -> None:
        from qcisim.simulation.ceilings import uses_per_s

        now_s = time.monotonic()
        if now_s - self._told_s.get(link, -TELL_EVERY_S) >= TELL_EVERY_S:
            self._told_s[link] = now_s
            end_s = block.start_s + block.rounds / uses_per_s(self.scenario.links[link])
            got = f"{stored_bits:,} bits" if stored_bits else "the store is full"
            got = got if block.length.bits else f"no key: {block.length.reason}"
            click.echo(f"{end_s:,.0f} s  {link}: {got}", err=True)

    def _ended(self, link: str, reason: str) -> None:
        click.echo(f"{link} has stopped: {reason}", err=True)


def _tell(scenario: Scenario, fleet: Fleet, variables: Path) -> None:
    from qcisim.cli.story import curl

    for node in fleet.config.nodes:
        click.echo(f"{node}: {fleet.url(node)}")
    click.echo(f"Variables for clients: {variables}")
    waits = {
        key: min(link.protocol.block_s, scenario.duration_s)
        for key, link in scenario.links.items()
        if link.key_source == "qkd" and link.free_space is None
    }
    passing = [key for key, link in scenario.links.items() if link.free_space is not None]
    if waits:
        click.echo(f"New keys come with each block: {', '.join(f'{k} every {s:g} s' for k, s in waits.items())}")
    if passing:
        click.echo(f"New keys come after passes, which `qcisim passes` tells: {', '.join(passing)}")
    line = curl(scenario, os.path.relpath(variables))
    if line:
        click.echo(f"Fetch a key:\n  {line}")
    click.echo("Ctrl-C stops all key managers.")
