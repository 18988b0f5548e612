"""The figures of docs/ksb.md: marks of the matching, mass by method and uncertain matches, recorded from a run and shown between the page's marks.

Belongs here: recording them in docs/ksb_figures.json (`python -m observatory_assets.ksb_figures`) and their Markdown. Does not belong here: the measures
(observatory_assets.ksb.scorecard), or any prose, which is docs/ksb.md's own.

They are recorded because a page must not differ with the state folder at hand. A test compares the recorded marks with what the matcher earns today.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from observatory_assets.ksb.evaluation import confusion, statements_of
from observatory_assets.ksb.matcher import match_statements
from observatory_assets.ksb.model import Embedder, load_embedder
from observatory_assets.ksb.scorecard import BUNDLED, evaluated, read_sets
from observatory_assets.ksb.taxonomy import load_taxonomy
from observatory_assets.linking import known_concepts
from resources.observatory import Observatory
from resources.settings import PROJECT_ROOT

FIGURES = PROJECT_ROOT / "docs" / "ksb_figures.json"
RUNS = {"sample": "the bundled sample", "replay": "sets and releases that cannot be bundled"}
QUESTIONS = 20
_PART = re.compile(r"(<!-- figures: (\w+ \w+) -->\n)(.*?)(<!-- end of figures -->)", re.DOTALL)


def record(run: str, observatory: Observatory, database: Path | None, embedder: Embedder | None, on: dt.date) -> dict[str, Any]:
    """The figures of one run, to stand in FIGURES under its name.

    Args:
        run: sample (the bundled labelled set) or replay (the other sets at hand; texts are the publishers' there and are not recorded).
        observatory: whose labelled sets and taxonomies count.
        database: a DuckDB file with the marts; None leaves out what is read from it.
        embedder: the sentence model, if there is one.
        on: the day.
    """
    seeds = observatory.settings.seeds
    taxonomy = load_taxonomy(seeds)
    sets = read_sets(seeds, observatory.settings.labelled_folder, taxonomy, known_concepts(observatory))
    sets = replace(sets, matching=tuple(one for one in sets.matching if (one[0] == BUNDLED) == (run == "sample")))
    sets = replace(sets, linking=()) if run == "sample" else sets
    cache = observatory.lake.root / "derived"
    caches = {"cache_path": cache / "embeddings.parquet", "link_cache_path": cache / "link_embeddings.parquet"}
    marks = evaluated(sets, taxonomy=taxonomy, embedder=embedder, **caches)
    figures: dict[str, Any] = {
        "recorded_on": on.isoformat(),
        "taxonomy_version": taxonomy.version,
        "model": embedder.name if embedder else "none: words alone",
        "marks": [{name: row[name] for name in ("labelled_set", "kind", "measure", "value", "lower", "upper", "n", "gate", "passed")} for row in marks],
        "confusion": [
            dict(zip(("labelled_set", "labelled", "matched", "texts", "accepted"), (name, *pair), strict=True))
            for name, _, labelled in sets.matching
            for pair in confusion(labelled, match_statements(statements_of(labelled), taxonomy=taxonomy, embedder=embedder), taxonomy)
        ],
    }
    if database is not None:
        with observatory.warehouse.connect(database, read_only=True) as connection:
            figures["mass"] = _rows(connection, _MASS)
            figures["questions"] = _rows(connection, f"select * from ({_QUESTIONS}) limit {QUESTIONS}") if run == "sample" else []
            figures["uncertain"] = connection.execute("select count(*), sum(influence) from marts.ksb_review_queue").fetchone()
    return figures


# Of each side the first basis that is held: a replay of a few publishers may have projections alone, or only the texts themselves.
_MASS = """
    with focus as (
        select area_code, boundary_version from marts.dim_area where role = 'focus' order by valid_from, area_code limit 1
    ),
    held as (
        select mass.* from marts.ksb_match_mass as mass
        left join focus using (area_code, boundary_version)
        where (mass.area_code is null or focus.area_code is not null) and basis in ('stock', 'attained', 'openings', 'texts')
        qualify dense_rank() over (partition by side order by list_position(['stock', 'attained', 'openings', 'texts'], basis)) = 1
    )
    select side, basis, kind, level, method, cast(sum(statements) as bigint) as statements, round(sum(share), 4) as share,
        round(sum(share) filter (where band = 'review'), 4) as review_share
    from held
    group by all order by side, kind desc, level, share desc, method
"""
_QUESTIONS = """
    select queue.text, queue.kind, ksbs.label as current, runners.label as runner_up, queue.method, round(queue.score, 2) as score, queue.influence,
        queue.used_in
    from marts.ksb_review_queue as queue
    left join marts.dim_ksb as ksbs on queue.ksb_id = ksbs.ksb_id
    left join marts.dim_ksb as runners on queue.runner_up_id = runners.ksb_id
    order by queue.influence desc, queue.text_sha256, queue.kind_given
"""


def _rows(connection: Any, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# The page


def with_figures(page: str, figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The page with what stands between each `<!-- figures: <run> <part> -->` and `<!-- end of figures -->` put in anew.

    Parts are marks, gates, linking, confusion, mass and questions; of a run or part that was not recorded it says so.

    Raises:
        ValueError: the page has no such marks, or names an unknown part.
    """
    parts = {"marks": _marks, "gates": _gates, "linking": _linking, "confusion": _confusion, "mass": _mass, "questions": _questions}

    def filled(found: re.Match[str]) -> str:
        run, part = found.group(2).split()
        if run not in RUNS or part not in parts:
            raise ValueError(f"docs/ksb.md names the figures {found.group(2)!r}; there are {', '.join(parts)} of {', '.join(RUNS)}")
        lines = parts[part](figures[run]) if run in figures else []
        when = f"Recorded on {figures[run]['recorded_on']} from {RUNS[run]}; model: {figures[run]['model']}." if lines else "Not recorded."
        return found.group(1) + "\n".join(["", when, "", *lines, *(["", ""] if lines else [])]) + found.group(4)

    if not _PART.search(page):
        raise ValueError("docs/ksb.md must hold <!-- figures: … --> and <!-- end of figures -->")
    return _PART.sub(filled, page)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    body = [f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body] if body else []


def _of_set(run: Mapping[str, Any], name: str, kind: str) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in run["marks"] if row["labelled_set"] == name and row["kind"] == kind}


def _marks(run: Mapping[str, Any]) -> list[str]:
    rows = []
    for name in dict.fromkeys(row["labelled_set"] for row in run["marks"]):
        for kind in ("given", "knowledge", "skill", "behaviour", "not_given"):
            if "strict" not in (marks := _of_set(run, name, kind)):
                continue
            both = f"{marks['baseline_strict']['value']:.2f} / {marks['baseline_lenient']['value']:.2f}"
            shown = [_interval(marks[measure]) for measure in ("strict", "lenient", "named_precision", "named_recall")]
            rest = [f"{marks[measure]['value']:.2f}" for measure in ("coverage", "default_share")]
            rows.append((name, kind.replace("_", " "), str(marks["strict"]["n"]), *shown[:2], both, *shown[2:], *rest))
    head = ("set", "kind", "n", "strict", "lenient", "always the catch-all", "named precision", "named recall", "coverage", "catch-all")
    return _table(head, rows)


def _interval(mark: Mapping[str, Any]) -> str:
    if mark["value"] is None:
        return "–"
    return f"{mark['value']:.2f} ({mark['lower']:.2f}–{mark['upper']:.2f})"


def _gates(run: Mapping[str, Any]) -> list[str]:
    gated = [row for row in run["marks"] if row["gate"] is not None]
    return _table(
        ("set", "kind", "measure", "must reach", "reaches", "passed"),
        [
            (row["labelled_set"], row["kind"].replace("_", " "), row["measure"], f"{row['gate']:.2f}", f"{row['value']:.3f}", "yes" if row["passed"] else "NO")
            for row in gated
        ],
    )


def _linking(run: Mapping[str, Any]) -> list[str]:
    names = dict.fromkeys(row["labelled_set"] for row in run["marks"] if row["measure"] == "p_at_1")
    rows = []
    for name in names:
        marks = _of_set(run, name, "all")
        shown = [f"{marks[measure]['value']:.3f}" if measure in marks else "–" for measure in ("mrr", "r_precision_at_5", "mrr_model_alone", "mrr_gain")]
        rows.append((name, str(marks["p_at_1"]["n"]), _interval(marks["p_at_1"]), *shown))
    return _table(("set", "n", "P@1", "MRR", "R-Precision@5", "MRR of the model alone", "gain"), rows)


def _confusion(run: Mapping[str, Any]) -> list[str]:
    return _table(
        ("set", "labelled", "matched", "texts", "of them acceptable"),
        [(row["labelled_set"], f"`{row['labelled']}`", f"`{row['matched']}`", str(row["texts"]), str(row["accepted"])) for row in run["confusion"]],
    )


def _mass(run: Mapping[str, Any]) -> list[str]:
    return _table(
        ("side", "weighed by", "kind", "level", "method", "share of mass", "of it for review", "statements"),
        [
            (
                *(row[name] for name in ("side", "basis", "kind", "level", "method")),
                *(f"{row['share']:.1%}", f"{row['review_share'] or 0:.1%}", f"{row['statements']:,}"),
            )
            for row in run.get("mass", [])
        ],
    )


def _questions(run: Mapping[str, Any]) -> list[str]:
    return _table(
        ("text", "kind", "matched for now", "method", "score", "next", "influence", "used in"),
        [
            (
                row["text"], row["kind"] or "–", row["current"] or "–", row["method"], "–" if row["score"] is None else f"{row['score']:.2f}",
                row["runner_up"] or "–", f"{row['influence']:.2%}", row["used_in"],
            )
            for row in run.get("questions", [])
        ],
    )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> None:
    """Record one run's figures: `python -m observatory_assets.ksb_figures sample --database FILE`, the state folder being OBSERVATORY_HOME's."""
    parser = argparse.ArgumentParser(description=record.__doc__.splitlines()[0])
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("--database", type=Path, help="DuckDB file with the marts (default: what is recorded of mass and questions stays)")
    arguments = parser.parse_args(argv)
    observatory = Observatory()
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    embedder = load_embedder(observatory.settings.embedding_model)
    now = record(arguments.run, observatory, arguments.database, embedder, dt.datetime.now(dt.timezone.utc).date())
    figures[arguments.run] = {**figures.get(arguments.run, {}), **now}
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
