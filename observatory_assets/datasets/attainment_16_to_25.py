"""DfE level 2 and 3 attainment by age: the share of young people who have reached a level by 16 to 19, by district.

Belongs here: which files of the publication carry it and how their rows are read.
Does not belong here: how the content API answers in general (publishers.explore_education), or summing districts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import numbers, without_release

if TYPE_CHECKING:
    import pyarrow as pa

PUBLICATION = "level-2-and-3-attainment-by-young-people-aged-19"
SERIES = {"district": ees.LEVELS, "authority": {**ees.AUTHORITY, **{level: prefix for level, prefix in ees.LEVELS.items() if prefix != "lad"}}}
"""Series -> the levels taken from its file."""


def _number(name: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column(name, "float", f"{meaning}; NULL unless the status carries a value.", minimum=0),
        Column(f"{name}_status", "string", "ok, c, low, z, x (`:` in older files) or nonfinite.", nullable=False, allowed=STATUSES),
    )


ATTAINMENT = Table(
    name="dfe__attainment_16_to_25",
    description=(
        "One row per series, cohort, area, age, level and characteristic of young people in state schools: how many had reached the level by that age, in "
        "whatever subjects and by whatever qualifications."
    ),
    columns=(
        Column(
            "series",
            "string",
            "district: districts, regions and England, exact counts, since 2016/17; authority: unitary authorities, regions and England, counts rounded to 10, "
            "since 2007/08.",
            nullable=False,
            allowed=tuple(SERIES),
        ),
        Column("time_period", "string", "Academic year in which the cohort turns 19, whatever the age; years to come too.", nullable=False, pattern=r"\d{6}"),
        Column("cohort_age_in", "string", "Academic year in which the cohort was of the age.", nullable=False, pattern=r"\d{6}"),
        Column("geographic_level", "string", "Kind of area.", nullable=False, allowed=(*ees.LEVELS, *ees.AUTHORITY)),
        Column("area_code", "string", "ONS code.", nullable=False),
        Column("area_name", "string", "Name as in the file.", nullable=False),
        Column("age", "string", "`by age 16` to `by age 19`, and `19 not 16`.", nullable=False),
        Column("qualification_level", "string", "Level 2, Level 3, or Level 2 with English and maths.", nullable=False),
        Column("breakdown_topic", "string", "What the characteristic is one of, or Total.", nullable=False),
        Column("breakdown", "string", "Characteristic, or Total.", nullable=False),
        *_number("cohort", "Young people of the cohort in state schools, the denominator"),
        *_number("reached", "Those who had reached the level"),
        *_number("percentage", "Percent of the cohort, to three decimals"),
    ),
    keys=("series", "cohort_age_in", "area_code", "age", "qualification_level", "breakdown_topic", "breakdown"),
    complete_by=("series", "area_code"),
    volume_tolerance=0.25,
    total_column="reached",
    period_column="time_period",
)

_COLUMNS = ("age", "cohort_age_in", "qualification_level", "subject", "qualification_type", "breakdown_topic", "breakdown")
_NUMBERS = {"cohort": "number_in_ss_cohort", "reached": "number", "percentage": "percentage"}


def find_marker(lookup: Lookup) -> Marker:
    """Id and last update of the latest release's version: they change with every release and every amendment."""
    release = ees.latest_release(lookup.http.get_json, PUBLICATION)
    return Marker(release.marker, release.updated, release.next_expected)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The file by district and the one by local authority, each from the newest release that has it."""
    get = lookup.http.get_json
    latest = ees.latest_release(get, PUBLICATION).slug
    asked = ees.asked_areas(lookup.areas)
    titles = {"district": r"16 to 19.*local authority district|local authority district.*16 to 19"}
    titles["authority"] = r"16 to 19.*local authority(?! district)|local authority(?! district).*16 to 19"
    resources = []
    for series, title in titles.items():
        choose = partial(ees.choose_data_set, what=f"that of attainment by {series}", title=title)
        url, labels = ees.newest_with(get, PUBLICATION, latest, choose)
        labels = {**labels, "series": series, "areas": json.dumps(asked)}
        resources.append(Resource(f"by_{series}.csv", url, starts_with=ees.CSV_STARTS, labels=labels))
    return resources


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The table, in batches of the CSV reader.

    Raises:
        UnexpectedPayload: HTML or nothing.
        SchemaDrift: columns missing, an unknown geographic level or marker, or a district or England without a row.
    """
    for payload in payloads:
        series, asked = payload.labels["series"], json.loads(payload.labels["areas"])
        areas = {code for level in ("LAD", "REG", "NAT") for code in asked.get(level, ())}
        found: set[str] = set()
        for batch in ees.read_places(payload.path, payload.name, (*_COLUMNS, *_NUMBERS.values()), areas, levels=SERIES[series]):
            batch = _all_subjects(batch)
            found |= set(batch["area_code"].to_pylist())
            yield ATTAINMENT.name, _typed(batch, payload)
        # Counties are no areas of interest, so most districts are not in the file of authorities.
        ees.check_areas(found, {*asked["NAT"], *(asked["LAD"] if series == "district" else ())}, payload.name)


def _all_subjects(batch: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    kinds = pc.utf8_lower(pc.utf8_trim_whitespace(batch["qualification_type"]))
    return batch.filter(pc.and_(pc.equal(batch["subject"], "Total"), pc.starts_with(kinds, "total")))


def _typed(batch: pa.Table, payload: Payload) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, Any] = {name: batch[name] for name in batch.column_names}
    for name, column in _NUMBERS.items():
        columns[name], columns[f"{name}_status"] = numbers(batch[column], ees.MARKERS)
    columns["series"] = pa.array([payload.labels["series"]] * batch.num_rows, pa.string())
    columns["_source_file"] = pa.array([payload.name] * batch.num_rows, pa.string())
    schema = without_release(ATTAINMENT.arrow_schema())
    return pa.table([columns[field.name] for field in schema], schema=schema)


DATASET = Dataset(
    slug="attainment_16_to_25",
    title="Level 2 and 3 attainment age 16 to 25: by district",
    publisher="Department for Education",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/level-2-and-3-attainment-by-young-people-aged-19",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, Level 2 and 3 attainment age 16 to 25, licensed under the Open Government Licence v3.0.",
    description=(
        "Young people of state schools who had reached level 2 or level 3 by each age from 16 to 19, for districts, the region and England, in all and by "
        "characteristic. Cohorts are counted in the school census at academic age 14, so an area is taken to be that of the school. Trap: the file's period "
        "is the year in which the cohort turns 19, so figures at 16 stand under a year three later, even one to come; indicators are dated by the year in "
        "which the cohort was of the age."
    ),
    hosts=(ees.HOST,),
    cadence=dt.timedelta(days=365),
    publication_delay=dt.timedelta(days=60),
    tables=(ATTAINMENT,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Columns and first rows of both files read on their catalogue pages; no whole file was at hand. That counts of the file by authority are rounded to "
        "10 and those by district are not is worked out from those rows. How the total over qualifications is spelled (`Total Level 2`) was seen for level 2 "
        "only: whatever begins with Total is taken."
    ),
)
