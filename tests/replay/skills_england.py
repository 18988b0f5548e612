"""Real files of Skills England and of the Department's list of approved qualifications, read as releases are.

Belongs here: one function per recorded file of data/skills_england and data/qualifications_funding. Does not belong here: constructed
files, or what the rows should be. Tables that third parties made of the list of standards are put back into its wire shape first.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from observatory_assets.datasets import apprenticeship_programmes, apprenticeship_standards, approved_qualifications
from observatory_assets.datasets.contract import Dataset
from observatory_assets.publishers.tabular import read_csv_as_text
from tests.datasets.fetched import payload, read


def release(dataset: Dataset, path: Path) -> dict[str, int]:
    """Rows of a file in the shape of a release, by the tables it has any for."""
    return {name: table.num_rows for name, table in read(dataset, [payload(path)]).items() if table.num_rows}


def programmes_of_2026(path: Path) -> dict[str, int]:
    """640 standards of April 2026 as a flat table: references, codes, levels, routes and states."""
    columns = ("referenceNumber", "larsCode", "title", "level", "route", "typicalDuration", "maxFunding", "status")
    return _standards({column: row[column] for column in columns} for row in _rows(path, columns))


def statements_of_2021(path: Path) -> dict[str, int]:
    """One row per statement, by LARS code, in the order of the lists they were taken from."""
    columns = ("lars_code", "standard_title", "level", "route", "ksb_type", "ksb_id", "detail_raw")
    lists = {letters: (field, id_field) for field, id_field, letters in apprenticeship_standards.KINDS.values()}
    standards: dict[str, dict[str, object]] = {}
    for row in _rows(path, columns):
        standard = standards.setdefault(
            row["lars_code"], {"larsCode": int(row["lars_code"]), "title": row["standard_title"], "level": row["level"], "route": row["route"]}
        )
        field, id_field = lists[row["ksb_type"]]
        standard.setdefault(field, []).append({id_field: row["ksb_id"], "detail": row["detail_raw"]})  # type: ignore[attr-defined]
    return _standards(standards.values())


def references_by_lars_code(path: Path) -> dict[str, int]:
    """The references that the lists of 2020 and 2021 lacked, with the titles and states of 2026."""
    columns = ("larsCode", "dump2020Title", "referenceNumber", "title2026", "status2026")
    records = []
    for row in _rows(path, columns):
        title = row["title2026"] or row["dump2020Title"]
        records.append({"referenceNumber": row["referenceNumber"] or None, "larsCode": row["larsCode"], "title": title, "status": row["status2026"] or None})
    return _standards(records)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterable[Mapping[str, str]]:
    for batch in read_csv_as_text(partial(path.open, "rb"), columns, path.name):
        yield from batch.to_pylist()


def _standards(records: Iterable[Mapping[str, object]]) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "apprenticeshipstandards.json"
        path.write_text(json.dumps(list(records)), encoding="utf-8")
        return release(apprenticeship_standards.DATASET, path)


REPLAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    "skills_england/Apprenticeships_sample.csv": partial(release, apprenticeship_programmes.DATASET),
    "skills_england/ifate_api_2020/standards_with_ksbs_65.json": partial(release, apprenticeship_standards.DATASET),
    "skills_england/ifate_api_2020/standards_all_515_no_ksbs.json": partial(release, apprenticeship_standards.DATASET),
    "skills_england/ifate_api_2020/larscode_to_reference_join.csv": references_by_lars_code,
    "skills_england/ifate_ksb_statements_2021.csv": statements_of_2021,
    "skills_england/standards_2026-04.csv": programmes_of_2026,
    "qualifications_funding/approved.csv": partial(release, approved_qualifications.DATASET),
}
