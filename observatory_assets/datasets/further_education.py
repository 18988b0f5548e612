"""DfE further education and skills: learners by place, provision, level and age, and aims by sector subject area and district.

Belongs here: which files of the publication carry the two tables and how their rows are read.
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
from observatory_assets.publishers.tabular import csv_header, instant, numbers, without_release

if TYPE_CHECKING:
    import pyarrow as pa

PUBLICATION = "further-education-and-skills"
LEVELS = {**ees.LEVELS, **ees.LSIP}

_PLACE = (
    Column("time_period", "string", "Academic year, 202425 for August 2024 to July 2025.", nullable=False, pattern=r"\d{6}"),
    Column("geographic_level", "string", "Kind of area.", nullable=False, allowed=tuple(LEVELS)),
    Column("area_code", "string", "ONS code.", nullable=False),
    Column("area_name", "string", "Name as in the file.", nullable=False),
)
_PART_YEAR = Column(
    "is_part_year", "boolean", "Figures are year-to-date although the file calls the period an academic year; NULL where the date of the file does not tell."
)


def _number(name: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column(name, "float", f"{meaning}; NULL unless the status carries a value.", minimum=0),
        Column(f"{name}_status", "string", "ok, low (rounds to 0 or under 5), c, z, x or nonfinite.", nullable=False, allowed=STATUSES),
    )


GEOGRAPHY = Table(
    name="dfe__fe_geography",
    description=(
        "One row per academic year, area, kind of provision, level or type of learning and age group, totals included: districts, skills plan areas, the "
        "region and England. A learner counts once in each row, so provisions and levels add up to more than their total."
    ),
    columns=(
        *_PLACE,
        Column("provision_type", "string", "Kind of provision; `Further education and skills` is all of them.", nullable=False),
        Column("level_or_type", "string", "Level or type of learning, after the provision and a colon.", nullable=False),
        Column("age_summary", "string", "Age group, or Total.", nullable=False),
        *_number("participation", "Learners who took part in the year, rounded by DfE to 10"),
        *_number("learner_achievements", "Learners who achieved in the year, rounded by DfE to 10"),
        *_number("population_estimate", "People of the age group living in the area"),
        *_number("participation_rate_per_100000_population", "Participation per 100,000 people"),
        *_number("learner_achievements_rate_per_100000_population", "Achievements per 100,000 people"),
        _PART_YEAR,
    ),
    keys=("time_period", "area_code", "provision_type", "level_or_type", "age_summary"),
    complete_by=("area_code", "provision_type"),
    volume_tolerance=0.35,  # a new academic year is a sixth of the file, and plan areas may come and go
    total_column="participation",
    total_tolerance=0.35,
    period_column="time_period",
)

AIMS = Table(
    name="dfe__fe_aims_by_subject",
    description=(
        "One row per academic year, area, level and sector subject area, totals included: enrolments on aims and aims achieved by people of every sex and "
        "ethnicity. A learner with two aims counts twice. Combinations nobody enrolled in are not in the file."
    ),
    columns=(
        *_PLACE,
        Column("notional_nvq_level", "string", "Level of the aim, or Total.", nullable=False),
        Column("ssa_tier_1", "string", "Sector subject area, tier 1, or Total.", nullable=False),
        *_number("enrolments", "Enrolments on aims, rounded by DfE to 10"),
        *_number("achievements", "Aims achieved, rounded by DfE to 10"),
        _PART_YEAR,
    ),
    keys=("time_period", "area_code", "notional_nvq_level", "ssa_tier_1"),
    complete_by=("area_code", "ssa_tier_1"),
    volume_tolerance=0.5,  # one year a file, and the first files of a year are part of it
    total_column="enrolments",
    total_tolerance=9.0,  # the first quarter of a year against all of it is a fourth; a change of units is a thousand
    period_column="time_period",
)

_GEOGRAPHY_NUMBERS = tuple(column.name for column in GEOGRAPHY.columns if column.type == "float")
_ACHIEVED = ("aim_achievements", "achievements")  # the first in DfE's dashboard code of 2026
_CROSSED = ("regulated_status", "sex", "ethnicity_major")
"""Filters taken at their total where a file has them."""


def find_marker(lookup: Lookup) -> Marker:
    """Id and last update of the latest release's version: they change with every release and every amendment."""
    release = ees.latest_release(lookup.http.get_json, PUBLICATION)
    return Marker(release.marker, release.updated, release.next_expected)


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The two files, each from the newest release that has it."""
    get = lookup.http.get_json
    release = ees.latest_release(get, PUBLICATION)
    asked = ees.asked_areas(lookup.areas)
    files = {
        "geography": partial(
            ees.choose_data_set,
            what="that of learners by place, provision, level and age",
            title=r"^geography.*\bLAD\b.*participation.*(population|rates)",
            levels=("Local authority district", "Local skills improvement plan area"),
            filters=("Provision type", "Level or type"),
        ),
        "aims": partial(
            ees.choose_data_set,
            what="that of aims by sector subject area and district",
            title=r"^geography.*\bLAD\b.*(aim|enrolment).*(SSA|sector subject)",
            levels=("Local authority district", "National"),
            filters=("Sector subject area (tier 1)",),
            indicators=("Enrolments",),
        ),
    }
    resources = []
    for holds, choose in files.items():
        url, labels = ees.newest_with(get, PUBLICATION, release.slug, choose)
        resources.append(Resource(f"{holds}.csv", url, starts_with=ees.CSV_STARTS, labels={"holds": holds, "areas": json.dumps(asked), **labels}))
    return resources


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Both tables, in batches of the CSV reader.

    Raises:
        UnexpectedPayload: HTML or nothing.
        SchemaDrift: columns missing, an unknown geographic level or marker, or a district or England without a row.
    """
    for payload in payloads:
        needed, wanted = _read_areas(payload.labels["areas"])
        found: set[str] = set()
        for table, batch in _geography(payload, wanted) if payload.labels["holds"] == "geography" else _aims(payload, wanted):
            found |= set(batch["area_code"].to_pylist())
            yield table.name, _typed(table, batch, payload)
        ees.check_areas(found, needed, payload.name)


def _read_areas(text: str) -> tuple[set[str], set[str]]:
    """(areas that must have rows, areas wanted): plan areas and the region are not in every file."""
    asked = json.loads(text)
    return {*asked["LAD"], *asked["NAT"]}, {code for codes in asked.values() for code in codes}


def _geography(payload: Payload, areas: set[str]) -> Iterator[tuple[Table, pa.Table]]:
    columns = ("provision_type", "level_or_type", "age_summary", *_GEOGRAPHY_NUMBERS)
    for batch in ees.read_places(payload.path, payload.name, columns, areas, levels=LEVELS, optional=_CROSSED):
        yield GEOGRAPHY, _at_total(batch)


def _aims(payload: Payload, areas: set[str]) -> Iterator[tuple[Table, pa.Table]]:
    header = csv_header(partial(payload.path.open, "rb"), payload.name)
    achieved = next((column for column in _ACHIEVED if column in header), _ACHIEVED[0])
    columns = ("notional_nvq_level", "ssa_tier_1", "enrolments", achieved)
    for batch in ees.read_places(payload.path, payload.name, columns, areas, optional=_CROSSED):
        yield AIMS, _at_total(batch).rename_columns({achieved: "achievements"})


def _at_total(batch: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for column in _CROSSED:
        if column in batch.column_names:
            batch = batch.filter(pc.equal(batch[column], "Total"))
    return batch


def _typed(table: Table, batch: pa.Table, payload: Payload) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, Any] = {name: batch[name] for name in batch.column_names}
    for column in table.columns:
        if column.type == "float":
            columns[column.name], columns[f"{column.name}_status"] = numbers(columns[column.name], ees.MARKERS)
    updated = instant(payload.labels["updated"])
    # Only the newest year of a file can be unfinished; the rule is by date, so it holds for every row alike.
    columns["is_part_year"] = pa.array([ees.is_part_year(period, updated) for period in columns["time_period"].to_pylist()], pa.bool_())
    columns["_source_file"] = pa.array([payload.name] * batch.num_rows, pa.string())
    schema = without_release(table.arrow_schema())
    return pa.table([columns[field.name] for field in schema], schema=schema)


DATASET = Dataset(
    slug="further_education",
    title="Further education and skills: learners and aims by place",
    publisher="Department for Education",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/further-education-and-skills",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, Further education and skills, licensed under the Open Government Licence v3.0.",
    description=(
        "Adult (19+) learners in publicly funded further education, with apprentices of every age: participation and achievements by home district, skills "
        "plan area, region and England, by provision, level and age, with rates per 100,000 people; and enrolments and achievements of aims by sector "
        "subject area. Counts are rounded to 10, so districts do not add up. Skills plan areas are published for the last years only, in the boundaries of "
        "their day. Trap: the newest year is year-to-date in every release but November's, and still labelled `Academic year`; see is_part_year."
    ),
    hosts=(ees.HOST,),
    cadence=dt.timedelta(days=91),
    publication_delay=dt.timedelta(days=45),
    tables=(GEOGRAPHY, AIMS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Columns, title and first rows of the file by place read on its catalogue page of AY 2024/25; the file of aims read in DfE's dashboard code only, "
        "its title never seen: it is found by what it holds, and its column of achievements under either of two names. No whole file was at hand."
    ),
)
