"""Runs application instances of netqasm's runtime on a network."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

from netqasm.logging.output import reset_struct_loggers, save_all_struct_loggers
from netqasm.runtime.app_config import AppConfig
from netqasm.runtime.application import ApplicationInstance
from netqasm.runtime.interface.config import NetworkConfig
from netqasm.sdk.classical_communication.thread_socket.socket import ThreadSocket
from netqasm.sdk.config import LogConfig

from qcisim.errors import InputError
from qcisim.squidasm.alias.netsquid.qubits.qformalism import QFormalism, stack_formalism
from qcisim.squidasm.blocking.application import Application
from qcisim.squidasm.blocking.qne_network import qne_network
from qcisim.squidasm.session import session
from qcisim.stack.machine import Machine
from qcisim.stack.options import Options
from qcisim.stack.spec import Network

__all__ = ["SquidAsmRuntimeManager"]


class SquidAsmRuntimeManager:
    """Holds a network and runs applications on it; every application starts at time 0.

    `set_network`, perhaps `netsquid_formalism`, then `run_app` as often as wanted.
    """

    def __init__(self) -> None:
        self._network: Network | None = None
        self.netsquid_formalism = QFormalism.KET
        self.backend_log_dir: str | None = None
        self.is_running = False

    @property
    def network(self) -> Network | None:
        """What `set_network` was given."""
        return self._network

    def set_network(self, cfg: NetworkConfig, nv_cfg: Any = None) -> None:
        """Run on this network; ``nv_cfg``: a mapping or object with the fields of an NV device, for all NV nodes."""
        self._network = qne_network(cfg, nv_cfg)

    def start_backend(self) -> None:
        """Ready to run applications."""
        if self._network is None:
            raise InputError("start_backend: no network; call set_network first")
        self.is_running = True

    def stop_backend(self) -> None:
        """No more applications."""
        self.is_running = False

    def reset_backend(self, save_loggers: bool = False) -> None:
        """Nothing is left over between applications."""
        if save_loggers:
            save_all_struct_loggers()
        reset_struct_loggers()

    def run_app(
        self, app_instance: ApplicationInstance, use_app_config: bool = True, save_loggers: bool = True
    ) -> dict[str, Any]:
        """What the roles return, as ``{"app_<role>": ...}``."""
        if self._network is None:
            raise InputError("run_app: no network; call set_network first")
        seed = session.seed_of_next_run()
        on_deadlock = "raise" if session.on_deadlock == "warn" else session.on_deadlock
        formalism = stack_formalism(self.netsquid_formalism) if session.formalism == "auto" else session.formalism
        options = Options(formalism=formalism, on_deadlock=on_deadlock)
        machine = Machine(self._network, options, secrets.randbits(63) if seed is None else seed)
        application = Application(machine, app_instance.party_alloc)
        with contextlib.ExitStack() as afterwards:
            log = app_instance.logging_cfg
            if log is None or log.log_subroutines_dir is None:  # roles write logs whether or not anybody wants them
                nowhere = afterwards.enter_context(tempfile.TemporaryDirectory())
                log = LogConfig(track_lines=False, log_subroutines_dir=nowhere)
            afterwards.callback(_forget_loggers, save_loggers)
            results = application.run(_entries(application, app_instance, log, use_app_config))
        return {f"app_{role}": result for role, result in results.items()}


def _entries(
    application: Application, app_instance: ApplicationInstance, log: LogConfig, use_app_config: bool
) -> dict[str, Callable[[], Any]]:
    """What each role calls."""
    entries: dict[str, Callable[[], Any]] = {}
    for program in app_instance.app.programs:
        inputs = dict(app_instance.program_inputs[program.party] or {})
        if use_app_config:
            inputs["app_config"] = AppConfig(
                app_name=program.party,
                node_name=application.node_of(program.party).name,
                main_func=program.entry,
                log_config=log,
                inputs=dict(inputs),
            )
        entries[program.party] = partial(program.entry, **inputs)
    return entries


def _forget_loggers(save: bool) -> None:
    if save:
        save_all_struct_loggers()
    reset_struct_loggers()
    ThreadSocket._COMM_LOGGERS = {}
