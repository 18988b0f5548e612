"""A reader of archived bytes that shares no code with the datasets' parsers: what stands at a place that cell_provenance cites.

Belongs here: one reader for each way of citing a place, and whether a raw row's measure stands there. Does not belong here: what numbers mean.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from resources.archive import Archive

# The publishers' own headings, where a raw column is not called the same.
HEADINGS = {
    ("dfe__fe_aims_by_subject", "achievements"): "aim_achievements",
    ("dfe__attainment_16_to_25", "cohort"): "number_in_ss_cohort",
    ("dfe__attainment_16_to_25", "reached"): "number",
    ("uk_ssc__skills", "skill_group"): "skill_group_L3",
}
NOMIS = {"value": "OBS_VALUE"}
CODES = ("area_code", "lad_code", "geography_code", "soc_code", "st_code", "date_code")


@dataclass(frozen=True)
class Cell:
    """One row of cell_provenance."""

    role: str
    relation: str
    key: str
    table: str
    columns: tuple[str, ...]
    dataset: str
    release: str
    file: str
    place: str


@dataclass
class Evidence:
    """The published database and the archive it is checked against.

    Args:
        connection: to the serving file.
        archive: where the bytes are.
        problems: what was read back and is not what the raw table says; filled as places are read.
        places: how many places have been read.
    """

    connection: duckdb.DuckDBPyConnection
    archive: Archive
    problems: list[str] = field(default_factory=list)
    places: int = 0
    _files: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _tables: dict[str, dict[tuple[str, str, str], list[dict[str, Any]]]] = field(default_factory=dict)
    _read: dict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def query(self, sql: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql, values or [])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cells(self, mart: str, key: str) -> list[Cell]:
        """Every cell behind a row of a mart."""
        rows = self.connection.execute(
            "select role, input_relation, input_key, raw_table, raw_column, dataset, release_id, source_file, source_row"
            " from marts.cell_provenance where mart = ? and row_key = ?",
            [mart, key],
        ).fetchall()
        return [Cell(*row[:4], tuple(row[4].split(",")), *row[5:]) for row in rows]

    def rows(self, cell: Cell) -> list[dict[str, Any]]:
        """The raw rows of a cell, after each was compared with what stands at its place in the archived bytes."""
        cited = (cell.table, cell.release, cell.file, cell.place, cell.columns)
        if cited not in self._read:
            self.places += 1
            self._read[cited] = self._table(cell.table).get(cited[1:4], [])
            found = self.read(cell)
            if not self._read[cited]:
                self.problems.append(f"{cited}: no such raw row")
            for row in self._read[cited]:
                self.problems += [f"{cited}: {one}" for one in disagreements(cell.table, row, cell.columns, found)]
        return self._read[cited]

    def _table(self, table: str) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
        if table not in self._tables:
            self._tables[table] = defaultdict(list)
            for row in self.query(f'select * from raw."{table}"'):
                self._tables[table][row["_release_id"], row["_source_file"], row["_source_row"]].append(row)
        return self._tables[table]

    def path(self, cell: Cell) -> Path:
        """The archived object that holds the cell's file."""
        held = [payload for payload in self.archive.payloads(cell.dataset, cell.release) if payload.name == cell.file.split("/")[0]]
        assert len(held) == 1, f"{cell.file} of {cell.release}: {len(held)} archived payloads"
        return self.archive.object_path(held[0].sha256)

    def read(self, cell: Cell) -> Any:
        """What stands at the cell's place: a line as {heading: text}, a JSON value, or a list of a sheet's values."""
        return _at(self._file(cell), cell.place)

    def lines(self, cell: Cell) -> list[dict[str, str]]:
        """Every line of every CSV file of the cell's release, in the order of the files' names."""
        names = sorted(payload.name for payload in self.archive.payloads(cell.dataset, cell.release) if payload.name.endswith(".csv"))
        files = [self._file(replace(cell, file=name)) for name in names]
        return [dict(zip(file[0], line, strict=False)) for file in files for line in file[1:]]

    def _file(self, cell: Cell) -> Any:
        file = (cell.dataset, cell.release, cell.file)
        if file not in self._files:
            content, name = self.path(cell).read_bytes(), cell.file
            if "/" in name:
                with zipfile.ZipFile(io.BytesIO(content)) as members:
                    content = members.read(name.split("/", 1)[1])
            self._files[file] = _open(name, content)
        return self._files[file]


class Lines(list):
    """Lines of a CSV file, the first being its headings."""


def _open(name: str, content: bytes) -> Any:
    if name.endswith(".csv"):
        return Lines(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if name.endswith(".json"):
        return json.loads(content)
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


def _at(file: Any, place: str) -> Any:
    if isinstance(file, Lines):
        return dict(zip(file[0], file[int(place) - 1], strict=True)) | {"": str(file[int(place) - 1])}
    if isinstance(file, (dict, list)):
        for name, index in re.findall(r"([A-Za-z_]\w*)|\[(\d+)\]", place):
            file = file[name] if name else file[int(index)]
        return file
    sheet, _, cells = place.rpartition("!")
    found = file[sheet][cells]
    return [one.value for line in found for one in line] if isinstance(found, tuple) else [found.value]


def disagreements(table: str, row: dict[str, Any], columns: tuple[str, ...], found: Any) -> Iterator[str]:
    """In what a raw row differs from what stands at its place: the columns that were cited, and the codes that say what the number is of."""
    by_heading = isinstance(found, dict) and "" in found
    if table == "adverts__advert_counts":
        # a count of lines, of which the first is cited: the rest is counted by whoever needs it
        if row["soc_code"] not in (found["soc_code"], "Unknown") or row["area_code"] != found["area_code"] or not found["date"].startswith(row["month"]):
            yield f"{row['month']} {row['area_code']} {row['soc_code']} is not {found['']}"
        return
    for column in columns:
        heading = HEADINGS.get((table, column)) or (NOMIS.get(column, column) if table.startswith("nomis__") else column)
        places = [found[heading]] if by_heading else list(_leaves(found))
        value = row[column]
        if isinstance(value, (int, float)):
            if not any(number(one) is not None and abs(number(one) - value) <= 1e-9 * max(1, abs(value)) for one in places):
                yield f"{column} is {value}, read back {places}"
        elif isinstance(value, str):
            if not any(plain(value) in plain(one) for one in places):
                yield f"{column} is {value!r}, read back {places}"
        elif by_heading and number(places[0]) is not None and row.get(f"{column}_status", row.get("status")) in ("ok", None):
            yield f"{column} is empty, read back {places}"
    if by_heading:
        for code in (name for name in CODES if isinstance(row.get(name), str) and name in row):
            if row[code] not in found.values() and row[code] != "Unknown":
                yield f"{code} is {row[code]}, which is not in {found['']}"


def _leaves(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        for one in found.values():
            yield from _leaves(one)
    elif isinstance(found, list):
        for one in found:
            yield from _leaves(one)
    else:
        yield found


def number(found: Any) -> float | None:
    """The number something is, or None: suppression marks and blanks are no numbers."""
    try:
        return float(str(found).replace(",", ""))
    except ValueError:
        return None


def plain(found: Any) -> str:
    """Text without markup, entities, bullets and runs of blanks."""
    text = html.unescape(html.unescape(str(found)))
    return re.sub(r"[\s~]+", " ", re.sub(r"<[^>]+>", " ", text)).strip()
