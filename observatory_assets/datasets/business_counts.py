"""UK Business Counts from Nomis: enterprises and their local units by industry and size, every March.

Belongs here: which industries, size bands, areas and years are asked, and how rows become ``nomis__business_counts``.
Does not belong here: how Nomis answers in general (publishers.nomis) or any sum over areas.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from observatory_assets.areas import Areas
from observatory_assets.datasets import nomis_tables
from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import nomis

if TYPE_CHECKING:
    import pyarrow as pa

DATA_SETS = {"enterprise": "NM_142_1", "local_unit": "NM_141_1"}
YEARS = ("latestMINUS4", "latestMINUS3", "latestMINUS2", "latestMINUS1", "latest")

# How the names of the bands begin; the headcounts in brackets behind them are written in more than one way.
_BANDS = {"0": "Total", "10": "Micro", "20": "Small", "30": "Medium", "40": "Large"}

COUNTS = Table(
    name="nomis__business_counts",
    description=(
        "One row per unit, asked area, boundary version, year, industry and size band: by industry for all sizes together, by size for all industries together."
    ),
    columns=nomis_tables.columns(
        date="Year; the register is counted in its March.",
        date_pattern=nomis_tables.YEAR,
        own=(
            Column("unit", "string", "enterprise: the business; local_unit: its site.", nullable=False, allowed=tuple(DATA_SETS)),
            Column("industry", "string", "Nomis code of the industry.", nullable=False),
            Column("industry_code", "string", "SIC 2007 section letter; Total.", nullable=False, pattern=r"[A-U]|Total"),
            Column("industry_label", "string", "Title of the industry.", nullable=False),
            Column("size_band", "string", "Nomis code of the employment size band; 0 is all sizes.", nullable=False, allowed=tuple(_BANDS)),
            Column("size_band_name", "string", "Nomis' name of the size band.", nullable=False),
        ),
        value="Enterprises or local units, rounded by Nomis to 5",
        statuses="ok, c (confidential), x (missing), nonfinite. 0 stands for 0 to 2.",
    ),
    keys=("unit", "asked_area", "asked_boundary_version", "date_code", "industry", "size_band"),
    complete_by=("asked_area", "industry_code", "size_band", "unit"),
    total_column="value",
    period_column="date_code",
)


def build_resources(areas: Areas, industries: Mapping[str, nomis.Industries]) -> list[Resource]:
    """Two questions per kind of unit and of area: sizes of all industries, and industries of all sizes.

    Args:
        areas: every area asked.
        industries: unit -> the industries of its data set.
    """
    resources = []
    for unit, data_set in DATA_SETS.items():
        total = {industries[unit].total: ("Total", "Total")}
        for group, asked in nomis.geographies(areas).items():
            for block, meaning, bands in (("sizes", total, tuple(_BANDS)), ("industries", industries[unit].sections, ("0",))):
                question = nomis.Question(
                    data_set,
                    asked,
                    {"industry": tuple(meaning), "employment_sizeband": bands, "legal_status": ("0",)},
                    YEARS,
                    len(YEARS),
                    {"employment_sizeband": {band: _BANDS[band] for band in bands}},
                )
                resources += nomis_tables.resources(question, f"{unit}s_{group}_{block}", {"unit": unit, "industries": json.dumps(meaning)})
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When either data set, enterprises or local units, was last updated or revised, from their overviews."""
    return nomis_tables.marker(lookup, *DATA_SETS.values())


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """Requests per kind of unit and area, for the industry codes found by name in each data set."""
    industries = {unit: nomis.industries(nomis_tables.code_names(lookup, data_set, "industry")) for unit, data_set in DATA_SETS.items()}
    return build_resources(lookup.areas, industries)


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, industries, bands, years or names of codes other than those asked.
    """
    return nomis_tables.parse(payloads, COUNTS, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    code, title = json.loads(labels["industries"])[row["INDUSTRY"]]
    return {
        "unit": labels["unit"],
        "industry": row["INDUSTRY"],
        "industry_code": code,
        "industry_label": title,
        "size_band": row["EMPLOYMENT_SIZEBAND"],
        "size_band_name": row["EMPLOYMENT_SIZEBAND_NAME"].strip(),
    }


DATASET = Dataset(
    slug="business_counts",
    title="UK Business Counts: enterprises and local units by industry and size",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/sources/ukbc",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, UK Business Counts via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Businesses on the register in March, as enterprises (where the business is based) and local units (each of its sites), by SIC 2007 section and by "
        "number of employees; the newest year and the four before it. Every figure is rounded to 5, so 0 may be 2, small industries of districts are "
        "uncertain, and parts do not add up to totals. Only businesses registered for VAT or PAYE are counted: most sole traders are not. An enterprise "
        "counts once, where it is based, so local units are the figure for sites."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=30),
    tables=(COUNTS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Enterprises by section read in a recorded answer (April 2026); bands and years in the code of DfE's dashboard. Never seen: the code lists, the exact "
        "names of the size bands, of which only the beginnings are relied on, answers about local units, and whether a user-defined area is rounded before or "
        "after its districts are added: its interval allows for the worse."
    ),
)
