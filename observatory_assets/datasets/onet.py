"""O*NET: what occupations ask of skills, knowledge and work styles, with each rating's uncertainty.

Belongs here: the pinned database release, which of its files are read, and how ratings become rows.
Does not belong here: any link from American occupations to SOC 2020 (a crosswalk's job) or from elements to KSBs.
The text and the Excel edition of the database are read alike: a file is known by its name without extension.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers.headers import sign_of_change
from observatory_assets.publishers.tabular import numbers, without_release
from observatory_assets.publishers.workbooks import a1, members, open_workbook, read_sheet, text
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "30_3"
"""Database release to read: a classification moves to its next release when we decide so. 31_0 is out; 30_3 is the newest whose files were described."""

FILE = f"db_{VERSION}_text.zip"
URL = f"https://www.onetcenter.org/dl_files/database/{FILE}"

OCCUPATION_FILE, ELEMENT_FILE = "Occupation Data", "Content Model Reference"
RATING_FILES = {
    "Skills": "skill",  # up to 30.2
    "Essential Skills": "skill",  # from 30.3: elements 2.A
    "Transferable Skills": "skill",  # from 30.3: elements 2.B
    "Knowledge": "knowledge",
    "Work Styles": "work_style",
}
_SKILL_FILES = (("Skills",), ("Essential Skills", "Transferable Skills"))

SCALES = {"IM": (1, 5), "LV": (0, 7), "WI": (-3, 3)}
"""Scale -> its ends: importance, level, and from 30 on work styles' impact. Their distinctiveness rank (DR) has no published ends here."""

_NOT_GIVEN = {"": "x", "n/a": "x"}
_CODE = r"\d{2}-\d{4}\.\d{2}"
_ELEMENT = r"[1-6](\.[A-Za-z0-9]+)*"

_OCCUPATIONS = Table(
    name="onet__occupations",
    description="One row per occupation of the O*NET-SOC taxonomy.",
    columns=(
        Column("onet_soc_code", "string", "O*NET-SOC code; text, since 11-1011.00 loses its zeros as a number.", False, pattern=_CODE),
        Column("title", "string", "Title.", False),
        Column("description", "string", "What the occupation does.", False),
    ),
    keys=("onet_soc_code",),
    minimum_rows=10,  # 1,016 in 29.2
    complete_by=("onet_soc_code",),
)
_ELEMENTS = Table(
    name="onet__elements",
    description="One row per element of the content model, groups of elements included.",
    columns=(
        Column("element_id", "string", "Element; its dots are the hierarchy.", False, pattern=_ELEMENT),
        Column("parent_id", "string", "Element above it; NULL at the top.", pattern=_ELEMENT),
        Column("name", "string", "Name.", False),
        Column("description", "string", "What it means."),
    ),
    keys=("element_id",),
    minimum_rows=20,
)
_RATINGS = Table(
    name="onet__ratings",
    description="One row per occupation, element and scale.",
    columns=(
        Column("onet_soc_code", "string", "O*NET-SOC code.", False, pattern=_CODE),
        Column("element_id", "string", "Element of the content model.", False, pattern=_ELEMENT),
        Column("domain", "string", "skill, knowledge or work_style, from the file.", False, allowed=("skill", "knowledge", "work_style")),
        Column("scale_id", "string", "IM importance (1 to 5), LV level (0 to 7), WI impact (-3 to 3), DR distinctiveness rank.", False),
        Column("value", "float", "Mean rating on the scale; NULL unless the status carries a value."),
        Column("status", "string", "ok; u: O*NET recommends not to show it; z: not relevant to the occupation; x: no rating.", False, ("ok", "u", "z", "x")),
        Column("respondents", "integer", "Number of ratings behind the value.", minimum=0),
        Column("standard_error", "float", "Standard error of the value.", minimum=0),
        Column("lower", "float", "Lower end of the 95% interval."),
        Column("upper", "float", "Upper end of the 95% interval."),
        Column("recommend_suppress", "boolean", "O*NET's flag: too few or too scattered ratings; NULL where it has none."),
        Column("not_relevant", "boolean", "O*NET's flag: most said the element is not important, so its level says nothing; NULL where it has none."),
        Column("rated_in", "string", "Month of the ratings, 2023-08.", pattern=r"\d{4}-\d{2}"),
        Column("rated_by", "string", "Incumbent, Analyst, Occupational Expert and others."),
    ),
    keys=("onet_soc_code", "element_id", "scale_id"),
    minimum_rows=100,
    complete_by=("domain", "scale_id"),
    total_column="value",
)


@dataclass(frozen=True)
class File:
    """One file of the database: ``stem`` is its name without extension, ``name`` how errors and provenance call it, ``body`` its bytes or payload."""

    stem: str
    name: str
    body: bytes

    def columns(self, wanted: Sequence[str], optional: Sequence[str] = ()) -> tuple[dict[str, list[str]], list[str]]:
        """Columns as text, and each row's place. A column of ``optional`` that the file has not is full of "".

        Raises:
            SchemaDrift: a wanted column is missing or repeated, or a row has another width than the header.
            UnexpectedPayload: neither tab-separated UTF-8 nor a workbook.
        """
        header, rows, places = self._workbook() if self.body.startswith(b"PK") else self._text()
        if any(header.count(name) != 1 for name in wanted) or any(header.count(name) > 1 for name in optional):
            raise self.drift(f"{self.name} lacks or repeats a column", "columns", [*wanted, *optional], header)
        cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
        found = {name: list(cells[header.index(name)]) if name in header else [""] * len(rows) for name in (*wanted, *optional)}
        return found, places

    def _text(self) -> tuple[list[str], list[list[str]], list[str]]:
        try:
            lines = self.body.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n").split("\n")
        except UnicodeDecodeError as error:
            raise UnexpectedPayload(f"{self.name} is not UTF-8 text", rule="readable_text", expected="tab-separated UTF-8", found=str(error)) from error
        # No quoting: a double quote in a description is a double quote.
        header, *rows = [line.split("\t") for line in lines]
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise self.drift(f"row {number} of {self.name} is not as wide as the header", "row_width", f"{len(header)} cells", f"{len(row)}: {row}")
        return [name.strip() for name in header], [[cell.strip() for cell in row] for row in rows], [str(number) for number in range(2, len(rows) + 2)]

    def _workbook(self) -> tuple[list[str], list[list[str]], list[str]]:
        workbook = open_workbook(self.body, self.name)
        sheet = read_sheet(workbook, workbook.sheet_names[0], self.name)
        header, *rows = sheet.rows or [[]]
        places = [f"{sheet.name}!{a1(number, 1)}:{a1(number, max(1, len(header)))}" for number in range(2, len(rows) + 2)]
        return [text(cell) for cell in header], [[_cell(cell) for cell in row] for row in rows], places

    def drift(self, problem: str, rule: str, expected: object, found: object) -> SchemaDrift:
        return SchemaDrift(problem, rule=rule, expected=expected, found=found, action="compare the file with O*NET's data dictionary of the pinned release")


def find_marker(lookup: Lookup) -> Marker:
    """The pinned release with the ETag or Last-Modified of its file, which O*NET has replaced under the same name to correct it."""
    sign, released_at = sign_of_change(lookup.http, URL)
    return Marker(f"{VERSION}|{sign}", released_at=released_at)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The text edition of the pinned release."""
    return [Resource(FILE, URL, starts_with=(b"PK\x03\x04",))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Occupations, elements and ratings.

    Raises:
        SchemaDrift: a file, column, occupation or element is missing, or a value lies off its scale; ``found`` lists the files there are.
        UnexpectedPayload: the archive or a file in it cannot be read.
    """
    for payload in payloads:
        files = {file.stem: file for file in _files(payload)}
        skills = next((names for names in _SKILL_FILES if all(name in files for name in names)), None)
        needed = (OCCUPATION_FILE, ELEMENT_FILE, "Knowledge", "Work Styles")
        if skills is None or any(name not in files for name in needed):
            raise SchemaDrift(
                f"{payload.name} lacks a file",
                rule="files",
                expected=f"{', '.join(needed)}, and Skills or Essential Skills with Transferable Skills",
                found=sorted(files),
                action="look the new file names up in O*NET's list of changes",
            )
        occupations, elements = read_occupations(files[OCCUPATION_FILE]), read_elements(files[ELEMENT_FILE])
        yield _OCCUPATIONS.name, occupations
        yield _ELEMENTS.name, elements
        known = {"onet_soc_code": set(occupations["onet_soc_code"].to_pylist()), "element_id": set(elements["element_id"].to_pylist())}
        for name in (*skills, "Knowledge", "Work Styles"):
            ratings = read_ratings(files[name])
            for column, codes in known.items():
                if strange := sorted(set(ratings[column].to_pylist()) - codes):
                    raise files[name].drift(f"{files[name].name} rates what the release does not define", "codes_known", f"a known {column}", strange[:10])
            yield _RATINGS.name, ratings


def _files(payload: Payload) -> Iterator[File]:
    pattern = re.compile(rf"(?:{'|'.join(map(re.escape, (OCCUPATION_FILE, ELEMENT_FILE, *RATING_FILES)))})\.(?:txt|xlsx)")
    for member, body in members(payload.path, payload.name, pattern):
        yield File(PurePosixPath(member).stem, f"{payload.name}/{member}", body)


def read_occupations(file: File) -> pa.Table:
    """``onet__occupations`` from Occupation Data."""
    cells, places = file.columns(("O*NET-SOC Code", "Title", "Description"))
    columns = {"onet_soc_code": cells["O*NET-SOC Code"], "title": cells["Title"], "description": cells["Description"]}
    return _table(_OCCUPATIONS, file, columns, places)


def read_elements(file: File) -> pa.Table:
    """``onet__elements`` from Content Model Reference."""
    cells, places = file.columns(("Element ID", "Element Name", "Description"))
    columns = {
        "element_id": cells["Element ID"],
        "parent_id": [element.rpartition(".")[0] or None for element in cells["Element ID"]],
        "name": cells["Element Name"],
        "description": [description or None for description in cells["Description"]],
    }
    return _table(_ELEMENTS, file, columns, places)


def read_ratings(file: File) -> pa.Table:
    """``onet__ratings`` from one rating file.

    A rating that O*NET recommends to suppress keeps its value under status ``u``: it is a number that may not be relied on,
    and readers take ``ok`` only. One that is not relevant to the occupation gets ``z`` and no value: O*NET then rates the
    level of something most said is not part of the job, which is no measurement. Both flags are kept as columns.

    Raises:
        SchemaDrift: a column is missing, a flag is neither Y, N nor empty, or a value lies off its scale.
    """
    import pyarrow as pa

    wanted = ("O*NET-SOC Code", "Element ID", "Scale ID", "Data Value", "N", "Standard Error", "Lower CI Bound", "Upper CI Bound", "Recommend Suppress")
    cells, places = file.columns(wanted, optional=("Not Relevant", "Date", "Domain Source"))
    suppress, irrelevant = _flags(file, cells, "Recommend Suppress"), _flags(file, cells, "Not Relevant")
    measured = {name: numbers(pa.chunked_array([pa.array(cells[name], pa.string())]), _NOT_GIVEN) for name in wanted[3:8]}
    values, statuses = (column.to_pylist() for column in measured["Data Value"])
    scales = cells["Scale ID"]
    for place, scale, value, status in zip(places, scales, values, statuses, strict=True):
        low, high = SCALES.get(scale, (value, value))
        if status == "nonfinite" or (value is not None and not low <= value <= high):
            raise file.drift(f"a rating of {file.name} lies off its scale", "scale", SCALES, f"row {place}: {value} on {scale}")
    respondents = measured["N"][0].to_pylist()
    if strange := [n for n in respondents if n is not None and (n < 0 or n % 1 or n > 1e6)]:
        raise file.drift(f"N of {file.name} is no count", "count", "whole numbers", strange[:5])
    status = ["x" if number is None else "z" if off else "u" if hide else "ok" for number, hide, off in zip(values, suppress, irrelevant, strict=True)]
    columns = {
        "onet_soc_code": cells["O*NET-SOC Code"],
        "element_id": cells["Element ID"],
        "domain": [RATING_FILES[file.stem]] * len(places),
        "scale_id": scales,
        "value": [None if one in ("x", "z") else value for one, value in zip(status, values, strict=True)],
        "status": status,
        "respondents": [None if n is None else int(n) for n in respondents],
        "standard_error": measured["Standard Error"][0],
        "lower": measured["Lower CI Bound"][0],
        "upper": measured["Upper CI Bound"][0],
        "recommend_suppress": suppress,
        "not_relevant": irrelevant,
        "rated_in": [f"{month[3:]}-{month[:2]}" if re.fullmatch(r"\d{2}/\d{4}", month) else None for month in cells["Date"]],
        "rated_by": [source or None for source in cells["Domain Source"]],
    }
    return _table(_RATINGS, file, columns, places)


def _flags(file: File, cells: dict[str, list[str]], name: str) -> list[bool | None]:
    meaning = {"Y": True, "N": False, "": None, "n/a": None}
    if strange := set(cells[name]) - set(meaning):
        raise file.drift(f"{name} of {file.name} has an unknown mark", "flag", sorted(meaning), sorted(strange)[:5])
    return [meaning[cell] for cell in cells[name]]


def _table(table: Table, file: File, columns: dict[str, list], places: list[str]) -> pa.Table:
    import pyarrow as pa

    return pa.table({**columns, "_source_file": [file.name] * len(places), "_source_row": places}, schema=without_release(table.arrow_schema()))


def _cell(value: object) -> str:
    """A workbook's cell as the text edition writes it."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return text(value)


DATASET = Dataset(
    slug="onet",
    title=f"O*NET {VERSION.replace('_', '.')} Database: skills, knowledge and work styles",
    publisher="U.S. Department of Labor, Employment and Training Administration",
    landing_page="https://www.onetcenter.org/database.html",
    licence="Creative Commons Attribution 4.0",
    attribution=(
        f"O*NET {VERSION.replace('_', '.')} Database by the U.S. Department of Labor, Employment and Training Administration (USDOL/ETA). "
        "Used under the CC BY 4.0 license. O*NET is a trademark of USDOL/ETA. The Skills Observatory has modified some of this information; "
        "USDOL/ETA has not approved, endorsed, or tested these modifications."
    ),
    description=(
        "Ratings of 35 skills, 33 areas of knowledge and the work styles for American occupations, with sample size, standard error and 95% interval. "
        "About 120 of 1,016 occupations have no ratings. Files and scales change between releases: from 30.3 Skills is split into Essential Skills and "
        "Transferable Skills, and work styles are rated for impact (WI, -3 to 3) and distinctiveness (DR) instead of importance (IM, 1 to 5), "
        "so that values of two releases do not compare. Importance and level are separate rows."
    ),
    hosts=("www.onetcenter.org",),
    cadence=dt.timedelta(days=3652),
    publication_delay=dt.timedelta(days=365),
    tables=(_OCCUPATIONS, _ELEMENTS, _RATINGS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Files of 29.2 (Excel edition) read whole. 30.3: address, file names and columns from third parties' descriptions of it; whether 30.2 already splits "
        "Skills is told both ways, so both are read. Scale DR: its name only. Whether the text edition writes empty cells as nothing or `n/a`: both are read."
    ),
)
