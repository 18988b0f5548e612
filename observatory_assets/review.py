"""`observatory review`: the uncertain matches of the published build out to reviewers, and their decisions back.

Belongs here: which database and files. Does not belong here: the files' columns and rules (observatory_assets.ksb.review), or influence (ksb_review_queue).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from observatory_assets.ksb.review import answers, questions, record
from observatory_assets.ksb.taxonomy import load_taxonomy
from resources.errors import ObservatoryError
from resources.files import write_bytes
from resources.observatory import Observatory


def export_review(observatory: Observatory, published: Path, *, top: int | None = None, out: Path | None = None) -> tuple[str, int]:
    """Write the uncertain matches, most influential first.

    Args:
        observatory: whose taxonomy.
        published: the database.
        top: at most so many.
        out: a new file; it gets a byte order mark, by which spreadsheets know UTF-8.

    Returns:
        The CSV as text, and how many matches are in it.

    Raises:
        ValueError: ``top`` is below 1.
        ObservatoryError: ``out`` exists: it may hold decisions that are not imported yet.
    """
    if top is not None and top < 1:
        raise ValueError("--top is a whole number from 1")
    if out is not None and out.exists():
        raise ObservatoryError(
            f"{out} exists and may hold decisions",
            rule="review",
            expected="a new file",
            found="one that is there",
            action="import it first, then choose another name",
        )
    with observatory.warehouse.connect(published, read_only=True) as connection:
        cursor = connection.execute("select * from marts.ksb_review_queue order by influence desc, text_sha256, kind_given limit ?", [top or 2**31])
        names = [column[0] for column in cursor.description]
        queue = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    text = questions(queue, load_taxonomy(observatory.settings.seeds))
    if out is not None:
        write_bytes(out, text.encode("utf-8-sig"))
    return text, len(queue)


def import_review(observatory: Observatory, file: Path) -> tuple[int, int]:
    """Append the decisions of a filled-in file to the override seed; returns how many were new and how many were there already.

    Raises:
        ObservatoryError: any row is wrong; then nothing is imported.
    """
    seeds = observatory.settings.seeds
    taxonomy = load_taxonomy(seeds)
    return record(answers(file, taxonomy), seeds, taxonomy, dt.datetime.now(dt.timezone.utc))
