"""Pass figure: the timeline of passes as a picture of its own, for `qcisim passes`."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg

from qcisim.errors import InputError
from qcisim.report.figure import style
from qcisim.report.moment import Calendar
from qcisim.report.pass_view import in_time, pass_view
from qcisim.report.timeline import Timeline, draw

_DPI = 144


def pass_figure(passes: Sequence[Mapping[str, Any]], names: Mapping[str, str] | None = None) -> bytes:
    """A PNG of the passes (rows as under ``passes`` of result.json): a row for each link and day, over the hours.

    A bar runs from rise to set; filled: key when clear, hollow: expected with clouds; a mark tells what came of it.
    ``names`` gives the words for a link, else its id is shown. The same passes give the same bytes, none an empty
    picture: ``b""``.

    Raises:
        InputError: where a pass is no mapping.
    """
    if not all(isinstance(row, Mapping) for row in passes):
        raise InputError("passes: wanted rows as in result.json")
    seen = in_time([pass_view(row) for row in passes])
    dated = next((p for p in seen if p.start_utc), None)
    calendar = Calendar.parse(dated.start_utc, dated.start_s) if dated else Calendar(None)
    if not seen:
        return b""
    with style():
        figure = draw(Timeline.of(seen, calendar, names or {}), light)
        figure.patch.set_facecolor("white")
        FigureCanvasAgg(figure)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=_DPI, metadata={"Software": None})
        return picture.getvalue()


def light(role: str) -> str:
    """The colour of a role on the page in daylight."""
    return _palette()[role]


@cache
def _palette() -> dict[str, str]:
    css = Path(__file__).with_name("templates").joinpath("page.css").read_text(encoding="utf-8")
    first = css[css.index(":root") : css.index("}")]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})", first))
