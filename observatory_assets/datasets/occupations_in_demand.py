"""DfE / Skills England occupations in demand: the demand indicators and category of each SOC 2020 unit group, for the United Kingdom.

Belongs here: which files of the publication carry it, and reading them although their exact columns were never seen.
Does not belong here: how the content API answers in general, or an index of local demand (the marts' own, and named so).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import csv_header, number, read_csv_as_text, without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

PUBLICATION = "occupations-in-demand"
CATEGORIES = {
    # ours -> the label in lower case, however it goes on
    "critical": re.compile(r"critical\b.*"),
    "elevated": re.compile(r"elevated\b.*"),
    "not_high": re.compile(r"not in (high )?demand|not (in )?high( demand)?"),
}

DEMAND = Table(
    name="dfe__occupations_in_demand",
    description=(
        "One row per year, SOC 2020 unit group and indicator of demand, the index among them: the value and the occupation's demand category, for the United "
        "Kingdom. Occupations that are not elsewhere classified or lack most indicators are not in the file."
    ),
    columns=(
        Column("time_period", "string", "Calendar year, 2025.", nullable=False, pattern=r"\d{4}(\d{2})?"),
        Column("soc_code", "string", "SOC 2020 unit group.", nullable=False, pattern=r"\d{4}"),
        Column("title", "string", "Occupation as in the file; NULL where it gives the code alone."),
        Column("category", "string", "Demand category; NULL where the file has none.", allowed=tuple(CATEGORIES)),
        Column("indicator", "string", "Indicator: the file's column, or its label in a file of one indicator a row.", nullable=False),
        Column("is_index", "boolean", "True for the overall index or score rather than one of its parts.", nullable=False),
        Column("value", "float", "Value, in the scale of the file; NULL unless the status carries one."),
        Column("status", "string", "ok, z (not applicable), x (unavailable), c (confidential), low or nonfinite.", nullable=False, allowed=STATUSES),
    ),
    keys=("time_period", "soc_code", "indicator"),
    minimum_rows=20,
    volume_tolerance=0.6,  # two of seven indicators were given up between 2024 and 2025
    period_column="time_period",
)

_CODE = re.compile(r"([0-9]{4})(?:\s*[-:–]\s*|\s+|$)(.*)")
_YEAR = re.compile(r"[0-9]{4}(?:[0-9]{2})?")
_OCCUPATION_NAMES = re.compile(r"soc|occupation|unit_?group", re.IGNORECASE)
_TITLE_NAMES = re.compile(r"soc|occupation|unit_?group|title|description", re.IGNORECASE)
_PLACE_NAMES = re.compile(r"(country|region|la|lad|pcon|lsip|old_la|new_la)_(code|name)|time_identifier|geographic_level")
_LONG_NAMES = re.compile(r"(demand_)?(indicator|measure|metric)(_name)?", re.IGNORECASE)
_INDEX_NAMES = re.compile(r"(?=.*(index|score|overall|weighted))(?=.*(demand|index|total|overall|score|oid)).*", re.IGNORECASE)
_ONLY = "demand"


def find_marker(lookup: Lookup) -> Marker:
    """Id and last update of the latest release's version: they change with every release and every amendment."""
    release = ees.latest_release(lookup.http.get_json, PUBLICATION)
    return Marker(release.marker, release.updated, release.next_expected)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """Every data set of the latest release that may be the one, likeliest first; the parser takes the first that is."""
    get = lookup.http.get_json
    release = ees.latest_release(get, PUBLICATION)
    content = get(ees.data_content_url(PUBLICATION, release.slug))
    version = ees.member(content, "releaseVersionId")
    return [
        Resource(f"candidate_{position}.csv", ees.file_url(version, ees.member(one, "fileId")), labels={"title": str(one.get("title", ""))})
        for position, one in enumerate(choose_candidates(content), start=1)
    ]


def choose_candidates(content: Any) -> list[Mapping[str, Any]]:
    """Data sets of a data-content document that may hold demand by occupation, at most four, likeliest first.

    Raises:
        SchemaDrift: there is none; the error lists the titles.
    """
    ranks = (r"scaled.*weighted|weighted.*demand", r"demand.*(index|categor|level|group)", r"occupation.*demand|demand.*occupation", r"occupation|\bSOC\b")
    found: list[Mapping[str, Any]] = []
    for pattern in ranks:
        for one in ees.member(content, "dataSets"):
            if one not in found and re.search(pattern, str(one.get("title", "")), re.IGNORECASE):
                found.append(one)
    if not found:
        raise SchemaDrift(
            "no data set of the release speaks of occupations",
            rule="data_set_found",
            expected="one whose title speaks of occupations or their demand",
            found=[one.get("title") for one in ees.member(content, "dataSets")],
            action="find the file on the publication's page and correct the search",
        )
    return found[:4]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The table, of the first candidate that has occupations by code with their category or with indicators.

    Raises:
        UnexpectedPayload: HTML or nothing.
        SchemaDrift: no candidate does, an unknown marker, or two rows for one occupation and indicator.
    """
    import pyarrow as pa

    seen = {}
    for payload in payloads:
        source = partial(payload.path.open, "rb")
        seen[payload.labels["title"]] = header = csv_header(source, payload.name)
        if "time_period" not in header or len(set(header)) != len(header):
            continue
        rows = [row for batch in read_csv_as_text(source, header, payload.name) for row in batch.to_pylist()]
        layout = _layout(header, rows)
        if layout is not None:
            yield DEMAND.name, pa.Table.from_pylist(list(_records(rows, layout, payload)), without_release(DEMAND.arrow_schema()))
            return
    raise SchemaDrift(
        "no file holds demand by occupation",
        rule="columns",
        expected="time_period, a column of SOC 2020 codes, and a category of demand or columns of numbers",
        found=seen,
        action="look at the files on the publication's page and teach the parser their columns",
    )


class _Layout:
    """Which column of a file means what."""

    def __init__(self, code: str, title: str | None, category: str | None, label: str | None, numbers: list[str]) -> None:
        self.code, self.title, self.category, self.label, self.numbers = code, title, category, label, numbers


def _layout(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> _Layout | None:
    """The file's layout by the names and contents of its columns, or None if it is no table of occupations."""
    cells = {name: {row[name].strip() for row in rows} - {*ees.MARKERS} for name in header}
    code = next((name for name in header if _OCCUPATION_NAMES.search(name) and any(_CODE.fullmatch(cell) for cell in cells[name])), None)
    if code is None:
        return None
    rest = [name for name in header if name not in (code, "time_period") and not _PLACE_NAMES.fullmatch(name)]
    category = next((name for name in rest if cells[name] and all(_category(cell) for cell in cells[name])), None)
    label = next((name for name in rest if _LONG_NAMES.fullmatch(name)), None)
    numbers = [name for name in rest if name not in (category, label) and cells[name] and all(_is_number(cell) for cell in cells[name])]
    # A code once more, at another level of the classification, is no indicator of demand.
    numbers = [name for name in numbers if not _OCCUPATION_NAMES.search(name) or _INDEX_NAMES.fullmatch(name)]
    if category is None and not numbers:
        return None
    title = next((name for name in rest if name not in (category, label, *numbers) and _TITLE_NAMES.search(name)), None)
    return _Layout(code, title, category, label, numbers)


def _records(rows: Sequence[Mapping[str, str]], layout: _Layout, payload: Payload) -> Iterator[dict[str, object]]:
    seen: dict[tuple[str, str, str], str] = {}
    for row in rows:
        code = _CODE.fullmatch(row[layout.code].strip())
        if code is None:
            continue  # a total over occupations
        title = (row[layout.title].strip() if layout.title else "") or code[2].strip()
        base = {
            "time_period": row["time_period"].strip(),
            "soc_code": code[1],
            "title": title or None,
            "category": _category(row[layout.category]) if layout.category else None,
            "_source_file": payload.name,
            "_source_row": row["_source_row"],
        }
        if not _YEAR.fullmatch(str(base["time_period"])):
            raise SchemaDrift("a period is no year", rule="period", expected="2025 or 202425", found=base["time_period"], action="look at the file")
        for indicator, text in _indicators(row, layout):
            key = (str(base["time_period"]), code[1], indicator)
            if key in seen:
                raise SchemaDrift(
                    f"{payload.name} has two rows for one occupation and indicator",
                    rule="one_row_per_key",
                    expected="one row per year, occupation and indicator",
                    found=f"rows {seen[key]} and {row['_source_row']}: {key}",
                    action="the file has a filter more; take it at its total in the parser",
                )
            seen[key] = row["_source_row"]
            value, status = number(text, ees.MARKERS)
            yield {**base, "indicator": indicator, "is_index": bool(_INDEX_NAMES.fullmatch(indicator)), "value": value, "status": status}


def _indicators(row: Mapping[str, str], layout: _Layout) -> list[tuple[str, str]]:
    """(indicator, cell) of a row: one per column of numbers, named by the label where the file has one indicator a row."""
    if not layout.numbers:
        return [(_ONLY, "z")]
    if layout.label is None:
        return [(name, row[name]) for name in layout.numbers]
    label = row[layout.label].strip()
    return [(label if len(layout.numbers) == 1 else f"{label}: {name}", row[name]) for name in layout.numbers]


def _category(text: str) -> str | None:
    text = text.strip().lower().replace("-", " ")
    return next((name for name, pattern in CATEGORIES.items() if pattern.fullmatch(text)), None)


def _is_number(text: str) -> bool:
    try:
        return number(text, {})[1] in ("ok", "nonfinite")
    except SchemaDrift:
        return False


DATASET = Dataset(
    slug="occupations_in_demand",
    title="Occupations in demand",
    publisher="Department for Education (Skills England)",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/occupations-in-demand",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, Occupations in demand, licensed under the Open Government Licence v3.0.",
    description=(
        "Demand for each occupation across the United Kingdom by several labour market indicators, and its category: critical, elevated or not in high "
        "demand. It measures demand, not shortage, and for no place smaller than the country. Releases are not to be compared: in 2025 two of seven indicators "
        "were given up, others redefined, and the scale put against a historical period instead of the year itself."
    ),
    hosts=(ees.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=120),
    tables=(DEMAND,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Titles, file name, coverage and markers read on the publication's pages of 2024 and 2025; the columns of its files were never seen. The occupation, "
        "category and indicators are told by the names and contents of columns, in files of one column or of one row per indicator; what cannot be told is "
        "refused with the columns found."
    ),
)
