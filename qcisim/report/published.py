"""Published: computed numbers beside published ones, and what agreement between them is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qcisim.report.numbers import NO_VALUE, THIN, digits
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
        return f"{sign}{digits(off, 3)}{f' ({self.part})' if self.part else ''}"

    @property
    def give(self) -> str:
        """The tolerance after a number; nothing where none is stated."""
        return "" if self.tolerance is None else f" ± {self.shown(self.tolerance)}"

    @property
    def part(self) -> str:
        """Computed minus published in percent of the published, nothing where there is no such number."""
        if self.computed is None or not self.published:
            return ""
        off = 100.0 * (self.computed - self.published) / abs(self.published)
        return f"{'+' if off > 0 else ''}{digits(off, 2)}{THIN}%"

    @property
    def verdict(self) -> str:
        if self.computed is None or self.published is None:
            return "not computed"
        if self.tolerance is None:
            return "no tolerance stated"
        return "agrees" if abs(self.computed - self.published) <= self.tolerance else "disagrees"


def published_of(data: Mapping[str, Any]) -> tuple[Published, ...]:
    """The comparisons of a result."""
    return tuple(published_item(f) for f in rows(data, "published"))


def published_item(f: Mapping[str, Any]) -> Published:
    """One comparison, as a result holds it."""
    return Published(
        str(f.get("name") or ""),
        PREDICTION if f.get("kind") == PREDICTION else CONSISTENCY,
        number(f.get("computed")),
        number(f.get("published")),
        str(f.get("unit") or ""),
        number(f.get("tolerance")),
        str(f.get("source") or ""),
        str(f.get("note") or ""),
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
    """How many of all of a kind agree; those outside, without a tolerance or not computed are told as such."""
    told = []
    for kind, noun in ((PREDICTION, "prediction"), (CONSISTENCY, "consistency check")):
        mine = [item for item in items if item.kind == kind]
        if not mine:
            continue
        if all(item.verdict == "no tolerance stated" for item in mine):
            what = f"The {noun} states" if len(mine) == 1 else f"All {len(mine)} {noun}s state"
            told.append(f"{what} no tolerance{_parts(mine)}.")
            continue
        if len(mine) == 1 and mine[0].verdict != "not computed":
            where = "within" if mine[0].verdict == "agrees" else "outside"
            told.append(f"The {noun} lies {where} its stated tolerance{_parts(mine) if where == 'outside' else ''}.")
            continue
        agree = sum(item.verdict == "agrees" for item in mine)
        verb, whose = ("lies", "its") if agree == 1 else ("lie", "their")
        text = f"{agree} of {len(mine)} {noun}{'' if len(mine) == 1 else 's'} {verb} within {whose} stated tolerance"
        outside = [item for item in mine if item.verdict == "disagrees"]
        if outside:
            text += f"; {len(outside)} {'lies' if len(outside) == 1 else 'lie'} outside{_parts(outside)}"
        open_ended = [item for item in mine if item.verdict == "no tolerance stated"]
        if open_ended:
            text += f"; {len(open_ended)} {'states' if len(open_ended) == 1 else 'state'} none{_parts(open_ended)}"
        missing = sum(item.verdict == "not computed" for item in mine)
        if missing:
            text += f"; {missing} {'was' if missing == 1 else 'were'} not computed"
        told.append(f"{text}.")
    return " ".join(told)


def _parts(items: Sequence[Published]) -> str:
    """Differences in percent, in brackets."""
    parts = [part for item in items if (part := item.part)]
    return f" ({', '.join(parts)})" if parts else ""
