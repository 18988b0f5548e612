"""Annual Population Survey economic activity from Nomis: who works, looks for work or does neither, as counts and rates.

Belongs here: which cells, variables, areas and periods are asked, and how rows become ``nomis__aps_activity`` and
``nomis__aps_rates``. Does not belong here: how Nomis answers in general (publishers.nomis), employment by occupation and
industry (aps_employment), or any sum over areas.
The counts are asked although the rates come with numerators: a rate that Nomis does not give for a user-defined area is
worked out from them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.aps_employment import DATES
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

COUNTS_ID, RATES_ID = "NM_17_1", "NM_17_5"

_CELLS = {
    # group: end of `T01:28 (Aged 16-64 - In employment : All People )`
    "population": "All",
    "economically_active": "Economically active",
    "employment": "In employment",
    "self_employment": "Self Employed",
    "unemployment": "Unemployed",
    "inactivity": "Inactive",
}
_VARIABLES = {
    "economic_activity_rate": "Economic activity rate - aged 16-64",
    "employment_rate": "Employment rate - aged 16-64",
    "unemployment_rate": "Unemployment rate - aged 16-64",
    "inactivity_rate": "% who are economically inactive - aged 16-64",
    "self_employment_rate": "% aged 16-64 who are self employed",
}
_RATE_MEASURES = {"20599": "rate", "21001": "numerator", "21002": "denominator", "21003": "confidence"}

_STATUSES = "ok, u (unreliable, 3-9 respondents), c (0-2 respondents), low (under 500), x (missing), nonfinite."
_DATE = "Last month of the survey year, 2025-03 for April 2024 to March 2025."

ACTIVITY = Table(
    name="nomis__aps_activity",
    description="One row per asked area, boundary version, period, group and measure: residents aged 16-64, or the estimate's 95% confidence half-width.",
    columns=nomis_tables.columns(
        date=_DATE,
        date_pattern=nomis_tables.MONTH,
        own=(
            Column("activity", "string", "Group of residents; population is all of them.", nullable=False, allowed=tuple(_CELLS)),
            Column("cell", "string", "Nomis cell id.", nullable=False),
            Column("measure", "string", "value or confidence, both in people.", nullable=False, allowed=tuple(nomis.MEASURES.values())),
        ),
        value="People aged 16-64, rounded by Nomis to 100",
        statuses=_STATUSES,
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "activity", "measure"),
    complete_by=("asked_area", "activity"),
    total_column="value",
    period_column="date_code",
)

RATES = Table(
    name="nomis__aps_rates",
    description="One row per asked area, boundary version, period, rate and measure: the rate, its numerator, denominator or 95% confidence half-width.",
    columns=nomis_tables.columns(
        date=_DATE,
        date_pattern=nomis_tables.MONTH,
        own=(
            Column("rate", "string", "Which rate.", nullable=False, allowed=tuple(_VARIABLES)),
            Column("variable", "string", "Nomis code of the variable.", nullable=False),
            Column(
                "measure",
                "string",
                "rate: percent; numerator, denominator: people; confidence: percentage points.",
                nullable=False,
                allowed=tuple(_RATE_MEASURES.values()),
            ),
        ),
        value="Percent, people or percentage points, by measure",
        statuses=_STATUSES,
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "rate", "measure"),
    complete_by=("asked_area", "rate"),
    total_column="value",
    period_column="date_code",
)


def find_cells(names: Mapping[str, str]) -> dict[str, str]:
    """Cell id -> activity, found by name because ids change when a table is re-issued.

    Raises:
        SchemaDrift: table T01 does not have exactly the cells it should.
    """
    titles = "|".join(map(re.escape, _CELLS.values()))
    pattern = re.compile(rf"T01:\d+ \(Aged 16-64 - ({titles}) : All People ?\)", re.IGNORECASE)
    activities = {title.casefold(): activity for activity, title in _CELLS.items()}
    return {code: activities[title.casefold()] for code, title in nomis.cells_named(names, pattern, len(_CELLS), "economic activity cells").items()}


def find_variables(names: Mapping[str, str]) -> dict[str, str]:
    """Variable code -> rate, found by name.

    Raises:
        SchemaDrift: a rate is missing or there twice.
    """
    rates = {title.casefold(): rate for rate, title in _VARIABLES.items()}
    # Names come with doubled and trailing blanks ("Unemployment rate - aged 16-64 ").
    found = {code: rates[plain] for code, name in names.items() if (plain := " ".join(name.split()).casefold()) in rates}
    if sorted(found.values()) != sorted(_VARIABLES):
        raise SchemaDrift(
            "the code list does not have the rates expected",
            rule="codes_by_name",
            expected=list(_VARIABLES.values()),
            found=f"{sorted(found.values())} among {len(names):,} names",
            action="read the names in Nomis and correct them here",
        )
    return found


def build_resources(areas: Areas, cells: Mapping[str, str], variables: Mapping[str, str]) -> list[Resource]:
    """Two questions per kind of area: counts and rates."""
    resources = []
    for group, asked in nomis.geographies(areas).items():
        counts = nomis.Question(COUNTS_ID, asked, {"cell": tuple(cells)}, DATES, len(DATES), measures=tuple(nomis.MEASURES))
        rates = nomis.Question(RATES_ID, asked, {"variable": tuple(variables)}, DATES, len(DATES), measures=tuple(_RATE_MEASURES))
        resources += nomis_tables.resources(counts, f"activity_{group}", {"table": "counts", "cells": json.dumps(cells)})
        resources += nomis_tables.resources(rates, f"rates_{group}", {"table": "rates", "variables": json.dumps(variables)})
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When either data set, counts or rates, was last updated or revised, from their overviews."""
    return nomis_tables.marker(lookup, COUNTS_ID, RATES_ID)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """Two requests per kind of area, for the cells and variables found by name."""
    cells = find_cells(nomis_tables.code_names(lookup, COUNTS_ID, "cell"))
    return build_resources(lookup.areas, cells, find_variables(nomis_tables.code_names(lookup, RATES_ID, "variable")))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, cells, variables, measures or periods other than those asked.
    """
    return nomis_tables.parse(payloads, {"counts": ACTIVITY, "rates": RATES}, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    if labels["table"] == "counts":
        return {"activity": json.loads(labels["cells"])[row["CELL"]], "cell": row["CELL"], "measure": nomis.MEASURES[row["MEASURES"]]}
    return {"rate": json.loads(labels["variables"])[row["VARIABLE"]], "variable": row["VARIABLE"], "measure": _RATE_MEASURES[row["MEASURES"]]}


DATASET = Dataset(
    slug="aps_economic_activity",
    title="Annual Population Survey: economic activity",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/datasets/aps",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Annual Population Survey via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Residents aged 16-64 who are economically active, in employment, self-employed, unemployed or inactive, and the same as rates, for rolling survey "
        "years a year apart, with 95% confidence half-widths. Everything here is about ages 16 to 64, the unemployment rate too. A household survey: "
        "unemployment of most districts is unreliable or suppressed. ONS had the accreditation of the survey suspended in October 2024 and calls district "
        "estimates a concern. The rate of a user-defined area is Nomis' own if it agrees with numerator over denominator, else worked out from those."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=91),
    publication_delay=dt.timedelta(days=21),
    tables=(ACTIVITY, RATES),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Names of variables and rates read in a recorded answer (April 2026), names of cells and values in exported tables of the Leicester areas; measures "
        "21001 to 21003 in the notes of other clients. Never seen: rates of user-defined areas, and status letters of suppressed cells."
    ),
)
