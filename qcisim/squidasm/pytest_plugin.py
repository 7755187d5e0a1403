"""``pytest --qcisim-squidasm``: tests that import squidasm and netsquid run on qcisim."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flags."""
    group = parser.getgroup("qcisim")
    group.addoption(
        "--qcisim-squidasm", action="store_true", help="let squidasm, netsquid and their like mean qcisim's subset"
    )
    group.addoption("--qcisim-squidasm-seed", type=int, metavar="N", help="seed of the runs")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Install before the first conftest is imported."""
    options = early_config.known_args_namespace
    if options.qcisim_squidasm:
        from qcisim.errors import InputError
        from qcisim.squidasm.installer import install
        from qcisim.squidasm.session import session

        try:
            install()
        except InputError as error:
            raise pytest.UsageError(str(error)) from None
        session.on_deadlock = "warn"
        session.seed(options.qcisim_squidasm_seed)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the names back."""
    if config.getoption("--qcisim-squidasm", default=False):
        from qcisim.squidasm.installer import uninstall

        uninstall()
