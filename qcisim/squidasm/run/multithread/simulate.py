"""``simulate_application``: what ``netqasm simulate`` calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from netqasm.runtime import env
from netqasm.runtime.application import ApplicationInstance
from netqasm.runtime.interface.config import NetworkConfig, QuantumHardware, default_network_config
from netqasm.runtime.settings import Formalism
from netqasm.sdk.config import LogConfig
from netqasm.util.yaml import dump_yaml

from qcisim.errors import InputError, require
from qcisim.squidasm.alias.netsquid.qubits.qformalism import QFormalism
from qcisim.squidasm.run.multithread.runtime_mgr import SquidAsmRuntimeManager

__all__ = ["simulate_application"]

_FORMALISMS = {Formalism.KET: QFormalism.KET, Formalism.DM: QFormalism.DM, Formalism.STAB: QFormalism.STAB}
_HARDWARE = {"generic": QuantumHardware.Generic, "nv": QuantumHardware.NV}


def simulate_application(
    app_instance: ApplicationInstance,
    num_rounds: int = 1,
    network_cfg: NetworkConfig | None = None,
    nv_cfg: Any = None,
    log_cfg: LogConfig | None = None,
    formalism: Formalism = Formalism.KET,
    use_app_config: bool = True,
    post_function: Callable[..., Any] | None = None,
    enable_logging: bool = True,
    hardware: str = "generic",
) -> list[dict[str, Any]]:
    """Run an application ``num_rounds`` times; one ``{"app_<role>": result}`` per round.

    Args:
        network_cfg: None: the roles' nodes, all linked without noise, of ``hardware`` "generic" or "nv".
        formalism: kets, by default: a single run shows a sample of the noise, not its mean.
        enable_logging: write results.yaml and what roles log into a dated folder under ``log``.
    """
    if hardware not in _HARDWARE:
        raise InputError(f"hardware '{hardware}': wanted one of {', '.join(_HARDWARE)}")
    require(num_rounds >= 0, f"{num_rounds} rounds: wanted a whole number from 0")
    manager = SquidAsmRuntimeManager()
    manager.netsquid_formalism = _FORMALISMS[formalism]
    if network_cfg is None:
        network_cfg = default_network_config(list(app_instance.party_alloc.values()), _HARDWARE[hardware])
    manager.set_network(network_cfg, nv_cfg)
    manager.start_backend()
    log = (LogConfig() if log_cfg is None else log_cfg) if enable_logging else None
    app_instance.logging_cfg = log
    results: list[dict[str, Any]] = []
    folder: str | None = None
    for _ in range(num_rounds):
        if log is not None and (folder is None or log.split_runs):
            folder = _dated_folder(log, manager)
        results.append(manager.run_app(app_instance, use_app_config=use_app_config))
        if folder is not None:
            dump_yaml(data=results, file_path=os.path.join(folder, "results.yaml"))
    if post_function is not None:
        post_function(manager)
    manager.stop_backend()
    return results


def _dated_folder(log: LogConfig, manager: SquidAsmRuntimeManager) -> str:
    root = os.path.abspath("./log") if log.log_dir is None else log.log_dir
    os.makedirs(root, exist_ok=True)
    folder: str = env.get_timed_log_dir(root)
    manager.backend_log_dir = log.log_subroutines_dir = log.comm_log_dir = folder
    return folder
