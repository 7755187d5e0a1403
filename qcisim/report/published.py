"""Published: computed numbers beside published ones, and what agreement between them is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.numbers import NO_VALUE, THIN, digits, listed
from qcisim.report.reading import number, rows

PREDICTION, CONSISTENCY = "prediction", "consistency"
MEANING = {
    PREDICTION: "Nothing that goes into the computed number was taken from the result it is compared with. Agreement "
    "says that the model is right about it, disagreement that it is not.",
    CONSISTENCY: "The computed number rests on an input that was read off the published result, or may have been "
    "derived from it. Agreement says that model and publication count in the same way, and does not say that the "
    "model could have foretold it.",
}


@dataclass(frozen=True, slots=True)
class Published:
    """``tolerance`` is in ``unit``; None where no agreement is claimed."""

    name: str
    kind: str
    computed: float | None
    published: float | None
    unit: str
    tolerance: float | None
    source: str
    note: str

    def shown(self, value: float | None) -> str:
        """A number with the unit, whole where it counts, else in five figures at most."""
        if value is None:
            return NO_VALUE
        text = digits(value, 5)
        text = f"{value:,.0f}" if value == round(value) else text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text}{THIN}{self.unit}".replace("-", "−").rstrip(THIN)

    @property
    def difference(self) -> str:
        """Computed minus published, in the unit and in percent."""
        if self.computed is None or self.published is None:
            return NO_VALUE
        off = self.computed - self.published
        sign = "+" if off > 0 else ""
        part = f" ({sign}{digits(100.0 * off / abs(self.published), 2)}{THIN}%)" if self.published else ""
        return f"{sign}{digits(off, 3)}{part}"

    @property
    def verdict(self) -> str:
        if self.computed is None or self.published is None:
            return "not computed"
        if self.tolerance is None:
            return "no tolerance stated"
        return "agrees" if abs(self.computed - self.published) <= self.tolerance else "disagrees"


def published_of(data: Mapping[str, Any]) -> tuple[Published, ...]:
    """The comparisons of a result."""
    return tuple(
        Published(
            str(f.get("name") or ""),
            PREDICTION if f.get("kind") == PREDICTION else CONSISTENCY,
            number(f.get("computed")),
            number(f.get("published")),
            str(f.get("unit") or ""),
            number(f.get("tolerance")),
            str(f.get("source") or ""),
            str(f.get("note") or ""),
        )
        for f in rows(data, "published")
    )


def groups(items: tuple[Published, ...]) -> list[tuple[str, str, list[Published]]]:
    """Heading, meaning and rows of the predictions, then of the consistency checks; only what there is."""
    found = []
    for kind, heading in ((PREDICTION, "Predictions"), (CONSISTENCY, "Consistency checks")):
        mine = [item for item in items if item.kind == kind]
        if mine:
            found.append((heading, MEANING[kind], mine))
    return found


def in_words(items: tuple[Published, ...]) -> str:
    """How many of each kind agree, of those that were computed and have a tolerance."""
    told = []
    for kind, noun in ((PREDICTION, "predictions"), (CONSISTENCY, "consistency checks")):
        judged = [item for item in items if item.kind == kind and item.verdict in ("agrees", "disagrees")]
        if judged:
            told.append(f"{sum(item.verdict == 'agrees' for item in judged)} of {len(judged)} {noun}")
    return f"{listed(told)} agree within the stated tolerance." if told else ""
