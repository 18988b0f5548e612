"""Skills of a taxonomy as the linkers take them: from a table of ESCO or UK-SSC, or from a list of labels.

Belongs here: concepts and what makes them. Does not belong here: which of them a text means (linker.py, grouped.py), where the files lie
(observatory_assets.linking).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from observatory_assets.ksb.text import clean, normalise, not_a_statement
from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import pyarrow as pa

QUALIFIER = re.compile(r"\s*\([^)]*\)")
"""What a label has in brackets: "Java (computer programming)"."""


@dataclass(frozen=True)
class Concept:
    """A skill of a taxonomy: its label and what else is known of it; ``group`` is the level above."""

    label: str
    definition: str = ""
    alternatives: tuple[str, ...] = ()
    group: str = ""


def concepts_of_labels(path: Path, known: Iterable[Concept] = ()) -> list[Concept]:
    """Concepts of a list of labels, one a line: blank lines, a byte order mark and repeats do not count.

    Args:
        known: concepts of taxonomies held; a label that one of them has (case and signs aside) takes its definition and alternative labels.

    Raises:
        ObservatoryError: no such file, not UTF-8, or no label in it.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ObservatoryError(
            f"{path} cannot be read as a list of labels",
            rule="labels",
            expected="a UTF-8 text file, one label a line",
            found=str(error),
            action="check the file",
        ) from error
    held: dict[str, Concept] = {}
    for concept in known:
        held.setdefault(normalise(concept.label), concept)
    labels = dict.fromkeys(label for line in lines if (label := clean(line)))
    if not labels:
        raise ObservatoryError(f"{path} holds no label", rule="labels", expected="one label a line", found=f"{len(lines)} blank lines", action="check the file")
    found = [(label, held.get(normalise(label))) for label in labels]
    return [Concept(label, concept.definition, concept.alternatives) if concept else Concept(label) for label, concept in found]


def concepts_of_esco(skills: pa.Table) -> list[Concept]:
    """Concepts of the table esco__skills, in order of their labels, each label once."""
    concepts = {
        row["label"]: Concept(row["label"], row["description"] or row["definition"] or "", tuple(filter(None, (row["alt_labels"] or "").split(" | "))))
        for row in skills.select(["label", "alt_labels", "definition", "description"]).to_pylist()
    }
    return [concepts[label] for label in sorted(concepts)]


def concepts_of_uk_ssc(skills: pa.Table) -> list[Concept]:
    """Concepts of the table uk_ssc__skills, in order of group and name; a skill without a group is its own."""
    rows = skills.select(["skill", "definition", "skill_group"]).to_pylist()
    groups = [row["skill_group"] or row["skill"] for row in rows]
    concepts = {(group, row["skill"]): Concept(row["skill"], row["definition"] or "", (), group) for group, row in zip(groups, rows, strict=True)}
    return [concepts[key] for key in sorted(concepts)]


def exact_names(concepts: Sequence[Concept]) -> dict[str, int]:
    """Normalised name -> row of the concept it is: labels first, then labels without their qualifiers and alternative labels."""
    exact: dict[str, int] = {}
    for row, concept in enumerate(concepts):
        exact.setdefault(normalise(concept.label) or concept.label, row)
    for row, concept in enumerate(concepts):
        for name in (QUALIFIER.sub("", concept.label), *concept.alternatives):
            exact.setdefault(normalise(name), row)
    exact.pop("", None)
    return exact


def look(text: str, exact: Mapping[str, int]) -> tuple[int | None, str | None]:
    """A cleaned text before any score: the row of the concept whose name it is, and why it cannot be read."""
    row = exact.get(normalise(text) or text)
    return row, not_a_statement(text) if row is None else None
