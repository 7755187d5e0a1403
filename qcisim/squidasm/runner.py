"""The command that runs a SquidASM script unmodified: alias, seed, then the script as ``__main__``."""

from __future__ import annotations

import argparse
import os
import random
import runpy
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import click

from qcisim.errors import InputError, QcisimError
from qcisim.squidasm.installer import install
from qcisim.squidasm.session import session
from qcisim.squidasm.telling import is_in, line_of_script, refuse, shorten, warn
from qcisim.stack.options import Formalism, OnDeadlock

FORMALISMS = get_args(Formalism)
ON_DEADLOCK = get_args(OnDeadlock)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the script that ``arguments`` (by default those of the process) name; exits as the script does."""
    options = _parser().parse_args(arguments)
    script = options.script
    folder = os.path.isdir(script)
    if not folder and not os.path.isfile(script):
        refuse(f"{script}: no such script")
    if folder and options.workers is not None:
        refuse(f"{script}: --workers shares the iterations of a script; a folder runs in one process")
    try:
        install(force=options.force)
    except InputError as error:
        refuse(str(error))
    session.formalism, session.workers, session.strict = options.formalism, options.workers, options.strict
    session.on_deadlock = options.on_deadlock or ("raise" if options.strict else "warn")
    if options.seed is not None:
        _seed(options.seed)
    warnings.showwarning = warn
    sys.argv = [script, *options.arguments]
    beside = os.path.abspath(script) if folder else os.path.dirname(os.path.abspath(script))
    folders = [beside, *options.pythonpath]
    sys.path[0:1] = folders
    try:
        if folder:
            _simulate(script, options.arguments)
        runpy.run_path(script, run_name="__main__")
    except QcisimError as error:
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
        line = line_of_script(error.__traceback__, folders[0])
        refuse(f"{error}{notes}{line}", code=2 if isinstance(error, InputError) else 1)
    except KeyboardInterrupt as interrupt:
        told = "\n".join(getattr(interrupt, "__notes__", ())).splitlines()
        where = "".join(f"\n  {line}" for line in told) or line_of_script(interrupt.__traceback__, folders[0])
        refuse(f"interrupted{where}", code=130)
    except Exception as error:
        report = traceback.TracebackException.from_exception(error)
        shorten(report)
        if folder and not any(is_in(frame, beside) for frame in report.stack) and not hasattr(error, "__notes__"):
            refuse(f"{script}: {' '.join(str(error).split())}")
        print("".join(report.format()), end="", file=sys.stderr)
        sys.exit(1)


def _simulate(folder: str, arguments: Sequence[str]) -> None:
    """``netqasm simulate`` of a folder of blocking programs; exits."""
    from qcisim.squidasm.blocking.folder import check_folder

    check_folder(Path(folder))
    os.environ["NETQASM_SIMULATOR"] = "netsquid"
    from netqasm.runtime.cli import simulate

    command = ["--app-dir", folder, "--simulator", "netsquid", *arguments]
    try:
        code = simulate.main(command, prog_name="netqasm simulate", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort as abort:
        raise (abort.__cause__ or KeyboardInterrupt()) from None
    sys.exit(code if isinstance(code, int) else 0)


def _seed(seed: int) -> None:
    import numpy as np

    session.seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 -- scripts draw from the module's own stream


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qcisim.squidasm",
        description="Run a SquidASM program unmodified on qcisim's engine, without NetSquid.",
        epilog="Options of qcisim come before the script, arguments of the script after it.",
        allow_abbrev=False,
    )
    parser.add_argument("--seed", type=_from(0), help="makes the run reproducible; seeds random and numpy.random too")
    parser.add_argument("--workers", type=_from(1), metavar="N", help="processes that share the iterations")
    parser.add_argument(
        "--formalism",
        choices=FORMALISMS,
        default="auto",
        help="how states are kept; auto (the default): as the program asks for, else dm, and kets once dm cannot",
    )
    parser.add_argument(
        "--strict", action="store_true", help="a deadlock, and a flush() without 'yield from', is an error"
    )
    parser.add_argument("--on-deadlock", choices=ON_DEADLOCK, help="default: warn, with --strict: raise")
    parser.add_argument(
        "--pythonpath",
        type=_folder,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder to import from; may be repeated",
    )
    parser.add_argument("--force", action="store_true", help="also where a real squidasm or netsquid is installed")
    parser.add_argument("script", help="a script, or a folder with app_<role>.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the script; for a folder: of netqasm simulate")
    return parser


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if text.isdecimal() and int(text) >= least:
            return int(text)
        raise argparse.ArgumentTypeError(f"wanted a whole number from {least}, got '{text}'")

    return number


def _folder(text: str) -> str:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no folder")
    return os.path.abspath(text)
