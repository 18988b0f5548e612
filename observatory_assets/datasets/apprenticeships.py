"""DfE apprenticeships: starts, achievements and participation by district, achievements by standard and home district, and both by subject.

Belongs here: which files of the publication carry the three tables and how their rows are read.
Does not belong here: how the content API answers in general (publishers.explore_education), or summing districts.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import csv_header, instant, numbers, read_csv_as_text, without_release
from resources.archive import open_zip
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

PUBLICATION = "apprenticeships"

_TIME = Column("time_period", "string", "Academic year, 202425 for August 2024 to July 2025.", nullable=False, pattern=r"\d{6}")
_AGE = Column("age_summary", "string", "Age group at start, or Total.", nullable=False)
_LEVEL = Column("apps_level", "string", "Apprenticeship level, or Total.", nullable=False)
_PART_YEAR = Column(
    "is_part_year", "boolean", "Figures are year-to-date although the file calls the period an academic year; NULL where the date of the file does not tell."
)


def _count(name: str, meaning: str) -> tuple[Column, Column]:
    return (
        Column(name, "float", f"{meaning}, people, rounded by DfE to 10; NULL unless the status carries a value.", minimum=0),
        Column(f"{name}_status", "string", "ok, low (rounds to 0 or under 5), c, z, x or nonfinite.", nullable=False, allowed=STATUSES),
    )


BY_DISTRICT = Table(
    name="dfe__apprenticeships_by_district",
    description=(
        "One row per academic year, area, age group, level and sex, totals included: districts, regions and England. Parliamentary constituencies, "
        "about half the rows of the file, are dropped. Sums of rounded districts differ from the published totals."
    ),
    columns=(
        _TIME,
        Column("time_identifier", "string", "`Academic year`, also for year-to-date figures.", nullable=False),
        Column("geographic_level", "string", "Kind of area.", nullable=False, allowed=tuple(ees.LEVELS)),
        Column("area_code", "string", "ONS code; `z` for outside England and unknown.", nullable=False),
        Column("area_name", "string", "Name as in the file.", nullable=False),
        _AGE,
        _LEVEL,
        Column("sex", "string", "Female, Male or Total.", nullable=False),
        *_count("starts", "Apprenticeships started"),
        *_count("achievements", "Apprenticeships achieved"),
        *_count("participation", "Apprentices who took part in the year"),
        _PART_YEAR,
    ),
    keys=("time_period", "area_code", "age_summary", "apps_level", "sex"),
    complete_by=("area_code",),
    volume_tolerance=0.25,  # a new academic year is a sixth of the file
    total_column="starts",
    period_column="time_period",
)

BY_STANDARD = Table(
    name="dfe__apprenticeship_achievements_by_standard",
    description=(
        "One row per academic year, learner's home district, age group, level, sector subject area and standard or framework. "
        "Combinations with no achievement are not in the file."
    ),
    columns=(
        _TIME,
        Column("lad_code", "string", "Home district's ONS code; `z` for outside England and unknown.", nullable=False),
        Column("lad_name", "string", "Home district's name as in the file.", nullable=False),
        _AGE,
        _LEVEL,
        Column("ssa_tier_1", "string", "Sector subject area, tier 1.", nullable=False),
        Column("st_code", "string", "Standard's reference (ST0499); NULL for frameworks.", pattern=r"(ST|FA|AU)\d{4}"),
        Column("standard_name", "string", "Name of the standard or framework.", nullable=False),
        *_count("achievements", "Apprenticeships achieved"),
        _PART_YEAR,
    ),
    keys=("time_period", "lad_code", "age_summary", "apps_level", "ssa_tier_1", "st_code", "standard_name"),
    complete_by=("lad_code",),
    volume_tolerance=0.5,  # one year a file, and the first files of a year are part of it
    total_column="achievements",
    total_tolerance=0.9,
    period_column="time_period",
)

BY_SUBJECT = Table(
    name="dfe__apprenticeships_by_subject",
    description=(
        "One row per academic year, area, level and sector subject area, totals included: districts of the areas reported on, the region and England, "
        "everybody of whatever sex and ethnicity. The file holds the current year only."
    ),
    columns=(
        _TIME,
        Column("geographic_level", "string", "Kind of area.", nullable=False, allowed=tuple(ees.LEVELS)),
        Column("area_code", "string", "ONS code.", nullable=False),
        Column("area_name", "string", "Name as in the file.", nullable=False),
        _LEVEL,
        Column("ssa_tier_1", "string", "Sector subject area, tier 1, or Total.", nullable=False),
        *_count("starts", "Apprenticeships started"),
        *_count("achievements", "Apprenticeships achieved"),
        _PART_YEAR,
    ),
    keys=("time_period", "area_code", "apps_level", "ssa_tier_1"),
    complete_by=("area_code",),
    volume_tolerance=0.5,  # one year a file, and the first files of a year are part of it
    total_column="starts",
    total_tolerance=9.0,  # the first quarter of a year against all of it is a fourth; a change of units is a thousand
    period_column="time_period",
)

_COUNTS = ("starts", "achievements", "participation")
_DISTRICT_COLUMNS = ("time_period", "time_identifier", "geographic_level", *(f"{p}_{s}" for p in ees.LEVELS.values() for s in ("code", "name")))
_DISTRICT_COLUMNS += ("age_summary", "apps_level", "sex", *_COUNTS)
_DROPPED_LEVELS = ("Parliamentary constituency",)
_STANDARD_COLUMNS = ("learner_home_lad_code", "learner_home_lad", "age_summary", "apps_level", "ssa_tier_1", "st_code", "std_fwk_name", "achievements")
_YEAR_COLUMNS = ("time_period", "year")
_SUBJECT_COLUMNS = ("ssa_tier_1", "ssa_t1_desc", "ssa_t1")  # the first in DfE's files of 2026, the others in older ones
_CROSSED = ("sex", "ethnicity_major")
_REFERENCE = re.compile(r"(?:ST|FA|AU)[0-9]{4}")


def choose_data_set(content: Any) -> Mapping[str, Any]:
    """The data set of a release by district, age, level and sex, from its data-content document.

    By title first (as it has been since 2025), else by what it holds.

    Raises:
        SchemaDrift: none does; the error lists the titles there are.
    """
    data_sets = ees.member(content, "dataSets")
    for data_set in data_sets:
        if str(data_set.get("title", "")).startswith("Geography LAD and PCON"):
            return data_set
    for data_set in data_sets:
        meta = data_set.get("meta") or {}
        if (
            {"Local authority district"} <= set(meta.get("geographicLevels") or ())
            and {"Starts", "Achievements"} <= set(meta.get("indicators") or ())
            and {"Age group", "Apprenticeship level", "Sex"} == set(meta.get("filters") or ())
        ):
            return data_set
    raise SchemaDrift(
        "no data set by district, age, level and sex in the release",
        rule="data_set_found",
        expected="title `Geography LAD and PCON…`, or district level with starts and achievements by age, level and sex",
        found=[data_set.get("title") for data_set in data_sets],
        action="find the file on the publication's page and correct the search",
    )


def choose_subject_set(content: Any) -> Mapping[str, Any]:
    """The data set of a release by district, level and sector subject area. Raises SchemaDrift if there is none."""
    return ees.choose_data_set(
        content,
        "that by sector subject area and district",
        title=r"^geography region and LAD\b.*\bSSA\b",
        levels=("Local authority district", "National"),
        filters=("Apprenticeship level", "Sector subject area (tier 1)"),
        indicators=("Achievements", "Starts"),
    )


def choose_supporting_files(content: Any, *, hinted: bool) -> list[Mapping[str, Any]]:
    """ZIPs among a release's supporting files that may hold achievements by standard and district.

    The publisher's title for it was never seen, so this is generous and the parser strict: with ``hinted`` every ZIP
    that speaks of achievements (but not of achievement rates, a different publication inside this one), else every ZIP.
    """
    zips = []
    for file in content.get("supportingFiles") or ():
        said = " ".join(str(file.get(name) or "") for name in ("title", "filename", "summary")).lower()
        if "zip" in (str(file.get("extension") or "").lstrip("."), str(file.get("filename") or "").rpartition(".")[2]) and (
            not hinted or ("achiev" in said and "rate" not in said and "nart" not in said)
        ):
            zips.append(file)
    return zips


def find_marker(lookup: Lookup) -> Marker:
    """Id and last update of the latest release's version: they change with every release and every amendment.

    An amendment of an earlier release alone, from which the file by standard may come, is seen at the next change of the latest.
    """
    publication = lookup.http.get_json(ees.publication_url(PUBLICATION))
    summary = lookup.http.get_json(ees.version_summary_url(PUBLICATION, ees.member(publication, "latestRelease", "slug")))
    updated = ees.member(summary, "lastUpdated")
    return Marker(f"{ees.member(summary, 'id')}|{updated}", instant(updated), ees.next_release(publication))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The two data sets of the latest release, and the ZIP by standard of the newest release that has one (full years only have, as far as seen)."""
    get = lookup.http.get_json
    latest = ees.member(get(ees.publication_url(PUBLICATION)), "latestRelease", "slug")
    content = get(ees.data_content_url(PUBLICATION, latest))
    data_set = choose_data_set(content)
    resources = [
        Resource(
            "by_district.csv",
            ees.file_url(ees.member(content, "releaseVersionId"), ees.member(data_set, "fileId")),
            starts_with=ees.CSV_STARTS,
            labels={"holds": "by_district"} | _updated(get, latest),
        ),
        Resource(
            "by_subject.csv",
            ees.file_url(ees.member(content, "releaseVersionId"), ees.member(choose_subject_set(content), "fileId")),
            starts_with=ees.CSV_STARTS,
            labels={"holds": "by_subject", "areas": json.dumps(_subject_areas(lookup))} | _updated(get, latest),
        ),
    ]
    releases = [latest, *ees.earlier_releases(get(ees.releases_url(PUBLICATION)), latest)][:3]
    contents = {latest: content}
    for hinted in (True, False):
        for slug in releases:
            if slug not in contents:
                contents[slug] = get(ees.data_content_url(PUBLICATION, slug))
            if files := choose_supporting_files(contents[slug], hinted=hinted):
                labels = {"holds": "by_standard", "release": slug} | _updated(get, slug)
                version = ees.member(contents[slug], "releaseVersionId")
                return resources + [
                    Resource(f"by_standard_{position}.zip", ees.file_url(version, ees.member(file, "fileId")), starts_with=(b"PK",), labels=labels)
                    for position, file in enumerate(files, start=1)
                ]
    raise SchemaDrift(
        "no supporting ZIP in the newest releases",
        rule="supporting_file_found",
        expected="a ZIP of achievements by standard and home district",
        found={slug: [file.get("title") for file in content.get("supportingFiles") or ()] for slug, content in contents.items()},
        action="find the file on the publication's page and correct the search",
    )


def _subject_areas(lookup: Lookup) -> list[str]:
    asked = ees.asked_areas(lookup.areas)
    return sorted({*asked["LAD"], *asked.get("REG", ()), *asked.get("NAT", ())})


def _updated(get: Any, release: str) -> dict[str, str]:
    return {"updated": ees.member(get(ees.version_summary_url(PUBLICATION, release)), "lastUpdated")}


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The three tables, in batches of the CSV reader.

    Raises:
        UnexpectedPayload: HTML, nothing, or a broken ZIP.
        SchemaDrift: columns missing, an unknown geographic level or marker, or no ZIP member with the columns needed.
    """
    for payload in payloads:
        if payload.labels["holds"] == "by_district":
            for batch in read_csv_as_text(partial(payload.path.open, "rb"), _DISTRICT_COLUMNS, payload.name):
                yield BY_DISTRICT.name, _by_district(batch, payload)
        if payload.labels["holds"] == "by_subject":
            yield from _parse_by_subject(payload)
    yield from _parse_by_standard([payload for payload in payloads if payload.labels["holds"] == "by_standard"])


def _by_district(batch: pa.Table, payload: Payload) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    levels = set(batch["geographic_level"].to_pylist())
    if unknown := levels - {*ees.LEVELS, *_DROPPED_LEVELS}:
        raise SchemaDrift(
            "an unknown geographic level",
            rule="geographic_level",
            expected=[*ees.LEVELS, *_DROPPED_LEVELS],
            found=sorted(unknown),
            action="decide whether its rows are kept or dropped",
        )
    batch = batch.filter(pc.is_in(batch["geographic_level"], pa.array(list(ees.LEVELS))))
    area = {
        suffix: pc.case_when(
            pc.make_struct(*(pc.equal(batch["geographic_level"], level) for level in ees.LEVELS)), *(batch[f"{p}_{suffix}"] for p in ees.LEVELS.values())
        )
        for suffix in ("code", "name")
    }
    columns = {name: batch[name] for name in batch.column_names} | {"area_code": area["code"], "area_name": area["name"]}
    return _typed(BY_DISTRICT, columns, _COUNTS, batch.num_rows, payload.name, payload)


def _parse_by_subject(payload: Payload) -> Iterator[tuple[str, pa.Table]]:
    import pyarrow.compute as pc

    header = csv_header(partial(payload.path.open, "rb"), payload.name)
    subject = next((column for column in _SUBJECT_COLUMNS if column in header), _SUBJECT_COLUMNS[0])
    areas, found = set(json.loads(payload.labels["areas"])), set()
    for batch in ees.read_places(payload.path, payload.name, ("apps_level", subject, "starts", "achievements"), areas, optional=_CROSSED):
        for column in _CROSSED:
            if column in batch.column_names:
                batch = batch.filter(pc.equal(batch[column], "Total"))
        found |= set(batch["area_code"].to_pylist())
        columns = {name: batch[name] for name in batch.column_names} | {"ssa_tier_1": batch[subject]}
        yield BY_SUBJECT.name, _typed(BY_SUBJECT, columns, ("starts", "achievements"), batch.num_rows, payload.name, payload)
    ees.check_areas(found, areas, payload.name)


def _parse_by_standard(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    seen: dict[str, list[str]] = {}
    for payload in payloads:
        found = False
        try:
            with open_zip(payload.path) as archive:
                for member in archive.namelist():
                    if not member.lower().endswith(".csv"):
                        continue
                    name, source = f"{payload.name}/{member}", partial(archive.open, member)
                    seen[name] = header = csv_header(source, name)
                    year = next((column for column in _YEAR_COLUMNS if column in header), None)
                    if year is None or not set(_STANDARD_COLUMNS) <= set(header):
                        continue
                    found = True
                    for batch in read_csv_as_text(source, (year, *_STANDARD_COLUMNS), name):
                        yield BY_STANDARD.name, _by_standard(batch, year, name, payload)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise UnexpectedPayload(
                f"{payload.name} breaks off or is damaged", rule="zip_whole", expected="a complete zip file", found=str(error), action="fetch it again"
            ) from error
        if found:
            return
    raise SchemaDrift(
        "no file holds achievements by standard and home district",
        rule="columns",
        expected=[*_STANDARD_COLUMNS, " or ".join(_YEAR_COLUMNS)],
        found=seen,
        action="find the file on the publication's page and correct the search or the columns",
    )


def _by_standard(batch: pa.Table, year: str, source: str, payload: Payload) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = [code.strip().upper() for code in batch["st_code"].to_pylist()]
    columns = {name: batch[name] for name in batch.column_names} | {
        "time_period": pc.replace_substring_regex(batch[year], r"^(\d{4})[/-](?:\d{2})?(\d{2})$", r"\1\2"),  # 2024/25 -> 202425
        "lad_code": batch["learner_home_lad_code"],
        "lad_name": batch["learner_home_lad"],
        "st_code": pa.array([code if _REFERENCE.fullmatch(code) else None for code in codes], pa.string()),
        "standard_name": batch["std_fwk_name"],
    }
    return _typed(BY_STANDARD, columns, ("achievements",), batch.num_rows, source, payload)


def _typed(table: Table, columns: dict[str, Any], counts: Sequence[str], rows: int, source: str, payload: Payload) -> pa.Table:
    import pyarrow as pa

    for count in counts:
        columns[count], columns[f"{count}_status"] = numbers(columns[count], ees.MARKERS)
    updated = instant(payload.labels.get("updated"))
    # Only the newest year of a file can be unfinished; the rule is by date, so it holds for every row alike.
    columns["is_part_year"] = pa.array([ees.is_part_year(period, updated) for period in columns["time_period"].to_pylist()], pa.bool_())
    columns["_source_file"] = pa.array([source] * rows, pa.string())
    schema = without_release(table.arrow_schema())
    return pa.table([columns[field.name] for field in schema], schema=schema)


DATASET = Dataset(
    slug="apprenticeships",
    title="Apprenticeships: by district and subject, and achievements by standard",
    publisher="Department for Education",
    landing_page="https://explore-education-statistics.service.gov.uk/find-statistics/apprenticeships",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, Apprenticeships, licensed under the Open Government Licence v3.0.",
    description=(
        "Apprenticeship starts, achievements and participation by district, age, level and sex since 2020/21; achievements by standard and learner's home "
        "district; and, of the current year alone, starts and achievements by sector subject area. Counts are rounded to 10, so districts do not add up to "
        "regions. Trap: the newest year is year-to-date in every release but November's, and still labelled `Academic year`; see is_part_year. Achievements "
        "by standard may come from an earlier release than the rest."
    ),
    hosts=(ees.HOST,),
    cadence=dt.timedelta(days=91),
    publication_delay=dt.timedelta(days=45),
    tables=(BY_DISTRICT, BY_STANDARD, BY_SUBJECT),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "District columns read in a recorded file of March 2026; the columns of the ZIP by standard read in DfE's dashboard code only, its title and "
        "member names never seen. The file by subject is known by its title, filters and levels in a recorded list of the release, not by its columns: its "
        "subject column is found under three names, and sex and ethnicity are taken at their total where the file has them. Routes of the content API read "
        "in the service's source code."
    ),
)
