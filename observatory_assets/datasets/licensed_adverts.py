"""Job adverts from a provider the operator has a licence with: dropped as CSV files, kept as counts, skill terms and masked texts.

Belongs here: the documented layout (docs/licensed_adverts.md), what is refused, and the counting. Does not belong here: any provider's
own export, which the operator turns into the layout, or what a text says (observatory_assets.ksb).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.ksb.text import clean, text_sha256
from observatory_assets.publishers import drop_folder
from observatory_assets.publishers.tabular import csv_header, read_csv_as_text, semicolon_list, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

SLUG = "licensed_adverts"
FILES = re.compile(r"adverts_[A-Za-z0-9._-]+\.csv")
NEEDED = ("advert_id", "date", "job_title", "soc_code", "area_code", "skills")
OPTIONAL = ("text",)
UNKNOWN = "Unknown"
"""Occupation of an advert without a SOC code."""

_SOC = re.compile(r"[1-9][0-9]{3}")
_AREA = re.compile(r"[EWSN][0-9]{8}")
_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"(?:\+44|\b0)(?:[\s().-]*[0-9]){9,10}\b"), "[telephone]"),
)

_MONTH = Column("month", "string", "Month of the advert's date, 2026-05.", nullable=False, pattern=r"\d{4}-\d{2}")
_AREA_CODE = Column("area_code", "string", "District of the advert.", nullable=False)
_SOC_CODE = Column("soc_code", "string", f"SOC 2020 unit group; {UNKNOWN} where the advert has none.", nullable=False, pattern=rf"[1-9]\d{{3}}|{UNKNOWN}")
_ADVERTS = Column("adverts", "integer", "Adverts.", nullable=False, minimum=1)

COUNTS = Table(
    name="adverts__advert_counts",
    description="One row per month, district and occupation with any advert; what has no row had none in the extract.",
    columns=(
        _MONTH,
        _AREA_CODE,
        _SOC_CODE,
        Column("value", "float", "Adverts, each counted once.", nullable=False, minimum=0),
        Column("status", "string", "ok, or partial in a month the extract begins or ends in.", nullable=False, allowed=STATUSES),
        Column("extract_from", "date", "Earliest date of the extract in the districts kept.", nullable=False),
        Column("extract_to", "date", "Latest date of the extract in the districts kept.", nullable=False),
    ),
    keys=("month", "area_code", "soc_code"),
    complete_by=("area_code",),
    volume_tolerance=0.25,
    period_column="month",
)
SKILLS = Table(
    name="adverts__advert_skills",
    description="One row per month, district, occupation and skill term, with the adverts that name it.",
    columns=(_MONTH, _AREA_CODE, _SOC_CODE, Column("skill", "string", "Term as the provider gives it, in lower case.", nullable=False), _ADVERTS),
    keys=("month", "area_code", "soc_code", "skill"),
    minimum_rows=0,
    volume_tolerance=0.25,
)
TEXTS = Table(
    name="adverts__advert_texts",
    description="One row per month, district, occupation and distinct text, if the extract has texts; addresses and telephone numbers are masked.",
    columns=(
        _MONTH,
        _AREA_CODE,
        _SOC_CODE,
        Column("text_sha256", "string", "SHA-256 of the text as kept.", nullable=False, pattern=r"[0-9a-f]{64}"),
        Column("text", "string", "Plain text with e-mail addresses, links and telephone numbers masked.", nullable=False),
        _ADVERTS,
    ),
    keys=("month", "area_code", "soc_code", "text_sha256"),
    minimum_rows=0,
    volume_tolerance=0.25,
)
_TABLES = (COUNTS, SKILLS, TEXTS)


def find_marker(lookup: Lookup) -> Marker:
    """Names and contents of the files in the drop folder."""
    return Marker(drop_folder.marker(_files(lookup)))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """Every file of the drop folder: an extract may come in several. One with a column that is not in the layout is refused here, before it is archived.

    Raises:
        SchemaDrift: columns missing or not in the layout.
    """
    districts = json.dumps(sorted(area.code for area in lookup.areas.districts()))
    files = _files(lookup)
    for path in files:
        check_header(csv_header(partial(path.open, "rb"), path.name), path.name)
    return [Resource(path.name, f"dropped:{SLUG}/{path.name}", file=path, labels={"districts": districts}) for path in files]


def check_header(header: Sequence[str], name: str) -> None:
    """Refuse a file whose columns are not the layout's: a column too many may name a person or a company."""
    lacking = [column for column in NEEDED if header.count(column) != 1]
    if surplus := sorted(set(header) - {*NEEDED, *OPTIONAL}):
        raise SchemaDrift(
            f"{name} has columns that are not taken in",
            rule="layout",
            expected=[*NEEDED, *(f"{column} (optional)" for column in OPTIONAL)],
            found=surplus,
            action="remove them, above all names of companies and people, and place the file again; docs/licensed_adverts.md has the layout",
        )
    if lacking or header.count("text") > 1:
        raise SchemaDrift(
            f"{name} lacks or repeats columns of the layout",
            rule="layout",
            expected=list(NEEDED),
            found=list(header),
            action="give it the columns of docs/licensed_adverts.md and place it again",
        )


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The three tables, a batch each.

    An advert counts once, at its first row, files in the order of their names. Adverts of other districts are left out.

    Raises:
        UnexpectedPayload: no CSV.
        SchemaDrift: another layout, a date, occupation or area that is none, or no advert in the districts kept.
    """
    import pyarrow as pa

    tally = _Tally()
    for payload in sorted(payloads, key=lambda one: one.name):
        open_source = partial(payload.path.open, "rb")
        header = csv_header(open_source, payload.name)
        check_header(header, payload.name)
        columns = [column for column in ("advert_id", "date", "soc_code", "area_code", "skills", "text") if column in header]
        districts = set(json.loads(payload.labels["districts"]))
        for batch in read_csv_as_text(open_source, columns, payload.name):
            for row in batch.to_pylist():
                tally.add(row, payload.name, districts)
    if not tally.adverts:
        raise UnexpectedPayload(
            "no advert of the extract lies in the districts kept",
            rule="not_empty",
            expected="rows with the codes of the seeds' districts in area_code",
            found=f"{tally.rows:,} rows elsewhere",
            action="check the extract's area codes: they are those of local authority districts, E07000130",
        )
    for table, rows in zip(_TABLES, (tally.counts(), tally.skills(), tally.texts()), strict=True):
        yield table.name, pa.Table.from_pylist(list(rows), without_release(table.arrow_schema()))


class _Tally:
    """Counts of adverts as rows come in; of an advert itself only its id is remembered, and only while counting."""

    def __init__(self) -> None:
        self.rows = 0
        self.seen: set[str] = set()
        self.adverts: Counter[tuple[str, str, str]] = Counter()
        self.skill_terms: Counter[tuple[str, str, str, str]] = Counter()
        self.text_counts: Counter[tuple[str, str, str, str]] = Counter()
        self.text_of: dict[str, str] = {}
        self.first: dict[tuple[str, ...], tuple[str, str]] = {}
        self.from_day, self.to_day = dt.date.max, dt.date.min

    def add(self, row: Mapping[str, str], name: str, districts: set[str]) -> None:
        """Count a row unless its advert was counted before or lies elsewhere."""
        self.rows += 1
        cells = {column: cell.strip() for column, cell in row.items()}
        day, soc, area = _day(cells, name), cells["soc_code"] or UNKNOWN, cells["area_code"]
        if not cells["advert_id"] or not _AREA.fullmatch(area) or not (soc == UNKNOWN or _SOC.fullmatch(soc)):
            raise SchemaDrift(
                f"row {row['_source_row']} of {name} is not in the layout",
                rule="layout",
                expected="an advert_id, an area_code like E07000130 and a soc_code of four digits or nothing",
                found={column: cells[column] for column in ("advert_id", "area_code", "soc_code")},
                action="correct the file by docs/licensed_adverts.md and place it again",
            )
        if area not in districts or cells["advert_id"] in self.seen:
            return
        self.seen.add(cells["advert_id"])
        self.from_day, self.to_day = min(self.from_day, day), max(self.to_day, day)
        cell = (f"{day:%Y-%m}", area, soc)
        self._count(self.adverts, cell, name, row)
        for term in {term.lower() for term in semicolon_list(cells["skills"])}:
            self._count(self.skill_terms, (*cell, term), name, row)
        if text := masked(cells.get("text", "")):
            digest = text_sha256(text)
            self.text_of[digest] = text
            self._count(self.text_counts, (*cell, digest), name, row)

    def _count(self, counter: Counter[Any], key: tuple[str, ...], name: str, row: Mapping[str, str]) -> None:
        counter[key] += 1
        self.first.setdefault(key, (name, row["_source_row"]))

    def counts(self) -> Iterator[dict[str, Any]]:
        for (month, area, soc), adverts in sorted(self.adverts.items()):
            begins = dt.date.fromisoformat(f"{month}-01")
            following = (begins + dt.timedelta(days=31)).replace(day=1)
            whole = self.from_day <= begins and self.to_day >= following - dt.timedelta(days=1)
            yield self._row((month, area, soc)) | {
                "value": float(adverts),
                "status": "ok" if whole else "partial",
                "extract_from": self.from_day,
                "extract_to": self.to_day,
            }

    def skills(self) -> Iterator[dict[str, Any]]:
        for key, adverts in sorted(self.skill_terms.items()):
            yield self._row(key) | {"skill": key[3], "adverts": adverts}

    def texts(self) -> Iterator[dict[str, Any]]:
        for key, adverts in sorted(self.text_counts.items()):
            yield self._row(key) | {"text_sha256": key[3], "text": self.text_of[key[3]], "adverts": adverts}

    def _row(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Key and provenance: the first of the rows counted, since a count may stand on thousands."""
        name, row = self.first[key]
        return {"month": key[0], "area_code": key[1], "soc_code": key[2], "_source_file": name, "_source_row": row}


def masked(text: str) -> str:
    """Plain text without e-mail addresses, links and telephone numbers."""
    text = clean(text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def _day(cells: Mapping[str, str], name: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(cells["date"])
        # An ISO week or a compact date is a date too, but not the layout's; years far off are typing errors.
        if cells["date"] != day.isoformat() or not 2000 <= day.year < 2100:
            raise ValueError(cells["date"])
    except ValueError as error:
        raise SchemaDrift(
            f"row {cells['_source_row']} of {name} has no date",
            rule="date",
            expected="2026-05-31",
            found=cells["date"],
            action="write dates as year-month-day and place the file again",
        ) from error
    return day


def _files(lookup: Lookup) -> list[Any]:
    found = drop_folder.files(lookup.inbox, FILES)
    if not found:
        raise drop_folder.missing(lookup.inbox, "adverts_<anything>.csv")
    return found


DATASET = Dataset(
    slug=SLUG,
    title="Licensed extract of online job adverts",
    publisher="The provider the operator has a licence with",
    landing_page="docs/licensed_adverts.md",
    licence="As agreed with the provider",
    attribution="Source: licensed extract of online job adverts.",
    description=(
        "Counts of adverts by month, district and SOC 2020 unit group, the skill terms they name, and their masked texts where the licence allows them, "
        "from CSV files placed in the drop folder in the layout of docs/licensed_adverts.md. All files of the folder together are one extract; an advert "
        "in two of them counts once. Files with any other column, such as a company's name, are refused unread. How much of the labour market the extract "
        "covers is the provider's to say; it is never mixed with the ONS series or Adzuna's counts. The archive keeps the files as placed."
    ),
    hosts=(),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=31),
    tables=_TABLES,
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="The layout is this project's own; providers' exports have to be turned into it.",
    drop_folder=True,
)
