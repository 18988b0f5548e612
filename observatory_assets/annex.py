"""The annex of data recommendations: what each source's publisher is asked to change, as Markdown.

Belongs here: wording marts.data_recommendation as a document. Does not belong here: finding anything (dbt_project), or choosing the words of a finding
(seed recommendation_template).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from resources.errors import ObservatoryError

if TYPE_CHECKING:
    import duckdb

SAMPLE = " (SAMPLE: synthetic numbers, not the publisher's)"
HEAD = ("field", "finding", "consequence", "ask")


def annex(connection: duckdb.DuckDBPyConnection) -> str:
    """One section per source with a finding, in order of publisher: a table of field, finding, consequence and ask, then the queries that count again.

    Args:
        connection: to the published database.

    Raises:
        ObservatoryError: the database was built before there were recommendations.
    """
    known = connection.execute("select count(*) from information_schema.tables where table_schema = 'marts' and table_name = 'data_recommendation'").fetchone()
    if not known[0]:
        raise ObservatoryError(
            "the published build has no mart data_recommendation", rule="mart", found="a build of an earlier version", action="run `observatory refresh` first"
        )
    rows = connection.execute(
        "select r.publisher, d.title, r.dataset, d.landing_page, r.is_sample, coalesce(r.raw_table, ''), r.field, coalesce(r.metric, ''), r.finding,"
        " r.consequence, r.ask, r.evidence from marts.data_recommendation as r inner join marts.dim_dataset as d on r.dataset = d.slug"
        " order by r.publisher, d.title, r.dataset, r.position, r.raw_table, r.field, r.metric"
    ).fetchall()
    silent = connection.execute(
        "select title from marts.dim_dataset where slug not in (select dataset from marts.data_recommendation) order by title"
    ).fetchall()
    sections = [(source, list(findings)) for source, findings in itertools.groupby(rows, key=lambda row: row[:5])]
    lines = [
        "# Data recommendations" + (SAMPLE if any(source[4] for source, _ in sections) else ""),
        "",
        f"What the checks of this build found in {len(sections)} sources ({len(rows)} findings), what follows for the gap between the knowledge, skills and"
        " behaviours that employers need and those that providers supply, and what each publisher is asked to change. Numbers are of the current release.",
    ]
    for (publisher, title, dataset, landing_page, is_sample), findings in sections:
        lines += ["", f"## {_cell(title)}{SAMPLE if is_sample else ''}", "", f"{_cell(publisher)}, <{landing_page}>; dataset `{dataset}`.", ""]
        lines += [f"| {' | '.join(HEAD)} |", "|---|---|---|---|"]
        for *_, raw_table, field, metric, finding, consequence, ask, _ in findings:
            where = "<br>".join(filter(None, (_cell(field), f"`{raw_table}`" if raw_table else "", f"metric `{metric}`" if metric else "")))
            lines.append(f"| {where} | {_cell(finding)} | {_cell(consequence)} | {_cell(ask)} |")
        lines += ["", "Counted again on the published database by:", "", "```sql", *(f"{_one_line(row[-1])};" for row in findings), "```"]
    if silent:
        lines += ["", "## Sources without a finding", "", *(f"- {_cell(title)}" for (title,) in silent)]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Text that stays within its cell and is taken for text."""
    return _one_line(text).replace("|", "\\|").replace("<", "&lt;")
