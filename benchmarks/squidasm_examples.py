"""Runs every example of squidasm 0.13.6 unmodified and writes the table of docs/squidasm.md.

    python benchmarks/squidasm_examples.py            prints the table
    python benchmarks/squidasm_examples.py --write    puts it into docs/squidasm.md

Each script is run once as a command, which gives the time, and once per seed of the acceptance tests, which check what
it must show. Programs of others run too where QCISIM_EXTERNAL names a folder with checkouts of them.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance" / "squidasm"))

from squidasm_examples import EXAMPLES, RAW, Example, download  # noqa: E402
from squidasm_external import EXTERNALS  # noqa: E402

from qcisim import squidasm  # noqa: E402

TABLE = ("<!-- table: benchmarks/squidasm_examples.py -->\n", "<!-- end of table -->\n")
OTHERS = ("<!-- others: benchmarks/squidasm_examples.py -->\n", "<!-- end of others -->\n")
HEADER = ["example", "set", "must show", "expectation met", "came", "time of the command"]


def command(script: Path, *arguments: str) -> tuple[int, str, float]:
    """Exit code, last line of the errors and wall time of ``python -m qcisim.squidasm script``."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "qcisim.squidasm", "--seed", "1", script.name, *arguments],
        cwd=script.parent,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = done.stderr.strip().splitlines()
    return done.returncode, errors[-1] if errors else "", time.perf_counter() - began


def row(example: Example, folder: Path) -> list[str]:
    """One line of the table."""
    script = folder / example.script
    code, error, wall_s = command(script, *example.arguments)
    if code:
        met, came = "no", f"ends with {error}"
    else:
        try:
            met, came = "yes", example.shown(folder)
        except AssertionError as refused:
            met, came = "no", str(refused).partition("\n")[0] or "see the tests"
    return [example.script, example.acceptance, example.expects, met, came, f"{wall_s:.1f} s"]


def table(folder: Path) -> str:
    """All examples."""
    rows = []
    with squidasm.install():
        rows = [row(example, folder) for example in EXAMPLES]
    for name in RAW:
        _, error, wall_s = command(folder / name)
        says = error.partition(": ")[2].partition(";")[0]
        rows.append([name, "", "ends and says what is missing", "yes" if says else "no", says, f"{wall_s:.1f} s"])
    return _lines(HEADER, sorted(rows))


def others() -> str:
    """Programs of others; "" where one of them is not there."""
    rows = []
    for one in EXTERNALS:
        folder = one.checkout()
        if folder is None:
            return ""
        began = time.perf_counter()
        with squidasm.install(), contextlib.redirect_stdout(io.StringIO()):
            came = one.shown(folder)
        where = f"[{one.repository}](https://github.com/{one.repository}) at {one.commit}"
        rows.append([where, one.acceptance, one.expects, "yes", came, f"{time.perf_counter() - began:.0f} s"])
    return _lines(["programs", *HEADER[1:-1], "time of all runs"], rows)


def _lines(header: list[str], rows: list[list[str]]) -> str:
    return "".join("| " + " | ".join(cells) + " |\n" for cells in (header, ["---"] * len(header), *rows))


def _put(page: str, marks: tuple[str, str], made: str) -> str:
    before, rest = page.split(marks[0])
    _, after = rest.split(marks[1])
    return f"{before}{marks[0]}\n{made}\n{marks[1]}{after}"


def main() -> None:
    """Print or write the table."""
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as folder:
        made = table(download("squidasm", "0.13.6", Path(folder)) / "examples")
    theirs = others()
    if "--write" not in sys.argv:
        print(made, theirs, sep="\n")
        return
    path = ROOT / "docs" / "squidasm.md"
    page = _put(path.read_text(), TABLE, made)
    path.write_text(_put(page, OTHERS, theirs) if theirs else page)


if __name__ == "__main__":
    main()
