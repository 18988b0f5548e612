"""Business Register and Employment Survey from Nomis: jobs by workplace and industry, every September.

Belongs here: which industries, statuses, areas and years are asked, and how rows become ``nomis__bres``.
Does not belong here: how Nomis answers in general (publishers.nomis) or any sum over areas.
Nomis answers unknown industry codes with the Total, repeated (18 rows of 37748736 for 18 wrong codes, April 2026), so codes
are found by name at each release and the answer must have exactly the codes asked.
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

NOMIS_ID = "NM_189_1"
YEARS = ("latestMINUS4", "latestMINUS3", "latestMINUS2", "latestMINUS1", "latest")

_STATUSES = {"employees": "employees", "employment": "employment"}

JOBS = Table(
    name="nomis__bres",
    description="One row per asked area, boundary version, year, industry and employment status: jobs at workplaces in the area.",
    columns=nomis_tables.columns(
        date="Year; the survey is about a day of its September.",
        date_pattern=nomis_tables.YEAR,
        own=(
            Column("breakdown", "string", "What the industry is.", nullable=False, allowed=("total", "industry_section", "industry")),
            Column("industry", "string", "Nomis code of the industry.", nullable=False),
            Column("industry_code", "string", "SIC 2007 section letter or division; Total.", nullable=False, pattern=r"[A-U]|\d{2}|Total"),
            Column("industry_label", "string", "Title of the industry.", nullable=False),
            Column(
                "employment_status",
                "string",
                "employees; employment: employees and working proprietors, for all industries together only.",
                nullable=False,
                allowed=tuple(_STATUSES.values()),
            ),
        ),
        value="Jobs, rounded by Nomis",
        statuses="ok, c (confidential), x (missing), nonfinite. Farm agriculture (SIC 01000) is left out of section A with status ok.",
    ),
    keys=("asked_area", "asked_boundary_version", "date_code", "industry", "employment_status"),
    complete_by=("asked_area", "industry_code", "employment_status"),
    total_column="value",
    period_column="date_code",
)


def find_industries(names: Mapping[str, str]) -> nomis.Industries:
    """Total, sections and divisions, found by name.

    Raises:
        SchemaDrift: not the total and sections known, or no divisions.
    """
    industries = nomis.industries(names)
    if not industries.divisions:
        raise SchemaDrift(
            "the industry code list has no divisions",
            rule="codes_by_name",
            expected="names like `10 : Manufacture of food products`",
            found=f"{len(names):,} names, {sorted(names.values())[:5]}",
            action="read the names in Nomis; divisions may have a list of their own",
        )
    return industries


def find_statuses(names: Mapping[str, str]) -> dict[str, str]:
    """Status -> Nomis code, found by name; only the code of Employees was ever seen, so Employment may be missing.

    Raises:
        SchemaDrift: no Employees.
    """
    found = {_STATUSES[name.casefold()]: code for code, name in names.items() if name.casefold() in _STATUSES}
    if "employees" not in found:
        raise SchemaDrift(
            "no employment status named Employees",
            rule="codes_by_name",
            expected="Employees",
            found=dict(names),
            action="read the names in Nomis and correct the pattern",
        )
    return found


def build_resources(areas: Areas, industries: nomis.Industries, statuses: Mapping[str, str]) -> list[Resource]:
    """Questions per kind of area: sections for all, divisions where they are not mostly rounded away (not districts), working proprietors in total."""
    total = {industries.total: ("total", "Total", "Total")}
    sections = {code: ("industry_section", letter, title) for code, (letter, title) in industries.sections.items()}
    divisions = {code: ("industry", division, title) for code, (division, title) in industries.divisions.items()}
    blocks = [("sections", total | sections, "employees"), ("divisions", divisions, "employees")]
    if "employment" in statuses:
        blocks.append(("employment", total, "employment"))
    resources = []
    for group, asked in nomis.geographies(areas).items():
        for block, meaning, status in blocks:
            if (group, block) == ("districts", "divisions"):
                continue
            question = nomis.Question(
                NOMIS_ID,
                asked,
                {"industry": tuple(meaning), "employment_status": (statuses[status],), "measure": ("1",)},
                YEARS,
                len(YEARS),
                {"employment_status": {statuses[status]: status}, "measure": {"1": "Count"}},
            )
            resources += nomis_tables.resources(question, f"bres_{group}_{block}", {"industries": json.dumps(meaning)})
    return resources


def find_marker(lookup: Lookup) -> Marker:
    """When the data set was last updated and revised, from its overview."""
    return nomis_tables.marker(lookup, NOMIS_ID)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per kind of area and level of industry, for the codes found by name."""
    industries = find_industries(nomis_tables.code_names(lookup, NOMIS_ID, "industry"))
    return build_resources(lookup.areas, industries, find_statuses(nomis_tables.code_names(lookup, NOMIS_ID, "employment_status")))


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per question.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns missing, or areas, industries, statuses, years or names of codes other than those asked.
    """
    return nomis_tables.parse(payloads, JOBS, _own)


def _own(row: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, object]:
    breakdown, code, title = json.loads(labels["industries"])[row["INDUSTRY"]]
    return {
        "breakdown": breakdown,
        "industry": row["INDUSTRY"],
        "industry_code": code,
        "industry_label": title,
        "employment_status": _STATUSES[" ".join(row["EMPLOYMENT_STATUS_NAME"].split()).casefold()],
    }


DATASET = Dataset(
    slug="bres",
    title="Business Register and Employment Survey: jobs by industry",
    publisher="Office for National Statistics (Nomis)",
    landing_page="https://www.nomisweb.co.uk/sources/bres",
    licence="OGL-UK-3.0",
    attribution="Source: Office for National Statistics, Business Register and Employment Survey via Nomis, licensed under the Open Government Licence v3.0.",
    description=(
        "Employee jobs by workplace in September, by SIC 2007 section and, for areas larger than districts, division; also employment with working "
        "proprietors for all industries together. The newest year and the four before it. A business survey tied to the register of firms: "
        "figures are rounded, so parts do not add up to totals, no interval is published, and farm agriculture is left out. The newest year is "
        "provisional and revised a year later. Jobs, not people: someone with two jobs counts twice."
    ),
    hosts=(nomis.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=45),
    tables=(JOBS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Totals, sections, Employees and the repeated Total read in recorded answers (April 2026). Never seen: the code list, of which it is taken that "
        "it names industries as answers do and lists every level; names of divisions; the code of Employment, which is left out if no status has that name."
    ),
)
