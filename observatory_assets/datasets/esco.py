"""ESCO: European skills, knowledge and occupations with their relations and hierarchies, in English.

Belongs here: which files of the classification are read and the tables they become. Does not belong here: SOC 2020, which
ESCO's occupations do not carry (they carry ISCO-08), or any matching of labels. The official archive is sent by e-mail after
a form, so a person places it; the CSV files by themselves are read as well.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import drop_folder
from observatory_assets.publishers.tabular import csv_header, read_csv_as_text, without_release
from observatory_assets.publishers.workbooks import header_key, members, text
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

ARCHIVE = re.compile(r"ESCO dataset - v(?P<version>\d+\.\d+\.\d+) - classification - en - csv\.zip")
PUBLISHED = {"1.2.0": dt.date(2024, 5, 15), "1.2.1": dt.date(2025, 12, 22)}
"""Version -> day of publication, for those known; of another the day it is placed counts."""

_URI = r"http://data\.europa\.eu/esco/\S+"
_VERSION = Column("esco_version", "string", "Version in the archive's name; NULL for CSV files by themselves.", pattern=r"\d+\.\d+\.\d+")
_LABEL = Column("label", "string", "Preferred label.", False)
_ALT_LABELS = Column("alt_labels", "string", "Alternative labels joined by ' | ', whether the file parts them by line breaks or by ' | '.")
_DESCRIPTION = Column("description", "string", "Description, white space as single spaces.")
_SKILL_TYPE = Column("skill_type", "string", "skill (skill/competence) or knowledge; NULL where ESCO gives none.", allowed=("skill", "knowledge"))
_REUSE_LEVEL = Column("reuse_level", "string", "transversal, cross-sector, sector-specific or occupation-specific.")
_RELATION = Column("relation", "string", "essential or optional.", False, allowed=("essential", "optional"))


def _uri(name: str, description: str, nullable: bool = False) -> Column:
    return Column(name, "string", description, nullable, pattern=_URI)


_SKILLS = Table(
    name="esco__skills",
    description="One row per skill or knowledge concept.",
    columns=(
        _uri("uri", "Identifier; NULL for knowledge in the extract esco_skills_en.csv, which has lost it.", nullable=True),
        _LABEL,
        _ALT_LABELS,
        _SKILL_TYPE,
        _REUSE_LEVEL,
        Column("definition", "string", "Definition, which few concepts have."),
        _DESCRIPTION,
        _VERSION,
    ),
    keys=("uri", "label"),
    minimum_rows=0,
)
_OCCUPATIONS = Table(
    name="esco__occupations",
    description="One row per occupation.",
    columns=(
        _uri("uri", "Identifier."),
        Column("code", "string", "ESCO code: the ISCO-08 unit group, then the place below it.", pattern=r"\d{4}(\.\d+)*"),
        Column("isco_group", "string", "ISCO-08 unit group; not a SOC 2020 code.", False, pattern=r"\d{4}"),
        _LABEL,
        _ALT_LABELS,
        _DESCRIPTION,
        _VERSION,
    ),
    keys=("uri",),
    minimum_rows=0,
    complete_by=("isco_group",),
)
_OCCUPATION_SKILLS = Table(
    name="esco__occupation_skills",
    description="One row per occupation and skill it needs.",
    columns=(_uri("occupation_uri", "Occupation."), _uri("skill_uri", "Skill or knowledge."), _RELATION, _SKILL_TYPE, _VERSION),
    keys=("occupation_uri", "skill_uri", "relation"),
    minimum_rows=0,
    complete_by=("relation",),
)
_SKILL_GROUPS = Table(
    name="esco__skill_groups",
    description="One row per group of skills.",
    columns=(_uri("uri", "Identifier."), Column("code", "string", "Code, S1.2.3 or an ISCED-F code."), _LABEL, _ALT_LABELS, _DESCRIPTION, _VERSION),
    keys=("uri",),
    minimum_rows=0,
)
_HIERARCHY = Table(
    name="esco__skill_hierarchy",
    description="One row per group of skills in the four-level hierarchy.",
    columns=(
        _uri("uri", "Group."),
        Column("level", "integer", "0 for a pillar (S, K, T, L) to 3.", False, minimum=0, maximum=3),
        Column("code", "string", "Code."),
        _LABEL,
        _uri("parent_uri", "Group one level up; NULL at level 0.", nullable=True),
        Column("pillar", "string", "Code of its level 0: S skills, K knowledge, T transversal, L languages.", False),
        _VERSION,
    ),
    keys=("uri",),
    minimum_rows=0,
    complete_by=("pillar",),
)
_BROADER = Table(
    name="esco__broader",
    description="One row per concept and the concept it belongs under, of the occupations pillar and the skills pillar.",
    columns=(
        _uri("concept_uri", "The narrower concept; it may have several broader ones."),
        Column("concept_type", "string", "Occupation, ISCOGroup, KnowledgeSkillCompetence or SkillGroup.", False),
        _uri("broader_uri", "The broader concept."),
        Column("broader_type", "string", "Kind of the broader concept.", False),
        _VERSION,
    ),
    keys=("concept_uri", "broader_uri"),
    minimum_rows=0,
)
_SKILL_RELATIONS = Table(
    name="esco__skill_relations",
    description="One row per skill and other skill it needs.",
    columns=(_uri("skill_uri", "The skill."), _uri("related_uri", "The skill it needs."), _RELATION, _VERSION),
    keys=("skill_uri", "related_uri", "relation"),
    minimum_rows=0,
)
_ISCO_GROUPS = Table(
    name="esco__isco_groups",
    description="One row per ISCO-08 group as ESCO words it.",
    columns=(
        _uri("uri", "Identifier."),
        Column("code", "string", "ISCO-08 code of one to four digits.", False, pattern=r"\d{1,4}"),
        _LABEL,
        _DESCRIPTION,
        _VERSION,
    ),
    keys=("uri",),
    minimum_rows=0,
)
_COLLECTIONS = Table(
    name="esco__collection_skills",
    description="One row per collection and skill in it.",
    columns=(
        Column("collection", "string", "green, transversal, digital and others, from the file's name.", False),
        _uri("skill_uri", "Skill."),
        _LABEL,
        _SKILL_TYPE,
        _REUSE_LEVEL,
        _VERSION,
    ),
    keys=("collection", "skill_uri"),
    minimum_rows=0,
    complete_by=("collection",),
)


def _filled(cell: str) -> str | None:
    return text(cell) or None


def _labels(cell: str) -> str | None:
    parts = dict.fromkeys(text(part) for part in re.split(r"\n| \| ", cell))
    return " | ".join(part for part in parts if part) or None


def _one_of(field: str, meaning: Mapping[str, str | None]) -> Callable[[str], str | None]:
    def convert(cell: str) -> str | None:
        if cell.strip() not in meaning:
            raise SchemaDrift(
                f"an unknown {field} in ESCO",
                rule="vocabulary",
                expected=sorted(meaning),
                found=cell,
                action="look the word up in ESCO's documentation and add it to the dataset",
            )
        return meaning[cell.strip()]

    return convert


_CONVERT: Mapping[str, Callable[[str], Any]] = {
    "alt_labels": _labels,
    "skill_type": _one_of("skill type", {"skill/competence": "skill", "skill": "skill", "knowledge": "knowledge", "": None}),
    "relation": _one_of("relation", {"essential": "essential", "optional": "optional"}),
    "isco_group": lambda cell: text(cell).removeprefix("C") or None,
}


@dataclass(frozen=True)
class _Kind:
    """A file of the classification: its name, its table, and field -> header. ``extract`` gives the headers that another name for it has."""

    pattern: re.Pattern[str]
    table: Table
    fields: Mapping[str, str]
    optional: Mapping[str, str]
    extract: Mapping[str, str]


def _kind(pattern: str, table: Table, fields: Mapping[str, str], optional: Mapping[str, str] | None = None, extract: Mapping[str, str] | None = None) -> _Kind:
    return _Kind(re.compile(pattern), table, fields, optional or {}, extract or {})


_LEVELS = [(f"Level {level} URI", f"Level {level} preferred term", f"Level {level} code") for level in range(4)]
_KINDS = (
    _kind(
        r"(?:esco_)?skills_en\.csv",
        _SKILLS,
        {"uri": "conceptUri", "label": "preferredLabel", "alt_labels": "altLabels", "skill_type": "skillType", "description": "description"},
        {"reuse_level": "reuseLevel", "definition": "definition"},
        {"skill_type": "pillar"},
    ),
    _kind(
        r"occupations_en\.csv",
        _OCCUPATIONS,
        {
            "uri": "conceptUri",
            "code": "code",
            "isco_group": "iscoGroup",
            "label": "preferredLabel",
            "alt_labels": "altLabels",
            "description": "description",
        },
    ),
    # Newer builds have occupationLabel and skillLabel as well; columns are taken by name, so either is read.
    _kind(
        r"occupationSkillRelations_en\.csv",
        _OCCUPATION_SKILLS,
        {"occupation_uri": "occupationUri", "skill_uri": "skillUri", "relation": "relationType", "skill_type": "skillType"},
    ),
    _kind(
        r"skillGroups_en\.csv",
        _SKILL_GROUPS,
        {"uri": "conceptUri", "code": "code", "label": "preferredLabel", "alt_labels": "altLabels", "description": "description"},
    ),
    _kind(r"skillsHierarchy_en\.csv", _HIERARCHY, {name: name for level in _LEVELS for name in level}),
    _kind(
        r"broaderRelations(?:Occ|Skill)Pillar_en\.csv",
        _BROADER,
        {"concept_uri": "conceptUri", "concept_type": "conceptType", "broader_uri": "broaderUri", "broader_type": "broaderType"},
    ),
    _kind(
        r"skillSkillRelations_en\.csv",
        _SKILL_RELATIONS,
        {"skill_uri": "originalSkillUri", "related_uri": "relatedSkillUri", "relation": "relationType"},
    ),
    _kind(r"ISCOGroups_en\.csv", _ISCO_GROUPS, {"uri": "conceptUri", "code": "code", "label": "preferredLabel", "description": "description"}),
    _kind(
        r"(?P<collection>\w+?)Skills?Collection_en\.csv",
        _COLLECTIONS,
        {"skill_uri": "conceptUri", "label": "preferredLabel"},
        {"skill_type": "skillType", "reuse_level": "reuseLevel"},
    ),
)
_FILES = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", kind.pattern.pattern) for kind in _KINDS))


def chosen(inbox: Path) -> list[Path]:
    """The newest archive of the drop folder, or, without one, its CSV files.

    Raises:
        NotSetUp: there is neither.
    """
    if drop_folder.files(inbox, ARCHIVE):
        return [drop_folder.newest(inbox, ARCHIVE)]
    paths = drop_folder.files(inbox, _FILES)
    if any(path.name == "skills_en.csv" for path in paths):
        paths = [path for path in paths if path.name != "esco_skills_en.csv"]  # the same skills, with less said
    if not paths:
        raise drop_folder.missing(inbox, "'ESCO dataset - v1.2.0 - classification - en - csv.zip' or the CSV files in it (skills_en.csv …)")
    return paths


def find_marker(lookup: Lookup) -> Marker:
    """Name and checksum of the archive in the drop folder (or of the CSV files); published on the day known of that version, else unknown."""
    paths = chosen(lookup.inbox)
    match = ARCHIVE.fullmatch(paths[0].name)
    day = PUBLISHED.get(match["version"]) if match else None
    return Marker(drop_folder.marker(paths), released_at=dt.datetime.combine(day, dt.time(), dt.timezone.utc) if day else None)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The newest archive of the drop folder, or its CSV files."""
    return [Resource(path.name, f"dropped:esco/{path.name}", file=path) for path in chosen(lookup.inbox)]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Each known file's table; a table no file has is empty.

    Raises:
        SchemaDrift: no known file, a column missing, a word outside its vocabulary, or files without any row.
        UnexpectedPayload: an archive or CSV that cannot be read.
    """
    rows = 0
    for name, source, version, open_source in _files(payloads):
        kind = next(kind for kind in _KINDS if kind.pattern.fullmatch(name))
        table = _read(kind, name, source, version, open_source)
        rows += table.num_rows
        yield kind.table.name, table
    if not rows:
        raise SchemaDrift(
            f"{', '.join(payload.name for payload in payloads)} hold no file of the classification with rows in it",
            rule="files",
            expected=f"files named like {_FILES.pattern}",
            found="none with rows",
            action="place the archive as it was sent, or its CSV files",
        )
    for table in DATASET.tables:
        yield table.name, without_release(table.arrow_schema()).empty_table()


def _files(payloads: Sequence[Payload]) -> Iterator[tuple[str, str, str | None, Callable[[], BinaryIO]]]:
    """(file name, how provenance calls it, version, opener) of every known CSV."""
    for payload in payloads:
        match = ARCHIVE.fullmatch(payload.name)
        if payload.name.endswith(".zip"):
            for member, body in members(payload.path, payload.name, _FILES):
                name = member.rpartition("/")[2]
                yield name, f"{payload.name}/{member}", match["version"] if match else None, lambda body=body: BytesIO(body)
        else:
            yield payload.name, payload.name, None, lambda path=payload.path: path.open("rb")


def _read(kind: _Kind, name: str, source: str, version: str | None, open_source: Callable[[], BinaryIO]) -> pa.Table:
    import pyarrow as pa

    if kind.table is _HIERARCHY:
        open_source = _padded(open_source, source)
    headers = {header_key(header): header for header in reversed(csv_header(open_source, source))}
    wanted = {field: headers.get(header_key(header), header) for field, header in kind.fields.items()}
    wanted |= {field: headers[header_key(header)] for field, header in kind.extract.items() if header_key(header) in headers}
    wanted |= {field: headers[header_key(header)] for field, header in kind.optional.items() if header_key(header) in headers}
    cells: dict[str, list[str]] = {field: [] for field in wanted}
    places: list[str] = []
    for batch in read_csv_as_text(open_source, list(dict.fromkeys(wanted.values())), source):
        for field, header in wanted.items():
            cells[field] += batch.column(header).to_pylist()
        places += batch.column("_source_row").to_pylist()
    columns = _hierarchy(cells) if kind.table is _HIERARCHY else {field: list(map(_CONVERT.get(field, _filled), column)) for field, column in cells.items()}
    if kind.table is _COLLECTIONS:
        columns["collection"] = [kind.pattern.fullmatch(name)["collection"]] * len(places)
    columns |= {"esco_version": [version] * len(places), "_source_file": [source] * len(places), "_source_row": places}
    schema = without_release(kind.table.arrow_schema())
    return pa.table({field: columns.get(field, [None] * len(places)) for field in schema.names}, schema=schema)


def _padded(open_source: Callable[[], BinaryIO], source: str) -> Callable[[], BinaryIO]:
    """The hierarchy with every row as wide as its header: it leaves out the empty cells at the end of 188 of its 640 rows."""
    csv_header(open_source, source)  # refuses nothing and HTML
    try:
        with open_source() as stream, TextIOWrapper(stream, "utf-8-sig", newline="") as lines:
            header, *rows = csv.reader(lines)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UnexpectedPayload(f"{source} is not a CSV", rule="readable_csv", expected="UTF-8 with commas", found=str(error)) from error
    whole = StringIO()
    csv.writer(whole).writerows([header, *(row + [""] * (len(header) - len(row)) for row in rows)])
    return lambda: BytesIO(whole.getvalue().encode())


def _hierarchy(cells: Mapping[str, list[str]]) -> dict[str, list[Any]]:
    """A row of the hierarchy names a group's whole path; the deepest level filled is the group itself."""
    rows: dict[str, list[Any]] = {name: [] for name in ("uri", "level", "code", "label", "parent_uri", "pillar")}
    paths = [list(zip(*(cells[name] for name in level), strict=True)) for level in _LEVELS]
    for path in zip(*paths, strict=True):
        level = max((number for number, (uri, _, _) in enumerate(path) if uri.strip()), default=0)
        uri, label, code = path[level]
        parent = path[level - 1][0] if level else ""
        values = (_filled(uri), level, _filled(code), _filled(label), _filled(parent), _filled(path[0][2]))
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    return rows


DATASET = Dataset(
    slug="esco",
    title="ESCO: European Skills, Competences, Qualifications and Occupations",
    publisher="European Commission",
    landing_page="https://esco.ec.europa.eu/en/use-esco/download",
    licence="European Commission reuse policy (Decision 2011/833/EU): free with attribution",
    attribution="This service uses the ESCO classification of the European Commission.",
    description=(
        "About 10,700 skills and 3,200 knowledge concepts, 3,039 occupations and 129,004 essential or optional relations between them (v1.2.0). The archive is "
        "sent by e-mail after a form: place `ESCO dataset - v1.2.0 - classification - en - csv.zip` in the drop folder, or its CSV files; an archive goes "
        "before single files. Cells hold line breaks, and alternative labels are parted by line breaks in some files and by ' | ' in others. "
        "ESCO's occupations carry ISCO-08, not SOC 2020. In the extract esco_skills_en.csv knowledge has no identifier and alternative labels stand as given."
    ),
    hosts=(),
    cadence=dt.timedelta(days=730),
    publication_delay=dt.timedelta(days=365),
    tables=(_SKILLS, _OCCUPATIONS, _OCCUPATION_SKILLS, _SKILL_GROUPS, _HIERARCHY, _BROADER, _SKILL_RELATIONS, _ISCO_GROUPS, _COLLECTIONS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Nine CSV files of v1.2.0 read whole; skills_en.csv and occupationSkillRelations_en.csv from their headers as others print them, "
        "the latter in both its forms. v1.2.1: announced, not seen."
    ),
    drop_folder=True,
)
