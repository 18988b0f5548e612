"""Annual Survey of Hours and Earnings from Nomis: median gross annual pay by workplace and by residence.

Belongs here: which pay, sexes, areas and years are asked, and how rows become ``nomis__ashe``.
Does not belong here: how Nomis answers in general (publishers.nomis).
Only places Nomis knows are asked: the median of several districts is no function of their medians.
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
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

DATA_SETS = {"workplace": "NM_99_1", "residence": "NM_30_1"}
YEARS = ("latestMINUS4", "latestMINUS3", "latestMINUS2", "latestMINUS1", "latest")

_SEXES = {"total": "Total", "male": "Male", "female": "Female"}
_NAMES = {"pay": {"7": "Annual pay - gross"}, "item": {"2": "Median"}}
_MEASURES = {nomis.VALUE: "value", nomis.CONFIDENCE: "variation"}

PAY = Table(
    name="nomis__ashe",
    description="One row per basis, asked district, region or country, year, sex and measure: median gross annual pay or its coefficient of variation.",
    columns=nomis_tables.columns(
        date="Year of the survey, which asks in April about the tax year that ended then.",
        date_pattern=nomis_tables.YEAR,
        own=(
            Column("basis", "string", "workplace: employees who work there; residence: employees who live there.", nullable=False, allowed=tuple(DATA_SETS)),
            Column("sex", "string", "Total, Male or Female.", nullable=False, allowed=tuple(_SEXES.values())),
            Column("measure", "string", "value: pounds; variation: percent of the value.", nullable=False, allowed=tuple(_MEASURES.values())),
        ),
        value="Pounds a year, or the standard error as a percentage of them",
        statuses="ok, c (withheld, as unreliable or disclosive), x (missing), nonfinite.",
    ),
    keys=("basis", "asked_area", "asked_boundary_version", "date_code", "sex", "measure"),
    complete_by=("asked_area", "basis", "sex"),
    total_column="value",
    period_column="date_code",
)


def find_sexes(names: Mapping[str, str]) -> dict[str, str]:
    """Nomis code -> sex, found by name; the list also has full-time and part-time workers. Only Total must be there.

    Raises:
        SchemaDrift: no Total, or a sex twice.
    """
    found = {code: _SEXES[name.casefold()] for code, name in names.items() if name.casefold() in _SEXES}
    if "Total" not in found.values() or len(set(found.values())) != len(found):
        raise SchemaDrift(
            "no single sex named Total", rule="codes_by_name", expected=list(_SEXES.values()), found=dict(names), action="read the names in Nomis"
        )
    return found


def build_resources(areas: Areas, sexes: Mapping[str, Mapping[str, str]]) -> list[Resource]:
    """One question per basis and kind of area.

    Args:
        areas: the seeds; those made of districts are left out.
        sexes: basis -> sexes of its data set, as ``find_sexes`` gives them.
    """
    resources = []
    for basis, data_set in DATA_SETS.items():
        codes = {"sex": tuple(sexes[basis]), **{dimension: tuple(names) for dimension, names in _NAMES.items()}}
        for group, asked in nomis.geographies(areas).items():
            if group == "made":
                continue
            question = nomis.Question(data_set, asked, codes, YEARS, len(YEARS), {"sex": sexes[basis], **_NAMES}, tuple(_MEASURES))
            resources += nomis_tables.resources(question, f"ashe_{basis}_{group}", {"basis": basis, "sexes": json.dumps(sexes[basis])})
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When either data set, by workplace or by residence, was last updated or revised, from their overviews."""
    return nomis_tables.marker(lookup, *DATA_SETS.values())


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per basis and kind of area, for the sexes found by name."""
    sexes = {basis: find_sexes(nomis_tables.code_names(lookup, data_set, "sex")) for basis, data_set in DATA_SETS.items()}
    return build_resources(lookup.areas, sexes)


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, sexes, measures, years or names of codes other than those asked.
    """
    return nomis_tables.parse(payloads, PAY, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    return {"basis": labels["basis"], "sex": json.loads(labels["sexes"])[row["SEX"]], "measure": _MEASURES[row["MEASURES"]]}


DATASET = Dataset(
    slug="ashe",
    title="Annual Survey of Hours and Earnings: median annual pay",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/sources/ashe",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Annual Survey of Hours and Earnings via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Median gross annual pay of employees, by where they work and by where they live, for districts, region and England; the newest year and the four "
        "before it. Annual pay counts only people more than a year in the same job. The newest year is provisional. There is no figure for areas made of "
        "districts, because medians cannot be added. The measure Nomis calls confidence is read as the coefficient of variation in percent, from which the "
        "95% interval is the value plus or minus 1.96 of its hundredths."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=30),
    tables=(PAY,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "One median by residence read in a recorded answer (April 2026); the workplace data set is taken to have the same dimensions. No confidence cell was "
        "seen: that it is a coefficient of variation is general knowledge of this survey, and a figure over 50 is therefore not made an interval. Codes of "
        "Male and Female are looked up by name and left out if not found."
    ),
)
