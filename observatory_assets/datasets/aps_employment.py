"""Annual Population Survey employment by occupation and industry, from Nomis: the demand side's stock.

Belongs here: which cells, areas and periods are asked, and how rows become ``nomis__aps_employment``.
Does not belong here: how Nomis answers in general (publishers.nomis) or any sum over areas.
Areas that Nomis does not know are asked as user-defined geographies rather than summed from districts here: a sum of
districts loses every suppressed one (Oct 2017-Sep 2018 unemployment: 3 of 8) and has no confidence interval.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis
from observatory_assets.publishers.tabular import without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

NOMIS_ID = "NM_17_1"
DATES = ("latestMINUS16", "latestMINUS12", "latestMINUS8", "latestMINUS4", "latest")
"""Year-apart periods: the survey is a rolling year published quarterly, so consecutive ones overlap by nine months."""

_CELLS = {
    # breakdown: (name of the cells for all people, how many there are)
    "total": (re.compile(r"T01:\d+ \((Aged 16-64 - In employment) : All people ?\)", re.IGNORECASE), 1),
    "occupation_sub_major": (re.compile(r"T09b:\d+ \(All people - (?!(?:All|Total)\b)(.+?) \(SOC2020\) : All people ?\)", re.IGNORECASE), 26),
    # The nine groups that add up; "G-Q Total services" and the like overlap them.
    "industry": (re.compile(r"T13a:\d+ \(((?:A|B,D,E|C|F|G,I|H,J|K-N|O-Q|R-U) .+?) \(SIC 2007\) : All people ?\)", re.IGNORECASE), 9),
}

EMPLOYMENT = Table(
    name="nomis__aps_employment",
    description="One row per asked area, boundary version, period, cell and measure: an estimate or its 95% confidence half-width, as Nomis gave it.",
    columns=(
        Column("date_code", "string", "Last month of the survey year, 2025-03 for April 2024 to March 2025.", nullable=False, pattern=r"\d{4}-\d{2}"),
        Column("date_name", "string", "The survey year in words.", nullable=False),
        Column("geography_code", "string", "Code Nomis gave; NULL for user-defined areas."),
        Column("geography_name", "string", "Name Nomis gave; for user-defined areas the name sent.", nullable=False),
        Column("geography_type", "string", "Kind of area in Nomis' words, `User Defined Geography` for sums of districts."),
        Column("asked_area", "string", "Area code asked for, also where Nomis gave none.", nullable=False),
        Column("asked_boundary_version", "string", "Boundary version of the asked area.", nullable=False),
        Column("breakdown", "string", "What the cell is a part of.", nullable=False, allowed=tuple(_CELLS)),
        Column("cell", "string", "Nomis cell id.", nullable=False),
        Column("cell_name", "string", "Nomis cell name.", nullable=False),
        Column(
            "category_label",
            "string",
            "Occupation or industry cut out of the cell name; industries keep their SIC 2007 sections in front (`C Manufacturing`).",
            nullable=False,
        ),
        Column(
            "measure", "string", "value: people; confidence: half-width of the 95% interval, people.", nullable=False, allowed=tuple(nomis.MEASURES.values())
        ),
        Column("value", "float", "People, rounded by Nomis to 100; NULL unless the status carries a value.", minimum=0),
        Column(
            "status",
            "string",
            "ok, u (unreliable, 3-9 respondents), c (0-2 respondents), low (under 500), x (missing), nonfinite.",
            nullable=False,
            allowed=STATUSES,
        ),
        Column("obs_status", "string", "Nomis status letter."),
        Column("obs_status_name", "string", "Nomis status in words, from which `status` is read."),
        Column("record_offset", "integer", "Position in the answer.", nullable=False, minimum=0),
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "cell", "measure"),
    complete_by=("asked_area", "category_label"),
    total_column="value",
    period_column="date_code",
)


def find_cells(code_list: object) -> dict[str, tuple[str, str]]:
    """Cell id -> (breakdown, category label), found by name because ids change when a table is re-issued.

    Raises:
        SchemaDrift: a table does not have the cells it should; the error names the table.
    """
    found: dict[str, tuple[str, str]] = {}
    names = nomis.codes(code_list)
    for breakdown, (pattern, expected) in _CELLS.items():
        cells = {code: match[1] for code, name in names.items() if (match := pattern.fullmatch(name))}
        if len(cells) != expected or len(set(cells.values())) != expected:
            raise SchemaDrift(
                f"{NOMIS_ID} does not have the {breakdown} cells expected",
                rule="cells",
                expected=f"{expected} names like {pattern.pattern}",
                found=f"{len(cells)} of {len(names):,}: {sorted(cells.values())}",
                action="read the cell names in Nomis and correct the pattern",
            )
        found |= {code: (breakdown, label) for code, label in cells.items()}
    return found


def build_resources(areas: Areas, cells: Mapping[str, tuple[str, str]]) -> list[Resource]:
    """One question per kind of area, one resource per page of its answer.

    Args:
        areas: every area asked; those made of districts by their comma-free ``make_name``, the others by code.
        cells: as ``find_cells`` gives them.
    """
    made = {area.make_name: (area, nomis.user_defined(area.make_name, area.districts)) for area in areas.made_of_districts()}
    questions = {
        "made": made,
        "districts": {area.code: (area, area.code) for area in areas.districts()},
        "wider": {area.code: (area, area.code) for area in areas.wider()},
    }
    if len(made) != len(areas.made_of_districts()):
        raise ValueError("two areas of the seeds share a make_name, by which their rows are told apart")
    resources = []
    for group, asked in questions.items():
        if not asked:
            continue
        labels = {
            "group": group,
            "areas": json.dumps({key: [area.code, area.boundary_version] for key, (area, _) in asked.items()}),
            "cells": json.dumps(cells),
            "periods": str(len(DATES)),
        }
        urls = nomis.data_urls(NOMIS_ID, [geography for _, geography in asked.values()], cells, DATES)
        resources += [
            Resource(f"aps_{group}_{page}.csv", url, starts_with=(b'"DATE', b'\xef\xbb\xbf"DATE'), labels=labels) for page, url in enumerate(urls, start=1)
        ]
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When the dataset was last updated and revised, from its overview."""
    return Marker(*nomis.release(lookup.http.get_json(nomis.overview_url(NOMIS_ID))))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per group of areas and page, for the cells found by name."""
    return build_resources(lookup.areas, find_cells(lookup.http.get_json(nomis.code_list_url(NOMIS_ID, "cell"))))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, cells, measures or periods other than those asked.
    """
    import pyarrow as pa

    schema = without_release(EMPLOYMENT.arrow_schema())
    groups: dict[str, list[Payload]] = {}
    for payload in payloads:
        groups.setdefault(payload.labels["group"], []).append(payload)
    for pages in groups.values():
        yield EMPLOYMENT.name, pa.Table.from_pylist(list(_rows(pages)), schema)


def _rows(pages: Sequence[Payload]) -> Iterator[dict[str, object]]:
    labels = pages[0].labels
    areas, cells = json.loads(labels["areas"]), json.loads(labels["cells"])
    rows = list(nomis.read_pages([(page.name, page.path) for page in pages]))
    dates = sorted({row["DATE_CODE"] for row in rows})
    if len(dates) != int(labels["periods"]):
        raise SchemaDrift("not the number of periods asked", rule="periods_asked", expected=labels["periods"], found=dates, action="check the dates asked for")
    keys = [row["GEOGRAPHY_CODE"] if row["GEOGRAPHY_CODE"] in areas else row["GEOGRAPHY_NAME"].strip() for row in rows]
    nomis.check_complete(
        {(area, date, cell, measure) for area in areas for date in dates for cell in cells for measure in nomis.MEASURES},
        [(key, row["DATE_CODE"], row["CELL"], row["MEASURES"]) for key, row in zip(keys, rows, strict=True)],
    )
    for key, row in zip(keys, rows, strict=True):
        value, status = nomis.observation(row)
        area, boundary_version = areas[key]
        breakdown, label = cells[row["CELL"]]
        yield {
            "date_code": row["DATE_CODE"],
            "date_name": row["DATE_NAME"],
            "geography_code": row["GEOGRAPHY_CODE"] or None,
            "geography_name": row["GEOGRAPHY_NAME"].strip(),
            "geography_type": row["GEOGRAPHY_TYPE"] or None,
            "asked_area": area,
            "asked_boundary_version": boundary_version,
            "breakdown": breakdown,
            "cell": row["CELL"],
            "cell_name": row["CELL_NAME"],
            "category_label": label,
            "measure": nomis.MEASURES[row["MEASURES"]],
            "value": value,
            "status": status,
            "obs_status": row["OBS_STATUS"] or None,
            "obs_status_name": row["OBS_STATUS_NAME"] or None,
            "record_offset": int(float(row["RECORD_OFFSET"])),
            "_source_file": row["_source_file"],
            "_source_row": row["_source_row"],
        }


DATASET = Dataset(
    slug="aps_employment",
    title="Annual Population Survey: employment by occupation and industry",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/datasets/aps",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Annual Population Survey via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Residents aged 16-64 in employment, and residents in employment by SOC 2020 sub-major group and by industry group, for rolling survey years a "
        "year apart. A household survey: every estimate comes with its 95% confidence half-width, small groups are unreliable, suppressed or under 500. "
        "ONS had the accreditation of the survey suspended in October 2024 and calls district estimates a concern. Occupations do not add up to the "
        "total: they are rounded, suppressed and cover every age from 16."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=91),
    publication_delay=dt.timedelta(days=21),
    tables=(EMPLOYMENT,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "CSV, overview and code-list shapes read in recorded answers of other data sets and in DfE's dashboard code; status letters of suppressed APS "
        "cells and GEOGRAPHY_CODE of user-defined areas never seen, so neither is relied on."
    ),
)
