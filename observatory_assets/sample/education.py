"""What the samples of DfE's publications share: places, and the answers of the content API and of the public data API.

Belongs here: the wire format of the two services and the places figures are given for. Does not belong here: any figure,
or any one publication.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.areas import Areas
from observatory_assets.publishers import education_api as api
from observatory_assets.publishers import explore_education as ees
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import DISTRICTS, rng
from resources.settings import PROJECT_ROOT

ENGLAND, REGION = ("E92000001", "England"), ("E12000004", "East Midlands")
LEVELS = {
    # level of the public API: (what files call it, prefix of its columns)
    "LAD": ("Local authority district", "lad"),
    "LSIP": ("Local skills improvement plan area", "lsip"),
    "REG": ("Regional", "region"),
    "NAT": ("National", "country"),
}
WIDER = {REGION[0]: 9.5, ENGLAND[0]: 110.0}
"""Size of the region and of England; all sample districts of the first plan together are 5."""


@functools.cache
def areas() -> Areas:
    """The areas of the seeds."""
    return Areas.from_seeds(PROJECT_ROOT / "dbt_project" / "seeds")


@functools.cache
def districts() -> Mapping[str, tuple[str, float]]:
    """Every district of the seeds, code -> name and size."""
    codes = {code for area in areas().areas for code in area.districts} | set(DISTRICTS)
    return {code: DISTRICTS.get(code) or (f"District {code}", rng("districts", code).uniform(0.3, 1.2)) for code in sorted(codes)}


def sized_places() -> Iterator[tuple[str, str, str, float]]:
    """(level of the public API, code, name, size) of every place the figures of DfE are given for; plan areas as far as DfE has them, those of 2023."""
    for code, (name, size) in districts().items():
        yield "LAD", code, name, size
    for area in areas().areas:
        if area.boundary_version == "LSIP23":
            yield "LSIP", area.code, area.name, sum(districts()[code][1] for code in area.districts)
    yield "REG", *REGION, WIDER[REGION[0]]
    yield "NAT", *ENGLAND, WIDER[ENGLAND[0]]


def rounded(count: float) -> str:
    """A volume as further education publishes it: to the nearest 10, 1 to 4 as `low`."""
    return "0" if count < 0.5 else "low" if count < 5 else f"{int(count / 10 + 0.5) * 10}"


def answer(url: str, document: object, **more: object) -> Entry:
    """A JSON document at an address, with its parameters."""
    parts = urlsplit(url)
    body = json.dumps(document, separators=(",", ":")).encode()
    return Entry(parts.netloc, parts.path, body, query=dict(parse_qsl(parts.query)) or None, headers={"Content-Type": "application/json"}, **more)


def file_answer(version: str, file: str, lines: Iterable[str]) -> Entry:
    """A CSV among a release's files, with a byte-order mark as most have, compressed on its way."""
    body = gzip.compress(("\n".join(lines) + "\n").encode("utf-8-sig"), mtime=0)
    return Entry(ees.HOST, urlsplit(ees.file_url(version, file)).path, body, headers={"Content-Type": "text/csv", "Content-Encoding": "gzip"})


def csv_place(level: str, code: str, name: str, columns: Sequence[str]) -> list[str]:
    """Cells of geographic_level and of the area columns of a data file for a place of ``sized_places``.

    Args:
        level, code, name: the place.
        columns: the file's area columns, country_code and the like.
    """
    label, prefix = LEVELS[level]
    held = {"country_code": ENGLAND[0], "country_name": ENGLAND[1]}
    held |= {} if level == "NAT" else {"region_code": REGION[0], "region_name": REGION[1]}
    held |= {f"{prefix}_code": code, f"{prefix}_name": f'"{name}"' if "," in name else name}
    return [label, *(held.get(column, "") for column in columns)]


def release_answers(
    publication: str, number: int, *, slug: str, updated: str, next_release: Mapping[str, int] | None = None, data_sets: Sequence[Mapping[str, object]] = ()
) -> Iterator[Entry]:
    """A publication's page, and the version summary and contents of its latest release.

    Args:
        publication: slug.
        number: makes its ids; each publication and phase has its own.
        slug: of the release.
        updated: when the release was last changed.
        next_release: announced date, as year, month and day.
        data_sets: fileId, title and meta of each data set.
    """
    release, version = f"5a000000-0000-4000-9000-1{number:011}", release_version(number)
    page = {"id": publication_id(publication), "slug": publication, "title": publication, "summary": "Synthetic sample."}
    page |= {"latestRelease": {"id": release, "slug": slug, "title": slug}} | ({"nextReleaseDate": dict(next_release)} if next_release else {})
    yield answer(ees.publication_url(publication), page)
    summary = {"id": version, "releaseId": release, "isLatestRelease": True, "lastUpdated": updated, "published": updated, "slug": slug, "updateCount": 1}
    yield answer(ees.version_summary_url(publication, slug), summary)
    content = {"releaseId": release, "releaseVersionId": version, "featuredTables": [], "supportingFiles": []}
    content["dataSets"] = [{"dataSetFileId": one["fileId"], "isApiEnabled": False} | dict(one) for one in data_sets]
    yield answer(ees.data_content_url(publication, slug), content)


def release_version(number: int) -> str:
    """Id of a release version."""
    return f"5a000000-0000-4000-8000-1{number:011}"


def publication_id(publication: str) -> str:
    """Id of a publication."""
    return f"5a000000-0000-4000-9000-{rng('publication', publication).randrange(10**12):012}"


def description(filters: Mapping[str, Sequence[str]], indicators: Sequence[str], levels: Mapping[str, str], periods: Sequence[str]) -> dict[str, object]:
    """A ``/meta`` document. Ids are numbered within their kind, so that one id means several things, as in the real one.

    Args:
        filters: column -> labels of its options.
        indicators: columns.
        levels: code -> label.
        periods: 202223 and the like.
    """
    options = itertools.count(1)
    places = itertools.count(1)
    return {
        "filters": [
            {
                "id": f"id{number:03}",
                "column": column,
                "label": column.replace("_", " ").capitalize(),
                "options": [{"id": f"id{next(options):03}", "label": label} for label in labels],
            }
            for number, (column, labels) in enumerate(filters.items(), start=1)
        ],
        "indicators": [
            {"id": f"id{number:03}", "column": column, "label": column.replace("_", " ").capitalize(), "unit": "%" if "percent" in column else ""}
            for number, column in enumerate(indicators, start=1)
        ],
        "geographicLevels": [{"code": code, "label": label} for code, label in levels.items()],
        "locations": [
            {
                "level": {"code": level, "label": label},
                "options": [{"id": f"id{next(places):03}", "label": name, "code": code} for kind, code, name, _ in sized_places() if kind == level],
            }
            for level, label in levels.items()
        ],
        "timePeriods": [{"code": "AY", "period": _period(period), "label": f"{period[:4]}/{period[4:]}"} for period in periods],
    }


def results(meta: Mapping[str, object], rows: Iterable[tuple[str, str, str, Mapping[str, str], Mapping[str, str]]]) -> list[dict[str, object]]:
    """Results of a query from (level, area, period, filters by column, values by column), with the ids of the description."""
    filters = {one["column"]: (one["id"], {item["label"]: item["id"] for item in one["options"]}) for one in meta["filters"]}
    indicators = {one["column"]: one["id"] for one in meta["indicators"]}
    places = {group["level"]["code"]: {item["code"]: item["id"] for item in group["options"]} for group in meta["locations"]}
    country = places["NAT"][ENGLAND[0]]
    return [
        {
            "timePeriod": {"code": "AY", "period": _period(period)},
            "geographicLevel": level,
            "locations": {"NAT": country} | ({} if level == "NAT" else {level: places[level][area]}),
            "filters": {filters[column][0]: filters[column][1][label] for column, label in labels.items()},
            "values": {indicators[column]: text for column, text in values.items()},
        }
        for level, area, period, labels, values in rows
    ]


def api_answers(
    publication: str,
    data_set: api.DataSet,
    meta: Mapping[str, object],
    question: tuple[Mapping[str, object], Sequence[str]],
    found: Sequence[Mapping[str, object]],
) -> Iterator[Entry]:
    """Everything a dataset of the public data API asks for: catalogue, summary, description, the count and the pages of its question.

    Args:
        publication: slug.
        data_set: its latest version.
        meta: ``description``.
        question: criteria and indicators.
        found: ``results``.
    """
    total = len(found)
    listed = {
        "id": "5a000000-0000-4000-c000-000000000001",
        "title": data_set.title,
        "latestData": True,
        "api": {"id": data_set.id, "version": data_set.version},
    }
    paging = {"page": 1, "pageSize": 40, "totalResults": 1, "totalPages": 1}
    yield answer(ees.data_set_files_url(publication_id(publication), 1), {"paging": paging, "results": [listed]})
    summary = {"id": data_set.id, "title": data_set.title, "summary": "Synthetic sample.", "status": "Published"}
    summary["latestVersion"] = {"version": data_set.version, "published": data_set.published, "totalResults": total}
    yield answer(api.data_set_url(data_set.id), summary)
    yield answer(api.meta_url(data_set.id, data_set.version), meta)
    url = api.query_url(data_set.id, data_set.version)
    for page, size in ((1, 1), *((page, api.PAGE_SIZE) for page in api.pages(total))):
        document = {"paging": {"page": page, "pageSize": size, "totalResults": total, "totalPages": max(1, -(-total // size))}, "warnings": []}
        document["results"] = list(found[(page - 1) * size : page * size])
        whole = answer(url, document, method="POST", body_matches=api.question(*question, page, size))
        # The service compresses; a page is mostly ids and shrinks to a fifteenth.
        yield Entry(
            whole.host,
            whole.path,
            gzip.compress(whole.body, mtime=0),
            query=whole.query,
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
            method="POST",
            body_matches=whole.body_matches,
        )


def _period(period: str) -> str:
    return f"{period[:4]}/{period[:2]}{period[4:]}"
