"""UK Standard Skills Classification: SOC 2020 sub-unit groups, their tasks, the skills, and O*NET's tasks beside them.

Belongs here: which dropped files are read, what their columns may be called, and the tables they become.
Does not belong here: which KSB a task or skill is (observatory_assets.ksb). The official download asks for a sign-in, so a
person places the files; the extracts of v0.9 that circulate are read by the same rules.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import drop_folder
from observatory_assets.publishers.tabular import UTF8_BOM, csv_header, number, read_csv_as_text, without_release
from observatory_assets.publishers.workbooks import Sheet, header_key, open_workbook, read_sheet, text
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

OFFICIAL = re.compile(r"SSC - (?P<title>.+?) - v(?P<version>\d+\.\d+(?:\.\d+)?) - (?P<date>\d{8})(?: ?\(\d+\))?\.(?:xlsx|csv)")
"""The publisher's naming, ``SSC - Tasks - v0.9.1 - 20251124.xlsx``, also as a browser names a second copy. Parts of one edition have versions of their own
(0.9.1 beside 0.9.0): the first two numbers name the edition."""

MAJORS = (0, 1)
"""Major versions whose layout is known or guessed at. A later one may mean other things by the same headers, and is refused until somebody has looked."""

EXTRACTS = (
    re.compile(r"sugs_task_description\.xlsx"),  # with relatedness, so before the same pairs without it
    re.compile(r"sugs_to_tasks\.csv"),
    re.compile(r"sug_codes_descriptions\.csv|uk_soc2020_sub_unit_groups\.csv"),
    re.compile(r"uk_ssc_occupational_skills(?:_v(?P<version>\d+(?:\.\d+)*))?\.csv"),
)
"""Extracts of v0.9 in use elsewhere; read only for what no official file gives, the first of a kind before the others."""

_MEANT = re.compile(r"(?:uk[ _-]*)?ssc(?![a-z]).*\.(?:xlsx?|csv|zip)|.*skills[ _-]*classification.*\.(?:xlsx?|csv|zip)", re.IGNORECASE)
"""Names that speak of the classification: such a file in none of the forms above was meant to be read, and would be passed over in silence."""

_OWN_VERSION = re.compile(r"version:?\s*v?(\d+\.\d+)(?:\.\d+)?", re.IGNORECASE)
"""A cell, as a whole, by which a workbook's notes state a version."""

_NOT_READ = re.compile(r"Mappings - (?!.*\b(?:ONET|O\*NET|SOC))|Knowledge|Core Skills", re.IGNORECASE)
"""Official files left in the folder: mappings to classifications the observatory does not hold (HECoS, Ofqual), and those with nothing the tables take."""

FIELDS: dict[str, tuple[str, ...]] = {
    "sug_code": ("SUG Code", "Sub-Unit Group Code", "Sub Unit Group", "SOC Sub-Unit Group Code", "SOC 2020 Sub-Unit Group Code", "SOC 2020 SUG Code"),
    "sug_title": ("SUG Title", "Sub-Unit Group Title", "Sub-Unit Group Name", "SOC 2020 Sub-Unit Group Title", "SUG Name"),
    "sug_description": ("SUG Description", "Sub-Unit Group Description", "SOC 2020 Sub-Unit Group Description"),
    "task_id": ("Task ID", "SSC Task ID", "Task Code", "SSC Task Code"),
    "task": ("Task Statement", "Task", "SSC Task", "Task Name", "SSC Task Statement", "Task Description"),
    "relatedness": ("Task Relatedness %", "Task Relatedness", "Relatedness %", "Relatedness", "Relatedness Score", "Task Relatedness Score"),
    "onet_task_id": ("ONETTaskID", "O*NET Task ID", "ONET Task Code"),
    "similarity": ("SimilarityScore", "Similarity", "Task Similarity Score"),
    "skill_code": ("SSC Skill No", "Skill Code", "SSC Skill Code", "Skill ID", "SSC Skill ID", "Occupational Skill Code", "Occupational Skill ID"),
    "skill": ("Occupational Skill L4", "Occupational Skill", "Skill", "Skill Name", "SSC Skill", "Skill Title", "Occupational Skill Name"),
    "definition": ("Definition", "Skill Definition", "Skill Description", "Occupational Skill Definition", "Occupational Skill Description"),
    "skill_group": ("Skill Group L3", "Skill Group", "Skill Group Name", "Group", "Skill Group Title"),
    "skill_area": ("Skill Area L2", "Skill Area", "Skill Area Name", "Area", "Skill Area Title"),
    "skill_domain": ("Skill Domain L1", "Skill Domain", "Skill Domain Name", "Domain", "Skill Domain Title"),
}
"""Field -> headers it may have. The first is v0.9's; the others are guesses at v1.0, which was not seen. Compared without case, spaces and signs."""

_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The first kind whose fields are all there: a sheet of pairs also has a task, a sheet of tasks may also have a skill.
    ("onet_tasks", ("onet_task_id", "task_id", "similarity")),
    ("sub_unit_group_tasks", ("sug_code", "task_id")),
    ("sub_unit_groups", ("sug_code", "sug_title")),
    ("tasks", ("task_id", "task")),
    ("skills", ("skill", "definition", "skill_group")),
)
_ONE_EDITION = ("tasks", "sub_unit_group_tasks", "onet_tasks")
"""Kinds that name tasks by their codes, which another edition may give to other tasks."""
_FIELD_OF = {header_key(name): field for field, names in FIELDS.items() for name in names}
_HEADER_WITHIN = 20  # rows a title may take above the header

_VERSION = Column("scheme_version", "string", "Version in the file's name; NULL where the name states none.", pattern=r"\d+(\.\d+)*")
_SUG = Column("sug_code", "string", "Sub-unit group as published: SOC 2020 unit group, '/', two digits (one row of v0.9 has '23+A1227311/00').", False)
_SOC = Column("soc_code", "string", "SOC 2020 unit group: the first four characters where they are digits, else NULL.", pattern=r"[1-9]\d{3}")
_TASK_ID = Column("task_id", "string", "Task, `T.01822`.", False)

_SUB_UNIT_GROUPS = Table(
    name="uk_ssc__sub_unit_groups",
    description="One row per sub-unit group of SOC 2020.",
    columns=(
        _SUG,
        _SOC,
        Column("title", "string", "Title; NULL where the files placed give codes only."),
        Column("description", "string", "What the group does."),
        _VERSION,
    ),
    keys=("sug_code",),
    minimum_rows=0,
    complete_by=("soc_code",),
)
_PAIRS = Table(
    name="uk_ssc__sub_unit_group_tasks",
    description="One row per sub-unit group and task.",
    columns=(
        _SUG,
        _SOC,
        _TASK_ID,
        Column("relatedness", "float", "How related the task is to the group, percent (50 to 100 in v0.9).", minimum=0, maximum=100),
        Column("relatedness_status", "string", "ok; x where the file gives no relatedness.", False, allowed=("ok", "x")),
        _VERSION,
    ),
    keys=("sug_code", "task_id"),
    minimum_rows=0,
    complete_by=("soc_code",),
    total_column="relatedness",
)
_TASKS = Table(
    name="uk_ssc__tasks",
    description="One row per task.",
    columns=(
        _TASK_ID,
        Column("task", "string", "What is done, in one sentence; NULL where the files placed give codes only."),
        Column("skill_code", "string", "Skill the task belongs to, where the file says."),
        _VERSION,
    ),
    keys=("task_id",),
    minimum_rows=0,
)
_SKILLS = Table(
    name="uk_ssc__skills",
    description="One row per skill, the fourth level of the classification.",
    columns=(
        Column("skill", "string", "Name of the skill.", False),
        Column("skill_code", "string", "Code of the skill; in the v0.9 extract a running number that is not official."),
        Column("definition", "string", "What the skill is."),
        Column("skill_group", "string", "Third level: its group."),
        Column("skill_area", "string", "Second level: its area; not in the v0.9 extract."),
        Column("skill_domain", "string", "First level: its domain; not in the v0.9 extract."),
        _VERSION,
    ),
    keys=("skill", "skill_group"),
    minimum_rows=0,
    complete_by=("skill_domain",),
)
_ONET_TASKS = Table(
    name="uk_ssc__onet_tasks",
    description="One row per O*NET task and UK-SSC task that the classification holds alike.",
    columns=(
        Column("onet_task_id", "string", "O*NET task as published.", False),
        _TASK_ID,
        Column("similarity", "float", "Similarity of the two, as published.", minimum=0),
        Column("similarity_status", "string", "ok; x where the cell is empty.", False, allowed=("ok", "x")),
        _VERSION,
    ),
    keys=("onet_task_id", "task_id"),
    minimum_rows=0,
    total_column="similarity",
)


@dataclass(frozen=True)
class _Tab:
    """A sheet or CSV recognised as one kind: ``fields`` holds equally long columns of text, ``places`` each row's place in the file."""

    payload: Payload
    kind: str
    fields: dict[str, list[str]]
    places: list[str]

    def rows(self) -> Iterator[dict[str, str]]:
        """Each row as field -> text, with ``place``; rows without any text are left out."""
        names = list(self.fields)
        for place, *cells in zip(self.places, *self.fields.values(), strict=True):
            if any(cells):
                yield {"place": place, **dict(zip(names, cells, strict=True))}


def chosen(inbox: Path) -> list[Path]:
    """The files of the drop folder to read: of each official title the newest version, and the extracts.

    Raises:
        NotSetUp: there is none.
        UnexpectedPayload: a file is named as if it were of the classification, but in no form that says what it is.
        SchemaDrift: a file is of a major version that was never looked at.
    """
    official = drop_folder.files(inbox, OFFICIAL)
    found: dict[str, Path] = {}
    for path in sorted(official, key=lambda path: _age(path.name), reverse=True):
        if not _NOT_READ.match(title := OFFICIAL.fullmatch(path.name)["title"]):
            found.setdefault(title, path)
    extracts = [path for pattern in EXTRACTS for path in drop_folder.files(inbox, pattern)]
    if strays := sorted({path.name for path in drop_folder.files(inbox, _MEANT)} - {path.name for path in [*official, *extracts]}):
        raise UnexpectedPayload(
            f"files in the drop folder have names that do not say what they are: {', '.join(strays)}",
            rule="file_name",
            expected="'SSC - <title> - v<version> - <date>.xlsx' as published, e.g. 'SSC - Tasks - v1.0.0 - 20260430.xlsx', or the name of a known extract",
            found=strays,
            action="give them the publisher's names back, or take them out of the drop folder",
        )
    paths = sorted(found.values()) + extracts
    for path in paths:
        _known_version(path.name)
    if not paths:
        raise drop_folder.missing(inbox, "'SSC - Tasks - v1.0.0 - 20260430.xlsx' or 'sugs_task_description.xlsx'")
    return paths


def find_marker(lookup: Lookup) -> Marker:
    """Names and checksums of the files in the drop folder; released on the latest date in their names, unknown for extracts without one."""
    paths = chosen(lookup.inbox)
    dates = [dt.datetime.strptime(match["date"], "%Y%m%d").replace(tzinfo=dt.timezone.utc) for path in paths if (match := OFFICIAL.fullmatch(path.name))]
    return Marker(drop_folder.marker(paths), released_at=max(dates, default=None))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The files of the drop folder."""
    return [Resource(path.name, f"dropped:uk_ssc/{path.name}", file=path) for path in chosen(lookup.inbox)]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Groups, pairs, tasks, skills and O*NET tasks, each from the best file that has them; a table no file has is empty.

    Raises:
        SchemaDrift: a file has no sheet of a known kind (``found`` lists its headers), is of an unknown version or of another than its name says, lacks
            a code, states relatedness other than in percent, or all files are empty; or the tasks' tables would be of two editions.
        UnexpectedPayload: a file is no workbook or CSV.
    """
    import pyarrow as pa

    best: dict[str, _Tab] = {}
    for payload in sorted(payloads, key=_rank):
        _known_version(payload.name)
        for tab in list(_tabs(payload)):
            held = best.get(tab.kind)
            # Within one rank the fuller sheet wins: a file may repeat its pairs without relatedness.
            if held is None or (_rank(held.payload) == _rank(payload) and len(tab.fields) > len(held.fields)):
                best[tab.kind] = tab
    _of_one_edition(best)
    tables = {
        _SUB_UNIT_GROUPS: list(_groups(best.get("sub_unit_groups"), best.get("sub_unit_group_tasks"))),
        _PAIRS: list(_pairs(best.get("sub_unit_group_tasks"))),
        _TASKS: list(_tasks(best.get("tasks"), best.get("sub_unit_group_tasks"))),
        _SKILLS: list(_skills(best.get("skills"))),
        _ONET_TASKS: list(_onet_tasks(best.get("onet_tasks"))),
    }
    if not any(tables.values()):
        names = ", ".join(payload.name for payload in payloads)
        raise SchemaDrift(f"{names} hold headers only", rule="table_present", expected="rows", found="0 rows", action="place the complete files")
    for table, rows in tables.items():
        yield table.name, pa.Table.from_pylist(rows, schema=without_release(table.arrow_schema()))


def _rank(payload: Payload) -> tuple[Any, ...]:
    """Sorts the best file first: official ones by falling version, then extracts in their order."""
    if OFFICIAL.fullmatch(payload.name):
        version, date = _age(payload.name)
        return (0, [-part for part in version], -date)
    return (1, next((place for place, pattern in enumerate(EXTRACTS) if pattern.fullmatch(payload.name)), len(EXTRACTS)))


def _age(name: str) -> tuple[list[int], int]:
    """Version and date of an official file's name, to be compared."""
    match = OFFICIAL.fullmatch(name)
    return [int(part) for part in match["version"].split(".")], int(match["date"])


def _version(name: str) -> str | None:
    for pattern in (OFFICIAL, EXTRACTS[-1]):
        if match := pattern.fullmatch(name):
            return match["version"]
    return None


def _edition(name: str) -> str:
    """The first two numbers of the version; extracts that state none are of v0.9."""
    return ".".join((_version(name) or "0.9").split(".")[:2])


def _known_version(name: str) -> None:
    if int(_edition(name).split(".")[0]) not in MAJORS:
        raise SchemaDrift(
            f"{name} is of version {_version(name)}, which nobody has looked at",
            rule="version",
            expected=f"a version of the classification that starts with {' or '.join(map(str, MAJORS))}.",
            found=_version(name),
            action="take it out of the drop folder and keep the earlier files; or compare its sheets with FIELDS of the dataset module and add it to MAJORS",
        )


def _of_one_edition(best: dict[str, _Tab]) -> None:
    """Refuse tasks of one edition beside pairs of another: they would join by code and mean other tasks."""
    found = {kind: best[kind].payload.name for kind in _ONE_EDITION if kind in best}
    if len({_edition(name) for name in found.values()}) > 1:
        newest = max(map(_edition, found.values()), key=lambda edition: [int(part) for part in edition.split(".")])
        old = sorted(name for name in found.values() if _edition(name) != newest)
        raise SchemaDrift(
            f"the tasks and their links are of two editions: {', '.join(old)} beside v{newest}",
            rule="one_edition",
            expected=f"{', '.join(found)} from files of one edition",
            found=found,
            action=f"place the v{newest} files of the same titles too, or take the v{newest} ones out until all are there",
        )


def _recognise(headers: Sequence[Any]) -> tuple[str, dict[str, int]] | None:
    """(kind, field -> index) of a header row, or None."""
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        if (field := _FIELD_OF.get(header_key(header))) is not None:
            found.setdefault(field, index)
    kind = next((kind for kind, needed in _KINDS if all(field in found for field in needed)), None)
    return (kind, found) if kind else None


def _tabs(payload: Payload) -> Iterator[_Tab]:
    tabs = _csv_tabs(payload) if payload.name.lower().endswith(".csv") else _workbook_tabs(payload)
    seen: dict[str, Any] = {}
    known = False
    for name, headers, tab in tabs:
        if tab is None:
            seen[name] = [header for header in headers if header != ""]
        else:
            known = True
            yield tab
    if not known:
        raise SchemaDrift(
            f"{payload.name} has no table of a known kind{_nearest(seen.values())}",
            rule="columns",
            expected={kind: [FIELDS[field][0] for field in needed] for kind, needed in _KINDS},
            found=seen,
            action="compare the headers with FIELDS of the dataset module and add the new names; or take the file out of the drop folder",
        )


def _nearest(headers: Iterable[Sequence[Any]]) -> str:
    """Which kind a sheet comes nearest to and what it lacks; "" where no header is known at all."""
    lacking = []
    for names in headers:
        fields = {_FIELD_OF.get(header_key(name)) for name in names}
        for kind, needed in _KINDS:
            if share := sum(field in fields for field in needed) / len(needed):
                lacking.append((-share, f": {kind} would need {', '.join(FIELDS[field][0] for field in needed if field not in fields)} too"))
    return min(lacking, default=(0, ""))[1]


def _csv_tabs(payload: Payload) -> Iterator[tuple[str, list[str], _Tab | None]]:
    open_source = _repaired(payload.path)
    headers = csv_header(open_source, payload.name)
    recognised = _recognise(headers)
    if recognised is None:
        yield payload.name, headers, None
        return
    kind, found = recognised
    names = {field: headers[index] for field, index in found.items()}
    fields: dict[str, list[str]] = {field: [] for field in names}
    places: list[str] = []
    for batch in read_csv_as_text(open_source, list(names.values()), payload.name):
        for field, name in names.items():
            fields[field] += map(text, batch.column(name).to_pylist())
        places += batch.column("_source_row").to_pylist()
    yield payload.name, headers, _Tab(payload, kind, fields, places)


def _workbook_tabs(payload: Payload) -> Iterator[tuple[str, list[str], _Tab | None]]:
    workbook = open_workbook(payload.path, payload.name)
    for name in workbook.sheet_names:
        sheet = read_sheet(workbook, name, payload.name)
        _states_no_other_version(payload, sheet)
        headers = [(row, cells) for row, cells in enumerate(sheet.rows[:_HEADER_WITHIN], start=1) if any(cell != "" for cell in cells)]
        top, recognised = next(((row, kind) for row, cells in headers if (kind := _recognise(cells))), (0, None))
        if recognised is None:
            yield name, [text(cell) for cell in headers[0][1]] if headers else [], None
            continue
        kind, found = recognised
        yield name, [], _sheet_tab(payload, sheet, top, kind, found)


def _states_no_other_version(payload: Payload, sheet: Sheet) -> None:
    cells = (text(cell) for cells in sheet.rows[:_HEADER_WITHIN] for cell in cells if isinstance(cell, str))
    stated = {match[1] for cell in cells if (match := _OWN_VERSION.fullmatch(cell.strip()))}
    if stated and _version(payload.name) and _edition(payload.name) not in stated:
        raise SchemaDrift(
            f"{payload.name} calls itself version {', '.join(sorted(stated))} on its sheet {sheet.name!r}",
            rule="version",
            expected=f"version {_edition(payload.name)}, as in its name",
            found=sorted(stated),
            action="give the file the name it was published under, or download it again",
        )


def _sheet_tab(payload: Payload, sheet: Sheet, top: int, kind: str, found: dict[str, int]) -> _Tab:
    body = sheet.rows[top:]
    fields = {field: [_cell(cells[index]) if index < len(cells) else "" for cells in body] for field, index in found.items()}
    first, last = min(found.values()) + 1, max(found.values()) + 1
    return _Tab(payload, kind, fields, [sheet.reference(row, first, last) for row in range(top + 1, len(sheet.rows) + 1)])


def _cell(value: Any) -> str:
    """A cell as text; a whole number without the ".0" that calamine gives every number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else text(value)


def _repaired(path: Path) -> Callable[[], BinaryIO]:
    """Opens a CSV as UTF-8.

    The published groups extract is neither UTF-8 nor Latin-1: its apostrophes have lost the first of their three bytes
    (``\\x80\\x99``), beside Latin-1 and whole UTF-8 letters. Each run of high bytes is read as UTF-8, else with that byte
    put back, else as Latin-1.
    """
    body = path.read_bytes()
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        body = re.sub(rb"[\x80-\xff]+", _mended, body.removeprefix(UTF8_BOM))
    return lambda: BytesIO(body)


def _mended(run: re.Match[bytes]) -> bytes:
    for candidate in (run[0], b"\xe2" + run[0]):
        try:
            return candidate.decode("utf-8").encode()
        except UnicodeDecodeError:
            continue
    return run[0].decode("latin-1").encode()


def _needed(tab: _Tab, row: dict[str, str], *fields: str) -> None:
    lacking = [field for field in fields if not row[field]]
    if lacking:
        raise SchemaDrift(
            f"a row of {tab.payload.name} lacks {', '.join(lacking)}",
            rule="codes",
            expected=f"{', '.join(fields)} in every row",
            found=f"{row['place']}: {row}",
            action="look at the row; if the file was edited by hand, place the publisher's",
        )


def _soc(sug_code: str) -> str | None:
    return sug_code[:4] if re.match(r"[1-9][0-9]{3}(?:/|$)", sug_code) else None


def _provenance(tab: _Tab, row: dict[str, str]) -> dict[str, Any]:
    return {"scheme_version": _version(tab.payload.name), "_source_file": tab.payload.name, "_source_row": row["place"]}


def _groups(own: _Tab | None, pairs: _Tab | None) -> Iterator[dict[str, Any]]:
    """Each group once: from the file of groups, and from the pairs for those it lacks (pairs repeat title and description)."""
    seen: set[str] = set()
    for tab in (own, pairs):
        for row in tab.rows() if tab else ():
            _needed(tab, row, "sug_code")
            code = row["sug_code"]
            if tab is pairs and code in seen:
                continue
            seen.add(code)
            title, description = row.get("sug_title") or None, row.get("sug_description") or None
            yield {"sug_code": code, "soc_code": _soc(code), "title": title, "description": description, **_provenance(tab, row)}


def _measure(tab: _Tab, row: dict[str, str], field: str) -> dict[str, Any]:
    """A number and its status; an empty cell, or a file without the column, is missing."""
    value, status = number(row.get(field, "").removesuffix("%"), {"": "x"})
    return {field: value, f"{field}_status": status}


def _pairs(tab: _Tab | None) -> Iterator[dict[str, Any]]:
    if tab is None:
        return
    rows = []
    for row in tab.rows():
        _needed(tab, row, "sug_code", "task_id")
        rows.append(
            {
                "sug_code": row["sug_code"],
                "soc_code": _soc(row["sug_code"]),
                "task_id": row["task_id"],
                **_measure(tab, row, "relatedness"),
                **_provenance(tab, row),
            }
        )
    given = [row["relatedness"] for row in rows if row["relatedness"] is not None]
    if given and max(given) <= 1:
        raise SchemaDrift(
            f"relatedness in {tab.payload.name} is not in percent",
            rule="units",
            expected="numbers up to 100",
            found=f"{len(given)} numbers of at most {max(given):g}",
            action="if the publisher now gives shares, multiply them in the parser",
        )
    yield from rows


def _tasks(own: _Tab | None, pairs: _Tab | None) -> Iterator[dict[str, Any]]:
    """Each task once: from the file of tasks, and from the pairs for those it lacks."""
    seen: set[str] = set()
    for tab in (own, pairs):
        for row in tab.rows() if tab else ():
            _needed(tab, row, "task_id")
            if tab is pairs and row["task_id"] in seen:
                continue
            seen.add(row["task_id"])
            yield {"task_id": row["task_id"], "task": row.get("task") or None, "skill_code": row.get("skill_code") or None, **_provenance(tab, row)}


def _skills(tab: _Tab | None) -> Iterator[dict[str, Any]]:
    for row in tab.rows() if tab else ():
        _needed(tab, row, "skill", "skill_group")
        optional = ("skill_code", "definition", "skill_group", "skill_area", "skill_domain")
        yield {"skill": row["skill"], **{field: row.get(field) or None for field in optional}, **_provenance(tab, row)}


def _onet_tasks(tab: _Tab | None) -> Iterator[dict[str, Any]]:
    for row in tab.rows() if tab else ():
        _needed(tab, row, "onet_task_id", "task_id")
        yield {"onet_task_id": row["onet_task_id"], "task_id": row["task_id"], **_measure(tab, row, "similarity"), **_provenance(tab, row)}


DATASET = Dataset(
    slug="uk_ssc",
    title="UK Standard Skills Classification",
    publisher="Skills England",
    landing_page="https://skillsclassification.org",
    licence="Open Government Licence v3.0",
    attribution="Contains public sector information licensed under the Open Government Licence v3.0. Source: Skills England.",
    description=(
        "Skills, tasks and knowledge with their links to SOC 2020 sub-unit groups: v0.9 (November 2025) has 3,343 skills in 606 groups and 21,963 tasks, "
        "v1.0 (April 2026) 3,350 and 22,583. The download asks for a sign-in: place the files `SSC - … - v1.0.0 - 20260430.xlsx` in the drop folder, or the "
        "extracts sugs_task_description.xlsx, sugs_to_tasks.csv, sug_codes_descriptions.csv and uk_ssc_occupational_skills_v0.9.csv. An official file "
        "goes before an extract and a higher version before a lower, table by table, but tasks and their links must be of one edition; a table that no file "
        "has stays empty, and a version from 2 on is refused until it was looked at. Relatedness scores were "
        "made by a language model and have no interval. The date in a file's name can lie days before its publication. "
        "Knowledge concepts and core skills are not read. The classification has no behaviours."
    ),
    hosts=(),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=120),
    tables=(_SUB_UNIT_GROUPS, _PAIRS, _TASKS, _SKILLS, _ONET_TASKS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "v0.9: extracts read whole; the O*NET mapping's sheet and columns from a third party's reading of it. v1.0: no official file was seen, "
        "its headers are recognised by a table of synonyms and an unknown one is refused by name."
    ),
    drop_folder=True,
)
