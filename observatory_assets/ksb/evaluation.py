"""How good the matcher is on labelled statements: accuracy, precision, recall, coverage, the baseline it must beat, and the report of them.

Belongs here: the measures, their tables in Markdown and the reading of labelled CSVs. Does not belong here: matching, or the labelled sets themselves.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from observatory_assets.ksb.taxonomy import KINDS, Taxonomy
from observatory_assets.ksb.text import clean, text_sha256

if TYPE_CHECKING:
    import pyarrow as pa

_KIND_OF_LETTER = {"K": "knowledge", "S": "skill", "B": "behaviour"}


@dataclass(frozen=True)
class Labelled:
    """A statement with its first-choice area and every acceptable one (ksb_ids; None is "not a KSB")."""

    text: str
    kind: str | None
    area: str | None
    acceptable: frozenset[str | None]


@dataclass(frozen=True)
class Scores:
    """Shares in 0–1; precision and recall are None without named predictions or labels.

    strict: first choice hit. lenient: an acceptable area hit. baseline_*: the same for always answering the kind's catch-all.
    named_precision: of predictions of a survey area other than a catch-all, those acceptable. named_recall: of statements whose first choice
    is such an area, those given an acceptable one. coverage: not abstained. default_share: answered with a catch-all or an extension area.
    """

    statements: int
    strict: float
    lenient: float
    baseline_strict: float
    baseline_lenient: float
    named_precision: float | None
    named_recall: float | None
    named_predictions: int
    named_labels: int
    coverage: float
    abstention: float
    default_share: float

    def as_dict(self) -> dict[str, float | int | None]:
        return asdict(self)


def read_labelled(path: Path, taxonomy: Taxonomy) -> list[Labelled]:
    """Read a labelled CSV with columns text, ksb_type (K, S, B or empty), area and acceptable_areas (labels joined by '|').

    Raises:
        KeyError: a label that the taxonomy does not have for that kind.
    """
    ids = {(area.kind, area.label.casefold()): area.ksb_id for area in taxonomy.areas}

    def ksb_id(label: str, kind: str | None) -> str | None:
        if label == "NONE":
            return None
        candidates = [ids[key] for key in ((candidate, label.casefold()) for candidate in ((kind,) if kind else KINDS)) if key in ids]
        return candidates[0] if candidates else ids[(kind or "behaviour", label.casefold())]

    with path.open(newline="", encoding="utf-8") as file:
        return [
            Labelled(
                row["text"],
                kind := _KIND_OF_LETTER.get(row["ksb_type"]),
                ksb_id(row["area"], kind),
                frozenset(ksb_id(label.strip(), kind) for label in row["acceptable_areas"].split("|")) | {ksb_id(row["area"], kind)},
            )
            for row in csv.DictReader(file)
        ]


def statements_of(labelled: Sequence[Labelled]) -> pa.Table:
    """The labelled texts as the table match_statements takes."""
    import pyarrow as pa

    texts = [clean(row.text) for row in labelled]
    columns = {"text_sha256": [text_sha256(text) for text in texts], "kind": [row.kind for row in labelled], "text": texts}
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))


def predictions(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> list[str | None]:
    """First-rank ksb_id of each labelled statement, an extension area counted as its kind's catch-all; None is an abstention."""
    found = {(row["text_sha256"], row["kind_given"]): row["ksb_id"] for row in matches.to_pylist() if row["rank"] == 1}
    areas = [taxonomy.by_id.get(found[(text_sha256(clean(row.text)), row.kind)]) for row in labelled]
    return [None if area is None else area.ksb_id if area.in_seed_survey else taxonomy.defaults[area.kind] for area in areas]


def evaluate(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> Scores:
    """Compare first-rank links with the labels.

    Labels know the thirty survey areas and the catch-alls, so an extension area counts as its kind's catch-all.
    """
    strict = lenient = base_strict = base_lenient = abstained = defaults = 0
    named_ok = named_all = wanted_ok = wanted_all = 0
    for row, predicted in zip(labelled, predictions(labelled, matches, taxonomy), strict=True):
        area = taxonomy.by_id.get(predicted or "")
        named = area is not None and not area.is_default
        strict += predicted == row.area
        lenient += predicted in row.acceptable
        base = taxonomy.defaults[row.kind or "skill"]
        base_strict += base == row.area
        base_lenient += base in row.acceptable
        abstained += area is None
        defaults += area is not None and not named
        named_all += named
        named_ok += named and predicted in row.acceptable
        if row.area is not None and not taxonomy.by_id[row.area].is_default:
            wanted_all += 1
            wanted_ok += named and predicted in row.acceptable
    n = len(labelled)
    return Scores(
        statements=n,
        strict=strict / n,
        lenient=lenient / n,
        baseline_strict=base_strict / n,
        baseline_lenient=base_lenient / n,
        named_precision=named_ok / named_all if named_all else None,
        named_recall=wanted_ok / wanted_all if wanted_all else None,
        named_predictions=named_all,
        named_labels=wanted_all,
        coverage=1 - abstained / n,
        abstention=abstained / n,
        default_share=defaults / n,
    )


def interval(hits: int, of: int) -> tuple[float, float]:
    """95% Wilson interval of a share; (0, 1) of nothing."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.959964, hits / of
    centre, spread = share + z * z / (2 * of), z * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return (centre - spread) / (1 + z * z / of), (centre + spread) / (1 + z * z / of)


def score_table(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> str:
    """Markdown table of the measures with 95% intervals: a row for all statements and one for each kind given."""
    kinds = sorted({row.kind for row in labelled}, key=lambda kind: KINDS.index(kind) if kind else len(KINDS))
    lines = [
        "| statements | n | strict | lenient | always the catch-all | named precision | named recall |",
        "|---|---:|---|---|---|---|---|",
    ]
    for name, rows in [("all", list(labelled)), *((kind or "kind not given", [row for row in labelled if row.kind == kind]) for kind in kinds)]:
        scores = evaluate(rows, matches, taxonomy)
        n = scores.statements
        cells = [
            _share(scores.strict, n),
            _share(scores.lenient, n),
            f"{scores.baseline_strict:.2f} / {scores.baseline_lenient:.2f}",
            _share(scores.named_precision, scores.named_predictions),
            _share(scores.named_recall, scores.named_labels),
        ]
        lines.append(f"| {name} | {n} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _share(share: float | None, of: int) -> str:
    if share is None:
        return "–"
    low, high = interval(round(share * of), of)
    return f"{share:.2f} ({low:.2f}–{high:.2f}, n = {of})"


def confusion_table(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> str:
    """Markdown table of first choice against prediction, one row a pair that differs, most frequent first; "accepted" counts lenient hits."""
    pairs: Counter[tuple[str, str]] = Counter()
    accepted: Counter[tuple[str, str]] = Counter()
    for row, predicted in zip(labelled, predictions(labelled, matches, taxonomy), strict=True):
        if predicted != row.area:
            pair = (row.area or "NONE", predicted or "NONE")
            pairs[pair] += 1
            accepted[pair] += predicted in row.acceptable
    lines = ["| labelled | matched | statements | accepted |", "|---|---|---:|---:|"]
    lines += [
        f"| {wanted} | {got} | {count} | {accepted[wanted, got]} |" for (wanted, got), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    ]
    return "\n".join(lines)
