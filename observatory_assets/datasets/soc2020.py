"""SOC 2020: the structure of the Standard Occupational Classification with each unit group's tasks and related job titles.

Belongs here: the ONS volume 1 workbook, pinned to one edition. Does not belong here: what a task says about skills (observatory_assets.ksb).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers.tabular import without_release
from observatory_assets.publishers.workbooks import Sheet, open_workbook, read_sheet, text

if TYPE_CHECKING:
    import pyarrow as pa

EDITION = "16042025"
FILE = f"soc2020volume1structureanddescriptionofunitgroupsexcel{EDITION}.xlsx"
URI = f"/methodology/classificationsandstandards/standardoccupationalclassificationsoc/soc2020/soc2020volume1structureanddescriptionsofunitgroups/{FILE}"

LEVELS = ("major", "sub_major", "minor", "unit")
"""A group's level is the number of digits of its code."""

_CODES = ("SOC 2020 Major Group", "SOC 2020 Sub-Major Group", "SOC 2020 Minor Group", "SOC 2020 Unit Group")
_TITLE, _DESCRIPTION, _ROUTES = "SOC 2020 Group Title", "Group Description", "Typical Entry Routes And Associated Qualifications"
_TASKS, _JOB_TITLES = "Tasks", "Related Job Titles"

_UNIT_CODE = Column("soc_code", "string", "Unit group.", False, pattern=r"[1-9]\d{3}")
_POSITION = Column("position", "integer", "Place in the group's list, from 1.", False, minimum=1)

_GROUPS = Table(
    name="ons__soc2020_groups",
    description="One row per group of SOC 2020, at four levels.",
    columns=(
        Column("soc_code", "string", "Code: one digit for a major group to four for a unit group.", False, pattern=r"[1-9]\d{0,3}"),
        Column("level", "string", "major, sub_major, minor or unit.", False, LEVELS),
        Column("parent_code", "string", "Group it belongs to, the code without its last digit; NULL for major groups.", pattern=r"[1-9]\d{0,2}"),
        Column("title", "string", "Title; a unit group's is the Framework sheet's, the other sheet has lost capitals ('english', '(r&d)').", False),
        Column("description", "string", "What the group does."),
        Column("entry_routes", "string", "Typical entry routes and qualifications; unit groups only."),
        Column("unique_id", "string", "The classification's own identifier; unit groups only.", pattern=r"soc-[a-z0-9]+"),
    ),
    keys=("soc_code",),
    minimum_rows=100,  # 551 in the pinned edition, 131 in the sample
    complete_by=("soc_code",),
)
_TASK_TABLE = Table(
    name="ons__soc2020_tasks",
    description="One row per task of a unit group.",
    columns=(
        _UNIT_CODE,
        _POSITION,
        Column("task", "string", "The task without its leading '~', runs of white space as one space.", False),
        Column("original_task", "string", "The task as the cell has it.", False),
    ),
    keys=("soc_code", "position"),
    minimum_rows=300,  # 2,647 in the pinned edition
    complete_by=("soc_code",),
)
_JOB_TITLE_TABLE = Table(
    name="ons__soc2020_job_titles",
    description="One row per related job title of a unit group.",
    columns=(_UNIT_CODE, _POSITION, Column("job_title", "string", "Job title.", False)),
    keys=("soc_code", "position"),
    minimum_rows=100,
    complete_by=("soc_code",),
)


def find_marker(lookup: Lookup) -> Marker:
    """The pinned edition, without asking anyone: a classification changes when we decide to move to its next edition."""
    return Marker(EDITION, released_at=dt.datetime(2025, 4, 16, tzinfo=dt.timezone.utc))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The pinned workbook."""
    return [Resource(FILE, f"https://www.ons.gov.uk/file?uri={URI}", starts_with=(b"PK\x03\x04",))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Groups, tasks and job titles.

    Raises:
        SchemaDrift: a sheet or column is missing, a row has no or two codes, a parent is missing, the two sheets list
            different unit groups, or a unit group has no task.
        UnexpectedPayload: the file is no workbook.
    """
    import pyarrow as pa

    for payload in payloads:
        workbook = open_workbook(payload.path, payload.name)
        descriptions = read_sheet(workbook, "SOC2020 descriptions", payload.name)
        framework = read_sheet(workbook, "SOC2020 Framework", payload.name)
        rows = _read(descriptions, {code: (title, unique_id) for code, title, unique_id in _read_framework(framework)})
        for table in (_GROUPS, _TASK_TABLE, _JOB_TITLE_TABLE):
            yield (
                table.name,
                pa.Table.from_pylist([{**row, "_source_file": payload.name} for row in rows[table.name]], schema=without_release(table.arrow_schema())),
            )


def _read_framework(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    """(code, title, unique id) of each unit group."""
    top, columns = sheet.header(("Unique ID", *_CODES, _TITLE))
    for row in range(top + 1, len(sheet.rows) + 1):
        code = _code(sheet, row, columns)
        if code and len(code) == 4:
            yield code, text(sheet.value(row, columns[_TITLE])), text(sheet.value(row, columns["Unique ID"]))


def _read(sheet: Sheet, units: dict[str, tuple[str, str]]) -> dict[str, list[dict[str, Any]]]:
    top, columns = sheet.header((*_CODES, _TITLE, _DESCRIPTION, _ROUTES, _TASKS, _JOB_TITLES))
    groups: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
    job_titles: list[dict[str, Any]] = []
    for row in range(top + 1, len(sheet.rows) + 1):
        code = _code(sheet, row, columns)
        if code is None:
            continue
        title, unique_id = units.get(code, (_filled(sheet, row, columns[_TITLE]), None))
        groups.append(
            {
                "soc_code": code,
                "level": LEVELS[len(code) - 1],
                "parent_code": code[:-1] or None,
                "title": title,
                "description": _filled(sheet, row, columns[_DESCRIPTION]),
                "entry_routes": _filled(sheet, row, columns[_ROUTES]),
                "unique_id": unique_id,
                "_source_row": sheet.reference(row, 1, max(columns.values())),
            }
        )
        if len(code) == 4:
            for name, rows in ((_TASKS, tasks), (_JOB_TITLES, job_titles)):
                listed = list(_entries(sheet.value(row, columns[name])))
                if name == _TASKS and not listed:
                    raise sheet.drift(f"tasks of unit group {code} in {sheet.reference(row, columns[name])}", sheet.value(row, columns[name]))
                for number, (clean, original) in enumerate(listed, start=1):
                    entry = {"soc_code": code, "position": number, "_source_row": sheet.reference(row, columns[name])}
                    rows.append(entry | ({"task": clean, "original_task": original} if name == _TASKS else {"job_title": clean}))
    codes = {group["soc_code"] for group in groups}
    wrong = {
        "groups without their parent": sorted(code for code in codes if code[:-1] and code[:-1] not in codes),
        "unit groups on one sheet only": sorted({code for code in codes if len(code) == 4} ^ set(units)),
    }
    if any(wrong.values()):
        raise sheet.drift("a tree of groups whose unit groups are the Framework sheet's", wrong)
    return {_GROUPS.name: groups, _TASK_TABLE.name: tasks, _JOB_TITLE_TABLE.name: job_titles}


def _code(sheet: Sheet, row: int, columns: dict[str, int]) -> str | None:
    """A row's code from the column of its level; None for a row without any content."""
    codes = {}
    for digits, name in enumerate(_CODES, start=1):
        value = sheet.value(row, columns[name])
        # Codes are numbers in the sheets; int() of a float keeps 1111.0 from becoming "1111.0".
        code = str(int(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1 else text(value)
        if code not in ("", "<blank>"):
            codes[digits] = code
    if not codes and not text(sheet.value(row, columns[_TITLE])):
        return None
    found = list(codes.items())
    if len(found) != 1 or not re.fullmatch(r"[1-9]\d*", found[0][1]) or len(found[0][1]) != found[0][0]:
        raise sheet.drift(f"one code of one to four digits, in the column of its level, in row {row}", codes)
    return found[0][1]


def _filled(sheet: Sheet, row: int, column: int) -> str | None:
    value = text(sheet.value(row, column))
    return None if value in ("", "<blank>") else value


def _entries(cell: Any) -> Iterator[tuple[str, str]]:
    """A cell's list as (clean, original): entries stand apart by a blank line and start with '~'."""
    for original in re.split(r"\n\s*\n", cell) if isinstance(cell, str) else ():
        clean = text(original).removeprefix("~").strip()
        if clean not in ("", "<blank>"):
            yield clean, original


DATASET = Dataset(
    slug="soc2020",
    title="SOC 2020 Volume 1: structure and descriptions of unit groups",
    publisher="Office for National Statistics",
    landing_page=f"https://www.ons.gov.uk{URI.rpartition('/')[0]}",
    licence="Open Government Licence v3.0",
    attribution="Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
    description=(
        "Nine major, 26 sub-major, 104 minor and 412 unit groups, 2,647 tasks and the related job titles, in the edition of 16 April 2025. "
        "Codes are stored as numbers, empty cells as '<blank>' on one sheet and as nothing on the other, and lists within one cell."
    ),
    hosts=("www.ons.gov.uk",),
    cadence=dt.timedelta(days=3652),
    publication_delay=dt.timedelta(days=365),
    tables=(_GROUPS, _TASK_TABLE, _JOB_TITLE_TABLE),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="Workbook: read whole. Its address: from the publisher's naming, not asked.",
)
