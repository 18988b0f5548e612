"""DfE destination measures: what the data sets of pupils after key stage 4 and of students after 16-18 study have in common.

Belongs here: the question asked of the public API, the wide files of before 2026, and the one table both are read into.
Does not belong here: which publication it is (ks4_destinations, ks5_destinations), or any sum over districts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import STATUSES, Column, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import education_api as api
from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import number, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

TOTAL = "Total"
DESTINATIONS = {
    # ours -> (label in the API, column of the wide files)
    "overall": (re.compile(r"sustained education,.*(employment|apprenticeship).*", re.IGNORECASE), "overall"),
    "education": (re.compile(r"sustained education( destination)?", re.IGNORECASE), "education"),
    "apprenticeship": (re.compile(r"sustained apprenticeships?( destination)?", re.IGNORECASE), "appren"),
    "employment": (re.compile(r"sustained employment( destination)?", re.IGNORECASE), "all_work"),
    "not_sustained": (re.compile(r"not recorded as a sustained destination", re.IGNORECASE), "all_notsust"),
    "not_captured": (re.compile(r"activity not captured", re.IGNORECASE), "all_unknown"),
}
TOPICS = {"total": "", "sex": "sex", "disadvantage": "disadvantage_status"}
"""Breakdowns kept -> filter of the API."""

_INDICATORS = ("cohort_count", "pupil_count", "pupil_percent")
# Filters of the API that are taken at their total where the data set has them.
_AT_TOTAL = ("establishment_type", "cohort_level", "ethnicity_major", "ethnicity_minor", "breakdown_topic", "breakdown")
_WIDE_TOPICS = {"total": "total", "sex": "sex", "gender": "sex", "disadvantage status": "disadvantage"}
_LEVEL_NAMES = {"LAD": "Local authority district", "REG": "Regional", "NAT": "National"}


@dataclass(frozen=True)
class Study:
    """One of the two publications.

    Args:
        publication: its slug.
        title: regular expression of its API data set's title.
        institutions: regular expression of the institution group its headline figures are of.
        with_levels: whether figures are also given by level of qualification.
        table: its raw table.
    """

    publication: str
    title: str
    institutions: re.Pattern[str]
    with_levels: bool
    table: Table


def build_table(name: str, who: str, *, with_levels: bool) -> Table:
    """The raw table; ``who`` names the people counted."""

    def count(column: str, meaning: str) -> tuple[Column, Column]:
        return (
            Column(column, "float", f"{meaning}; NULL unless the status carries a value.", minimum=0),
            Column(f"{column}_status", "string", "ok, c (suppressed), low (above 0 but under 0.5%), z, x or nonfinite.", nullable=False, allowed=STATUSES),
        )

    level = (Column("cohort_level_group", "string", "Level of the main qualification, or Total.", nullable=False),) if with_levels else ()
    return Table(
        name=name,
        description=f"One row per academic year, area, breakdown, characteristic and destination of {who}, in state-funded mainstream institutions.",
        columns=(
            Column("time_period", "string", "Academic year, 202223 for 2022/23, as DfE dates the cohort.", nullable=False, pattern=r"\d{6}"),
            Column("geographic_level", "string", "Kind of area.", nullable=False, allowed=tuple(_LEVEL_NAMES.values())),
            Column("area_code", "string", "ONS code.", nullable=False),
            Column("area_name", "string", "Name as published.", nullable=False),
            *level,
            Column("topic", "string", "What the characteristic is one of.", nullable=False, allowed=tuple(TOPICS)),
            Column("characteristic", "string", "Female, Disadvantaged and the like, or Total.", nullable=False),
            Column("destination", "string", "Destination; overall is any sustained one.", nullable=False, allowed=tuple(DESTINATIONS)),
            Column("destination_label", "string", "Destination as published.", nullable=False),
            *count("cohort_count", "People who finished, the denominator"),
            *count("pupil_count", "People with the destination"),
            *count("pupil_percent", "Percent of the cohort with the destination, to one decimal"),
            Column("data_version", "string", "Provisional or Revised; NULL where the source does not say."),
            Column("data_set_version", "string", "Version of the API's data set; NULL for the files of before 2026."),
        ),
        keys=("time_period", "area_code", *(column.name for column in level), "topic", "characteristic", "destination"),
        complete_by=("area_code", "destination"),
        volume_tolerance=0.25,  # a year more is a seventh to a fourteenth of the table
        total_column="pupil_count",
        period_column="time_period",
    )


def find_marker(study: Study, lookup: Lookup) -> Marker:
    """Version of the API's data set and its publication instant; before there was one, the release's version and last update."""
    release = ees.latest_release(lookup.http.get_json, study.publication)
    data_set = _data_set(study, lookup, release)
    if data_set is None:
        return Marker(release.marker, release.updated, release.next_expected)
    return Marker(f"{data_set.id}|{data_set.version}|{data_set.published}", api.published_at(data_set), release.next_expected)


def find_resources(study: Study, lookup: Lookup) -> list[Resource]:
    """The data set's description and every page of one question; the two wide files where the API has no such data set."""
    get = lookup.http.get_json
    release = ees.latest_release(get, study.publication)
    asked = {level: codes for level, codes in ees.asked_areas(lookup.areas).items() if level in _LEVEL_NAMES}
    labels = {"areas": json.dumps(asked)}
    data_set = _data_set(study, lookup, release)
    if data_set is None:
        return _wide_files(study, lookup, release, labels)
    labels["version"] = data_set.version
    if data_set.major > 1:
        # Ids may have changed and parts may be gone; what the question needs is checked, the rest is for the record.
        labels["major_changes"] = "; ".join(api.major_changes(get, data_set))[:2000]
    with api.needing(get, data_set):
        meta = api.Meta.read(get(api.meta_url(data_set.id, data_set.version)))
        criteria, indicators = build_question(study, meta, asked)
    url = api.query_url(data_set.id, data_set.version)
    pages = api.pages(api.count(lookup.http.post_json, data_set, criteria, indicators))
    return [
        Resource("meta.json", api.meta_url(data_set.id, data_set.version), starts_with=(b"{",), labels=labels | {"holds": "meta"}),
        *(
            Resource(
                f"page_{page}.json",
                url,
                starts_with=(b"{",),
                labels=labels | {"holds": "page"},
                posted=json.dumps(api.question(criteria, indicators, page)),
            )
            for page in pages
        ),
    ]


def build_question(study: Study, meta: api.Meta, asked: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """Criteria and indicators of the one question: every destination for all people, any sustained one by level, sex and disadvantage.

    Raises:
        education_api.Gone: the data set lacks something of it.
    """

    def at(column: str, wanted: Any) -> dict[str, Any]:
        return {"filters": {"in": sorted(meta.options(column, wanted))}}

    def rest(label: str) -> bool:
        return not _is_total(label)

    for name, (pattern, _) in DESTINATIONS.items():
        if not any(pattern.fullmatch(label.strip()) for label in meta.options("destination_description", bool).values()):
            raise api.Gone(f"the destination `{name}`", sorted(meta.options("destination_description", bool).values()))
    groups = meta.options("establishment_type_group", study.institutions.fullmatch)
    if len(groups) != 1:
        raise api.Gone("exactly one group of institutions", sorted(groups.values()))
    overall = at("destination_description", DESTINATIONS["overall"][0].fullmatch)
    everyone, level = [at("sex", _is_total), at("disadvantage_status", _is_total)], [at("cohort_level_group", _is_total)] if study.with_levels else []
    criteria = {
        "and": [
            # A location alone would match every district of a region too, so each is asked with its own level.
            {"or": [{"geographicLevels": {"eq": one}, "locations": {"in": meta.places(one, codes)}} for one, codes in asked.items()]},
            at("establishment_type_group", study.institutions.fullmatch),
            *(at(column, _is_total) for column in _AT_TOTAL if column in meta.filters),
            {
                "or": [
                    {"and": [at("destination_description", lambda label: _destination(label) is not None), *everyone, *level]},
                    *({"and": [overall, at("cohort_level_group", rest), *everyone]} for _ in level),
                    {"and": [overall, at("sex", rest), at("disadvantage_status", _is_total), *level]},
                    {"and": [overall, at("sex", _is_total), at("disadvantage_status", rest), *level]},
                ]
            },
        ]
    }
    return criteria, [meta.indicator(column) for column in _INDICATORS]


def parse(study: Study, payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The table, whichever way it came: pages of the API, its whole CSV, or the wide files.

    Raises:
        UnexpectedPayload: a body that is no data, or pages that are not the whole answer.
        SchemaDrift: columns, filters or destinations missing, areas other than those asked, or two rows for one key.
    """
    import pyarrow as pa

    asked = json.loads(payloads[0].labels["areas"])
    areas = {code for codes in asked.values() for code in codes}
    described = [payload for payload in payloads if payload.labels["holds"] == "meta"]
    records = _from_api(study, described[0], payloads, areas) if described else _from_wide_files(study, payloads, areas)
    rows: dict[tuple[object, ...], dict[str, object]] = {}
    for record in records:
        key = tuple(record[name] for name in study.table.keys)
        if key in rows:
            raise SchemaDrift(
                "two rows say different things of the same people",
                rule="one_row_per_key",
                expected=f"one row per {', '.join(study.table.keys)}",
                found=f"{rows[key]['_source_file']} {rows[key]['_source_row']} and {record['_source_file']} {record['_source_row']}: {key}",
                action="the data set has a filter more, or two places of one code; take it at its total in the question",
            )
        rows[key] = record
    ees.check_areas({str(record["area_code"]) for record in rows.values()}, areas, "the answer")
    yield study.table.name, pa.Table.from_pylist(list(rows.values()), without_release(study.table.arrow_schema()))


def _data_set(study: Study, lookup: Lookup, release: ees.Release) -> api.DataSet | None:
    served = api.list_data_sets(lookup.http.get_json, release.publication)
    if not served:
        return None
    found = [one for one, title in served.items() if re.search(study.title, title, re.IGNORECASE)]
    if len(found) != 1:
        raise SchemaDrift(
            f"{'no' if not found else 'more than one'} data set of the API is that of {study.publication}",
            rule="data_set_found",
            expected=f"one whose title matches `{study.title}`",
            found=served,
            action="find the data set on the publication's page and correct the search",
        )
    return api.latest(lookup.http.get_json, found[0])


def _wide_files(study: Study, lookup: Lookup, release: ees.Release, labels: Mapping[str, str]) -> list[Resource]:
    content = lookup.http.get_json(ees.data_content_url(study.publication, release.slug))
    version = ees.member(content, "releaseVersionId")
    return [
        Resource(
            f"{kind}.csv",
            ees.file_url(version, ees.member(ees.choose_data_set(content, f"the destinations {words}", title=title), "fileId")),
            starts_with=ees.CSV_STARTS,
            labels=labels | {"holds": "wide"},
        )
        for kind, words, title in (
            ("local", "by local authority and district", r"local authority level destinations"),
            ("national", "of England", r"national level destinations(?!.*headline)"),
        )
    ]


def _from_api(study: Study, described: Payload, payloads: Sequence[Payload], areas: set[str]) -> Iterator[dict[str, object]]:
    meta = api.Meta.read(_json(described))
    pages = [(payload.name, payload.path) for payload in payloads if payload.labels["holds"] == "page"]
    rows: Iterable[tuple[str, api.Row]]
    if pages:
        rows = api.read_pages(meta, pages)
    else:
        rows = ((one.name, row) for one in payloads if one.labels["holds"] == "csv" for row in api.read_csv(meta, one.name, one.path))
    for name, row in rows:
        record = _record(study, row) if row.area_code in areas and row.level in _LEVEL_NAMES else None
        if record is not None:
            yield record | {"data_set_version": described.labels.get("version"), "_source_file": name, "_source_row": row.source_row}
        elif pages:
            raise SchemaDrift(
                "the API gives a row that was not asked",
                rule="codes_asked",
                expected="rows of the areas, destinations and characteristics asked",
                found=row,
                action="it ignores a part of the question; compare the question with its documentation",
            )


def _record(study: Study, row: api.Row) -> dict[str, object] | None:
    """The row as a record, or None if it is none of those wanted."""
    filters = row.filters
    destination = _destination(filters.get("destination_description", ""))
    level = filters.get("cohort_level_group", TOTAL)
    special = {topic: filters.get(column, TOTAL) for topic, column in TOPICS.items() if column and not _is_total(filters.get(column, TOTAL))}
    if (
        destination is None
        or not study.institutions.fullmatch(filters.get("establishment_type_group", "").strip())
        or not all(_is_total(filters.get(column, TOTAL)) for column in _AT_TOTAL)
        or len(special) + (not _is_total(level)) > 1
        or (destination != "overall" and (special or not _is_total(level)))
    ):
        return None
    topic, characteristic = next(iter(special.items()), ("total", TOTAL))
    record: dict[str, object] = {
        "time_period": row.period,
        "geographic_level": _LEVEL_NAMES[row.level],
        "area_code": row.area_code,
        "area_name": row.area_name,
        "topic": topic,
        "characteristic": characteristic,
        "destination": destination,
        "destination_label": filters["destination_description"],
        "data_version": filters.get("version"),
    }
    if study.with_levels:
        record["cohort_level_group"] = TOTAL if _is_total(level) else level
    for column in _INDICATORS:
        if column not in row.values:
            raise SchemaDrift("a result lacks an indicator asked", rule="codes_asked", expected=column, found=sorted(row.values), action="see the API")
        record[column], record[f"{column}_status"] = number(row.values[column], ees.MARKERS)
    return record


def _from_wide_files(study: Study, payloads: Sequence[Payload], areas: set[str]) -> Iterator[dict[str, object]]:
    columns = ["institution_group", "breakdown_topic", "breakdown", "data_type", "version", "cohort", *(column for _, column in DESTINATIONS.values())]
    columns += ["cohort_level_group", "cohort_level"] if study.with_levels else []
    for payload in payloads:
        # Counts and percentages are rows of their own; the two of one group become one record per destination.
        pairs: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
        for batch in ees.read_places(payload.path, payload.name, columns, areas, optional=("institution_type", "level_methodology")):
            for row in batch.to_pylist():
                topic = _WIDE_TOPICS.get(row["breakdown_topic"].strip().lower())
                if (
                    topic is None
                    or not study.institutions.fullmatch(row["institution_group"].strip())
                    or not _is_total(row.get("institution_type", TOTAL))
                    or not _is_total(row.get("cohort_level", TOTAL))
                    or not (row.get("level_methodology") or "provider").lower().startswith(("provider", "z"))
                ):
                    continue
                level = row.get("cohort_level_group", TOTAL)
                if topic != "total" and not _is_total(level):
                    continue
                kind = "percent" if row["data_type"].strip().lower().startswith("percent") else "count"
                group = (row["time_period"], row["geographic_level"], row["area_code"], row["area_name"], topic, row["breakdown"], level, row["version"])
                if kind in pairs.setdefault(group, {}):
                    raise SchemaDrift(
                        f"{payload.name} says two things of the same people",
                        rule="one_row_per_key",
                        expected="one row of counts and one of percentages",
                        found=f"rows {pairs[group][kind]['_source_row']} and {row['_source_row']}: {group}",
                        action="the file has a column more that tells them apart; take it at its total in the parser",
                    )
                pairs[group][kind] = row
        for group, rows in pairs.items():
            yield from _from_pair(study, payload, group, rows)


def _from_pair(study: Study, payload: Payload, group: tuple[str, ...], rows: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, object]]:
    time_period, geographic_level, area_code, area_name, topic, characteristic, level, version = group
    one = next(iter(rows.values()))
    for destination, (_, column) in DESTINATIONS.items():
        if destination != "overall" and (topic != "total" or not _is_total(level)):
            continue
        record: dict[str, object] = {
            "time_period": time_period,
            "geographic_level": geographic_level,
            "area_code": area_code,
            "area_name": area_name,
            "topic": topic,
            "characteristic": characteristic,
            "destination": destination,
            "destination_label": column,
            "data_version": version,
            "data_set_version": None,
            "_source_file": payload.name,
            "_source_row": ",".join(row["_source_row"] for row in rows.values()),
        }
        if study.with_levels:
            record["cohort_level_group"] = TOTAL if _is_total(level) else level
        record["cohort_count"], record["cohort_count_status"] = number(one["cohort"], ees.MARKERS)
        for kind in ("count", "percent"):
            text = rows[kind][column] if kind in rows else "x"
            record[f"pupil_{kind}"], record[f"pupil_{kind}_status"] = number(text, ees.MARKERS)
        yield record


def _destination(label: str) -> str | None:
    return next((name for name, (pattern, _) in DESTINATIONS.items() if pattern.fullmatch(label.strip())), None)


def _is_total(label: str) -> bool:
    # `z` and nothing stand for "not applicable" where a place has no such split.
    return label.strip().lower() in ("total", "all", "z", "")


def _json(payload: Payload) -> Any:
    try:
        return json.loads(payload.path.read_bytes().decode("utf-8-sig"))
    except ValueError as error:
        raise UnexpectedPayload(
            f"{payload.name} is no JSON", rule="json", expected="the data set's description", found=str(error), action="fetch it again"
        ) from error
