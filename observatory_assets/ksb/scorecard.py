"""The matcher's and the linker's marks on every labelled set at hand, against their gates, kept over versions: rows of derived.ksb_evaluation.

Belongs here: which files are labelled sets, the gates and which set they hold for, the history. Does not belong here: the measures themselves
(evaluation.py, ranking.py), matching, or what a failed gate stops (a dbt test of the mart stops publication).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatory_assets.ksb.concepts import Concept, concepts_of_labels
from observatory_assets.ksb.evaluation import Labelled, evaluate, interval, read_csv, read_labelled, refused, statements_of
from observatory_assets.ksb.linker import LINKER_VERSION, Linker
from observatory_assets.ksb.matcher import MATCHER_VERSION, THRESHOLD_VERSION, match_statements
from observatory_assets.ksb.model import Embedder, vectors_for
from observatory_assets.ksb.ranking import Query, Ranking, rank, read_annotated, read_skillskape
from observatory_assets.ksb.taxonomy import KINDS, Taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

BUNDLED = "ksb_labelled"
"""The seed, and the name its set is reported by."""

# Under so many texts one label more or less moves a share by over three points, and a gate would test the set rather than the matcher.
GATED_FROM = 30
GATES: Mapping[str, Mapping[str, float]] = {
    "given": {"strict": 0.80, "lenient": 0.93, "named_precision": 0.90, "named_recall": 0.75, "strict_gain": 0.15},
    "not_given": {"strict": 0.70, "lenient": 0.88},
}
"""Scope (is the kind given?) -> measure -> what it must reach."""
# Where the catch-all alone is right nine times in ten, as in knowledge of 2021's standards, nobody can be fifteen points better.
GAIN_ASKED_TO = 0.70
LINKING_GATES = {"tech_validation_annotations": {"mrr_gain": 0.10}}
CANDIDATES = 100  # places seen by the mean reciprocal rank; a right label further down would add under 0.01 to its own text

_COLUMNS = (
    "labelled_set", "labelled_set_sha256", "kind", "measure", "value", "lower", "upper", "n", "gate", "passed",
    "matcher_version", "threshold_version", "taxonomy_version", "model_sha256", "evaluated_at", "is_current",
)  # fmt: skip
_KEY = ("labelled_set", "labelled_set_sha256", "matcher_version", "threshold_version", "taxonomy_version", "model_sha256")


@dataclass(frozen=True)
class LabelledSets:
    """The files of labels of one evaluation, read and found sound.

    matching: name, sha256 and rows of each set of statements labelled with areas. linking: name, sha256 and queries of each set of sentences
    annotated with labels of ``labels``.
    """

    matching: tuple[tuple[str, str, tuple[Labelled, ...]], ...]
    linking: tuple[tuple[str, str, tuple[Query, ...]], ...]
    labels: tuple[Concept, ...]


def files_of(folder: Path) -> list[Path]:
    """The files in a folder of labelled sets that count, by name: CSVs, and lists of labels (*label*.txt); [] without the folder."""
    return sorted([*folder.glob("*.csv"), *folder.glob("*label*.txt")]) if folder.is_dir() else []


def fingerprint(folder: Path) -> str:
    """Changes with any file of ``files_of``, so that a set placed, corrected or taken away asks for another evaluation."""
    digest = hashlib.sha256()
    for path in files_of(folder):
        digest.update(f"{path.name}\0{_sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def read_sets(seeds: Path, folder: Path, taxonomy: Taxonomy, known: Iterable[Concept] = ()) -> LabelledSets:
    """The bundled set and every file in ``folder``, told apart by their columns.

    Args:
        seeds: folder of ksb_labelled.csv.
        folder: may be absent. Columns text, ksb_type, area, acceptable_areas make a set of the matcher's; sentence with label or skills one of the
            linker's, which also needs the list of labels (*label*.txt, one a line) its annotators chose from.
        taxonomy: whose areas the labels name.
        known: concepts of the taxonomies held, from which the labels take definitions and alternative labels.

    Raises:
        ObservatoryError: a file that is none of these, an unknown label or kind, an empty set, or annotations without exactly one list of labels.
    """
    matching, annotated = [seeds / f"{BUNDLED}.csv"], []
    lists = [path for path in files_of(folder) if path.suffix == ".txt"]
    for path in files_of(folder):
        if path.suffix == ".txt":
            continue
        _, columns = read_csv(path)
        if path.stem == BUNDLED:
            raise refused(path, "name", "a name of its own", "that of the bundled set")
        if "sentence" in columns and {"label", "skills"} & set(columns):
            annotated.append((path, read_annotated if "label" in columns else read_skillskape))
        else:
            matching.append(path)
    if annotated and len(lists) != 1:
        raise refused(annotated[0][0], "labels", f"one list of labels (*label*.txt) in {folder.name}", ", ".join(path.name for path in lists) or "none")
    concepts = tuple(concepts_of_labels(lists[0], known)) if annotated else ()
    names = {concept.label for concept in concepts}
    linking = []
    for path, read in annotated:
        try:
            queries = tuple(read(path, names))
        except (ValueError, SyntaxError) as error:
            raise refused(path, "skills", "in each cell of skills a list of labels, as Python writes it", str(error)) from error
        if not queries:
            raise refused(path, "labels", f"a sentence with a label of {lists[0].name}", "none")
        linking.append((path.stem, _sha256(path), queries))
    return LabelledSets(tuple((path.stem, _sha256(path), tuple(read_labelled(path, taxonomy))) for path in matching), tuple(linking), concepts)


def evaluated(
    sets: LabelledSets, *, taxonomy: Taxonomy, embedder: Embedder | None, cache_path: Path | None = None, link_cache_path: Path | None = None
) -> list[dict[str, Any]]:
    """Every measure of every set, one dictionary a row of the mart, without the time.

    Reviewers' decisions do not take part: they would be marked on what they wrote.

    Args:
        sets: as read.
        taxonomy: areas, prototypes and cue rules.
        embedder: None evaluates the lexical matcher and linker.
        cache_path: Parquet cache of vectors of the matcher.
        link_cache_path: the same of the linker.
    """
    stamp = {"taxonomy_version": taxonomy.version, "model_sha256": embedder and embedder.model_sha256}
    rows = []
    for name, sha256, labelled in sets.matching:
        of_set = {"labelled_set": name, "labelled_set_sha256": sha256, "matcher_version": MATCHER_VERSION, "threshold_version": THRESHOLD_VERSION, **stamp}
        statements = statements_of(labelled)
        matches = match_statements(statements, taxonomy=taxonomy, embedder=embedder, cache_path=cache_path)
        # Again in another order and without the cache: a difference in one bit of one score is a difference.
        again = match_statements(statements.take(list(range(statements.num_rows - 1, -1, -1))), taxonomy=taxonomy, embedder=embedder)
        rows += [of_set | row for row in _matcher_rows(labelled, matches, taxonomy)]
        rows.append(of_set | _row("all", "identical_output", float(_digest(matches) == _digest(again)), len(labelled), gate=1.0))
    if sets.linking:
        linker = Linker(sets.labels, embedder, link_cache_path)
        alone = None if embedder is None else vectors_for([concept.label for concept in sets.labels], embedder, link_cache_path)[0]
        for name, sha256, queries in sets.linking:
            of_set = {"labelled_set": name, "labelled_set_sha256": sha256, "matcher_version": f"linker {LINKER_VERSION}", "threshold_version": None, **stamp}
            found = rank(queries, [[one.label for one in linker.link(query.text, CANDIDATES).candidates] for query in queries])
            nearest = None if alone is None or embedder is None else rank(queries, _nearest(queries, linker, alone, embedder))
            rows += [of_set | row for row in _linker_rows(found, nearest, LINKING_GATES.get(name, {}))]
    return rows


def kept(rows: Sequence[Mapping[str, Any]], history: pa.Table | None, at: dt.datetime) -> pa.Table:
    """The history with these rows in it: what was measured before stays, and equal marks of equal versions are kept once, with their first time.

    Args:
        rows: of ``evaluated``.
        history: the table an earlier call returned.
        at: now, with a time zone.

    Returns:
        The columns of the mart in order of set, versions and time; is_current marks what these rows say.
    """
    import pyarrow as pa

    types = {"n": pa.int64(), "passed": pa.bool_(), "is_current": pa.bool_(), "evaluated_at": pa.timestamp("us", "UTC")}
    types |= dict.fromkeys(("value", "lower", "upper", "gate"), pa.float64())
    earlier = [] if history is None else history.to_pylist()
    times: dict[tuple[str, ...], dict[dt.datetime, list[dict[str, Any]]]] = {}
    for row in earlier:
        times.setdefault(_key(row), {}).setdefault(row["evaluated_at"], []).append(row)
    now: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        now.setdefault(_key(row), []).append(row)
    current = set()
    for key, marks in now.items():
        same = next((time for time, old in times.get(key, {}).items() if _marks(old) == _marks(marks)), None)
        if same is None:
            earlier += [{**row, "evaluated_at": at} for row in marks]
        current.add((key, same or at))
    whole = [{**row, "is_current": (_key(row), row["evaluated_at"]) in current} for row in earlier]
    whole.sort(key=lambda row: (row["labelled_set"], row["evaluated_at"], _key(row), row["kind"], row["measure"]))
    return pa.Table.from_pylist(whole, schema=pa.schema([(name, types.get(name, pa.string())) for name in _COLUMNS]))


def _matcher_rows(labelled: Sequence[Labelled], matches: pa.Table, taxonomy: Taxonomy) -> Iterator[dict[str, Any]]:
    scopes = {"given": [row for row in labelled if row.kind], "not_given": [row for row in labelled if not row.kind]}
    scopes |= {kind: [row for row in labelled if row.kind == kind] for kind in KINDS}
    for scope, of_scope in scopes.items():
        if not of_scope:
            continue
        scores = evaluate(of_scope, matches, taxonomy)
        gates = GATES.get(scope, {}) if scores.statements >= GATED_FROM else {}
        shares = {name: (getattr(scores, name), scores.statements) for name in ("strict", "lenient", "baseline_strict", "baseline_lenient")}
        shares |= {"named_precision": (scores.named_precision, scores.named_predictions), "named_recall": (scores.named_recall, scores.named_labels)}
        shares |= {name: (getattr(scores, name), scores.statements) for name in ("coverage", "abstention", "default_share")}
        for measure, (value, n) in shares.items():
            bounds = interval(round(value * n), n) if value is not None else (None, None)
            yield _row(scope, measure, value, n, bounds, gates.get(measure))
        gain = scores.strict - scores.baseline_strict
        yield _row(scope, "strict_gain", gain, scores.statements, gate=gates.get("strict_gain") if scores.baseline_strict <= GAIN_ASKED_TO else None)


def _linker_rows(found: Ranking, alone: Ranking | None, gates: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    n, first = found.queries, found.precision_at_1 / 100
    gates = gates if n >= GATED_FROM else {}
    yield _row("all", "p_at_1", first, n, interval(round(first * n), n), gates.get("p_at_1"))
    yield _row("all", "mrr", found.mean_reciprocal_rank / 100, n, gate=gates.get("mrr"))
    yield _row("all", "r_precision_at_5", found.r_precision_at_5 / 100, n, gate=gates.get("r_precision_at_5"))
    if alone is not None:
        yield _row("all", "mrr_model_alone", alone.mean_reciprocal_rank / 100, n)
        yield _row("all", "mrr_gain", (found.mean_reciprocal_rank - alone.mean_reciprocal_rank) / 100, n, gate=gates.get("mrr_gain"))


def _row(
    kind: str, measure: str, value: float | None, n: int, bounds: tuple[float | None, float | None] = (None, None), gate: float | None = None
) -> dict[str, Any]:
    """A gate without a value (no named area was wanted) is none; reaching it is decided on the value as shown."""
    value, (lower, upper) = _rounded(value), map(_rounded, bounds)
    gate = None if value is None else gate
    passed = None if gate is None or value is None else value >= gate
    return {"kind": kind, "measure": measure, "value": value, "lower": lower, "upper": upper, "n": n, "gate": gate, "passed": passed}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 12) + 0.0  # no -0.0


def _nearest(queries: Sequence[Query], linker: Linker, labels: Any, embedder: Embedder) -> list[list[str]]:
    """What the sentence model alone would say: the labels by cosine."""
    import numpy as np

    texts = vectors_for([query.text for query in queries], embedder)[0].astype(np.float64)
    order = np.argsort(-np.round(texts @ labels.astype(np.float64).T, 6), axis=1, kind="stable")[:, :CANDIDATES]
    return [[linker.concepts[place].label for place in row] for row in order]


def _digest(table: pa.Table) -> str:
    return hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] or "" for name in _KEY)


def _marks(rows: Sequence[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in ("kind", "measure", "value", "lower", "upper", "n", "gate", "passed")) for row in rows}
