"""How good the matcher is on labelled statements: accuracy, precision, recall, coverage, the baseline it must beat, and what is taken for what.

Belongs here: the measures and the reading of labelled CSVs. Does not belong here: matching, or the labelled sets themselves.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from observatory_assets.ksb.taxonomy import KINDS, Taxonomy
from observatory_assets.ksb.text import clean, text_sha256
from resources.errors import ObservatoryError

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
    """Read a labelled CSV: columns text, ksb_type (K, S, B or empty: not given), area and acceptable_areas (labels joined by '|'); others do not count.

    A label is an area's (NONE: the text is no KSB); one of an extension area counts as its kind's catch-all, as predictions do. Where no kind is
    given it may be of any kind. The first choice is acceptable whether or not it is named again.

    Raises:
        ObservatoryError: not UTF-8 CSV, a missing column, no row, an empty text, an unknown kind or an unknown label; it names the file and the line.
    """
    wanted = ("text", "ksb_type", "area", "acceptable_areas")
    rows, columns = read_csv(path)
    if missing := [name for name in wanted if name not in columns]:
        raise refused(path, "columns", f"the columns {', '.join(wanted)}", f"no {', '.join(missing)}; there are {', '.join(columns) or 'none'}")
    if not rows:
        raise refused(path, "rows", "at least one labelled text", "none")
    return [_labelled(path, line, row, taxonomy) for line, row in rows]


def _labelled(path: Path, line: int, row: Mapping[str, str], taxonomy: Taxonomy) -> Labelled:
    if not clean(row["text"]):
        raise refused(path, "text", f"a text in line {line}", "none")
    if row["ksb_type"] not in {*_KIND_OF_LETTER, ""}:
        raise refused(path, "ksb_type", f"K, S, B or nothing in line {line}", row["ksb_type"])
    kind = _KIND_OF_LETTER.get(row["ksb_type"])
    ids = {(area.kind, area.label.casefold()): area.ksb_id if area.in_seed_survey else taxonomy.defaults[area.kind] for area in taxonomy.areas}

    def ksb_id(label: str) -> str | None:
        if label == "NONE":
            return None
        for candidate in (kind,) if kind else KINDS:
            if (found := ids.get((candidate, label.casefold()))) is not None:
                return found
        known = [area.label for area in taxonomy.areas if kind in (None, area.kind) and area.in_seed_survey]
        raise refused(path, "label", f"in line {line} NONE or an area of {kind or 'any kind'}: {', '.join(known)}", label or "no label")

    first = ksb_id(row["area"].strip())
    others = [label.strip() for label in row["acceptable_areas"].split("|") if label.strip()]
    return Labelled(row["text"], kind, first, frozenset(map(ksb_id, others)) | {first})


def read_csv(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Rows of a CSV of the reviewers' or annotators' with their line numbers, and its columns; a byte order mark does not count.

    Cells that a short row lacks are "". A quoted cell may hold line breaks: the number is that of the row's last line.

    Raises:
        ObservatoryError: no UTF-8, or no CSV.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            rows = [(reader.line_num, {name: value for name, value in row.items() if name is not None}) for row in reader]
            return rows, list(reader.fieldnames or ())
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise refused(path, "csv", "a CSV in UTF-8 with a first line of column names", str(error)) from error


def refused(path: Path, rule: str, expected: str, found: str) -> ObservatoryError:
    """The error about a file of labels that cannot be used; until it is put right the last good evaluation stays."""
    return ObservatoryError(
        f"the labelled set {path.name} cannot be used", rule=rule, expected=expected, found=found, action="correct that line of the file, or take the file away"
    )


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


def confusion(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> list[tuple[str, str, int, int]]:
    """Pairs of first choice and answer that differ, most frequent first: both ksb_ids or NONE, how often, and how often the answer was acceptable."""
    pairs: Counter[tuple[str, str]] = Counter()
    accepted: Counter[tuple[str, str]] = Counter()
    for row, predicted in zip(labelled, predictions(labelled, matches, taxonomy), strict=True):
        if predicted != row.area:
            pair = (row.area or "NONE", predicted or "NONE")
            pairs[pair] += 1
            accepted[pair] += predicted in row.acceptable
    return [(*pair, count, accepted[pair]) for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))]
