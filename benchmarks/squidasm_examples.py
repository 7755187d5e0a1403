"""Runs every example of squidasm 0.13.6 unmodified and writes the table of docs/squidasm.md.

    python benchmarks/squidasm_examples.py            prints the table
    python benchmarks/squidasm_examples.py --write    puts it into docs/squidasm.md

Each script is run once as a command, which gives the time, and once per seed of the acceptance tests, which check what
it must show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance" / "squidasm"))

from squidasm_examples import EXAMPLES, RAW, Example, download  # noqa: E402

from qcisim import squidasm  # noqa: E402

BEGIN, END = "<!-- table: benchmarks/squidasm_examples.py -->\n", "<!-- end of table -->\n"
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
    lines = [HEADER, ["---"] * len(HEADER), *sorted(rows)]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def main() -> None:
    """Print or write the table."""
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as folder:
        made = table(download("squidasm", "0.13.6", Path(folder)) / "examples")
    if "--write" not in sys.argv:
        print(made)
        return
    page = ROOT / "docs" / "squidasm.md"
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(before + BEGIN + "\n" + made + "\n" + END + after)


if __name__ == "__main__":
    main()
