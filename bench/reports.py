"""The results of a part: figures with their limits, and tables. JSON between processes, Markdown at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

UNITS = {"ms": 1000, "s": 1, "KB": 1 / 1024, "MB": 1 / 1024 / 1024, "×": 1, "": 1}


@dataclass
class Figure:
    """One line: what was measured, the value, its limit ("" for none), and whether it is met."""

    what: str
    figure: str
    bar: str = ""
    met: bool | None = None
    beside: str = ""


@dataclass
class Table:
    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass
class Report:
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def add(
        self,
        what: str,
        value: float,
        unit: str,
        most: float | None = None,
        beside: str = "",
        *,
        least: float | None = None,
    ) -> None:
        """Add a figure. `value` is in seconds, bytes, or a plain number, and so is its limit, `most` or `least`."""
        bar = (
            f"≤ {shown(most, unit)}"
            if most is not None
            else f"≥ {shown(least, unit)}"
            if least is not None
            else ""
        )
        met = value <= most if most is not None else value >= least if least is not None else None
        self.figures.append(Figure(what, shown(value, unit), bar, met, beside))
        print(line(self.figures[-1]), flush=True)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    def extend(self, other: Report) -> None:
        self.figures += other.figures
        self.tables += other.tables


def load(path: Path) -> Report:
    found = json.loads(path.read_text())
    return Report([Figure(**one) for one in found["figures"]], [Table(**one) for one in found["tables"]])


def shown(value: float, unit: str) -> str:
    """Return a value in its unit, with the significant digits."""
    number = value * UNITS[unit]
    digits = 0 if number == int(number) or abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f"{number:,.{digits}f}{'' if unit == '×' else ' '}{unit}".strip()


def line(one: Figure) -> str:
    verdict = {None: "", True: "yes", False: "**no**"}[one.met]
    return row([one.what, one.figure, one.bar, verdict, one.beside])


def row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def markdown(report: Report) -> str:
    """Return the figures as a table, a sentence about those that miss their limit, and the other tables."""
    parts = [row(["measurement", "value", "limit", "met", "note"]), "|---|---:|---:|---|---|"]
    parts += [line(one) for one in report.figures]
    below = [name for name, one in zip(names(report), report.figures, strict=True) if one.met is False]
    parts += ["", f"Missed limits: {'; '.join(below)}." if below else "Every limit is met.", ""]
    for table in report.tables:
        parts += [f"### {table.title}", "", row(table.head), "|---" + "|---:" * (len(table.head) - 1) + "|"]
        parts += [*map(row, table.rows), ""]
    return "\n".join(parts)


def names(report: Report) -> Iterator[str]:
    """Return the full names of figures, where the table says “the same”."""
    last = ""
    for one in report.figures:
        if not one.what.startswith("the same"):
            last = one.what
        yield one.what.replace("the same", last, 1) if one.what.startswith("the same") else last
