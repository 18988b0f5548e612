"""How far up its candidates a linker puts the right concepts, on annotated sentences.

Belongs here: the ranking measures and the reading of annotated CSVs. Does not belong here: linking, or the measures of the matcher (evaluation).
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Query:
    """A text to link and its right labels, at least one."""

    text: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Ranking:
    """Means over queries, percent: R-Precision@5 (right labels among the first five, of as many as there could be), reciprocal rank, first right."""

    queries: int
    r_precision_at_5: float
    mean_reciprocal_rank: float
    precision_at_1: float


def read_annotated(path: Path, labels: Collection[str]) -> list[Query]:
    """Read spans annotated with labels (columns sentence and label) as the benchmark is scored: one query a sentence, all its labels right.

    Labels that are not in ``labels`` (LABEL NOT PRESENT, UNDERSPECIFIED) do not count, and sentences without any other are left out.
    """
    found: dict[str, set[str]] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["label"] in labels:
                found.setdefault(row["sentence"], set()).add(row["label"])
    return [Query(text, frozenset(right)) for text, right in found.items()]


def read_skillskape(path: Path, labels: Collection[str]) -> list[Query]:
    """Read sentences with lists of labels (columns sentence and skills, a Python list), by the same rules."""
    found: dict[str, set[str]] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if right := set(ast.literal_eval(row["skills"])).intersection(labels):
                found.setdefault(row["sentence"], set()).update(right)
    return [Query(text, frozenset(right)) for text, right in found.items()]


def rank(queries: Sequence[Query], candidates: Sequence[Sequence[str]]) -> Ranking:
    """Score the candidates of each query, best first.

    A query none of whose right labels is among its candidates has a reciprocal rank of 0: give as many candidates as the measure should see.
    """
    precision = reciprocal = first = 0.0
    for query, ranked in zip(queries, candidates, strict=True):
        precision += len(query.labels.intersection(ranked[:5])) / min(5, len(query.labels))
        reciprocal += next((1 / place for place, label in enumerate(ranked, 1) if label in query.labels), 0.0)
        first += bool(ranked) and ranked[0] in query.labels
    share = 100 / (len(queries) or 1)
    return Ranking(len(queries), precision * share, reciprocal * share, first * share)
