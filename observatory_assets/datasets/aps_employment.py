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
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis

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
    columns=nomis_tables.columns(
        date="Last month of the survey year, 2025-03 for April 2024 to March 2025.",
        date_pattern=nomis_tables.MONTH,
        own=(
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
                "measure",
                "string",
                "value: people; confidence: half-width of the 95% interval, people.",
                nullable=False,
                allowed=tuple(nomis.MEASURES.values()),
            ),
        ),
        of_area=(Column("geography_type", "string", "Kind of area in Nomis' words, `User Defined Geography` for sums of districts."),),
        value="People, rounded by Nomis to 100",
        statuses="ok, u (unreliable, 3-9 respondents), c (0-2 respondents), low (under 500), x (missing), nonfinite.",
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
    names = nomis.codes(code_list)
    return {
        code: (breakdown, label)
        for breakdown, (pattern, expected) in _CELLS.items()
        for code, label in nomis.cells_named(names, pattern, expected, f"{breakdown} cells").items()
    }


def build_resources(areas: Areas, cells: Mapping[str, tuple[str, str]]) -> list[Resource]:
    """One question per kind of area, one resource per page of its answer.

    Args:
        areas: every area asked; those made of districts by their comma-free ``make_name``, the others by code.
        cells: as ``find_cells`` gives them.
    """
    return [
        resource
        for group, asked in nomis.geographies(areas).items()
        for resource in nomis_tables.resources(
            nomis.Question(NOMIS_ID, asked, {"cell": tuple(cells)}, DATES, len(DATES), {"cell": {}}, tuple(nomis.MEASURES), ("GEOGRAPHY_TYPE",)),
            f"aps_{group}",
            {"group": group, "cells": json.dumps(cells)},
        )
    ]


def find_marker(lookup: Lookup) -> Marker:
    """When the dataset was last updated and revised, from its overview."""
    return nomis_tables.marker(lookup, NOMIS_ID)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per group of areas and page, for the cells found by name."""
    return build_resources(lookup.areas, find_cells(lookup.http.get_json(nomis.code_list_url(NOMIS_ID, "cell"))))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, cells, measures or periods other than those asked.
    """
    return nomis_tables.parse(payloads, EMPLOYMENT, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    breakdown, label = json.loads(labels["cells"])[row["CELL"]]
    return {
        "geography_type": row["GEOGRAPHY_TYPE"] or None,
        "breakdown": breakdown,
        "cell": row["CELL"],
        "cell_name": row["CELL_NAME"],
        "category_label": label,
        "measure": nomis.MEASURES[row["MEASURES"]],
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
