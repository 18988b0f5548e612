"""Claimant count from Nomis: residents claiming unemployment-related benefits, every month.

Belongs here: which measures, areas and months are asked, and how rows become ``nomis__claimant_count``.
Does not belong here: how Nomis answers in general (publishers.nomis) or any sum over areas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis

if TYPE_CHECKING:
    import pyarrow as pa

NOMIS_ID = "NM_162_1"
MONTHS = 25
"""Two years and the month that the newest is compared with."""

_MEASURES = {"1": "count", "2": "rate"}
_NAMES = {"measure": {"1": "Claimant count", "2": "Claimants as a proportion of residents aged 16-64"}}

CLAIMANTS = Table(
    name="nomis__claimant_count",
    description="One row per asked area, boundary version, month and measure: claimants of both sexes and all ages, or their share of residents aged 16-64.",
    columns=nomis_tables.columns(
        date="Month of the count, 2026-02.",
        date_pattern=nomis_tables.MONTH,
        own=(
            Column("measure", "string", "count: people; rate: percent of residents aged 16-64.", nullable=False, allowed=tuple(_MEASURES.values())),
            Column("measure_name", "string", "Nomis' name of the measure.", nullable=False),
        ),
        value="People or percent",
        statuses="ok, x (missing; expected for rates of user-defined areas), c (confidential), nonfinite.",
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "measure"),
    complete_by=("asked_area", "measure"),
    total_column="value",
    period_column="date_code",
)


def build_resources(areas: Areas) -> list[Resource]:
    """One question per kind of area."""
    codes = {"gender": ("0",), "age": ("0",), "measure": tuple(_MEASURES)}
    return [
        resource
        for group, asked in nomis.geographies(areas).items()
        for resource in nomis_tables.resources(
            nomis.Question(NOMIS_ID, asked, codes, (f"latestMINUS{MONTHS - 1}-latest",), MONTHS, _NAMES), f"claimants_{group}"
        )
    ]


def find_marker(lookup: Lookup) -> Marker:
    """When the data set was last updated and revised, from its overview."""
    return nomis_tables.marker(lookup, NOMIS_ID)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per kind of area, counted back from the newest month."""
    return build_resources(lookup.areas)


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, measures, months or names of codes other than those asked.
    """
    return nomis_tables.parse(payloads, CLAIMANTS, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    return {"measure": _MEASURES[row["MEASURE"]], "measure_name": row["MEASURE_NAME"].strip()}


DATASET = Dataset(
    slug="claimant_count",
    title="Claimant count by month",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/sources/cc",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Claimant Count via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Residents who claim Jobseeker's Allowance or Universal Credit and are required to look for work, on one day of the month, and their share of "
        "residents aged 16-64; the newest 25 months. A count of an administrative system, not of the unemployed: not seasonally adjusted, it moves with "
        "the benefit's rules, and the newest month is revised once. The rate of an area made of districts is kept only if it lies between its districts'."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=10),
    tables=(CLAIMANTS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Overview and data rows read in recorded answers (February 2025, April 2026); ranges of dates in the API's help page. Whether Nomis works out a "
        "rate for user-defined areas, adds the districts' rates up or leaves it out was never seen: only one between the districts' rates is used."
    ),
)
