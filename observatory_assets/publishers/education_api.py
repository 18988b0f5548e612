"""Explore Education Statistics' public data API (DfE): finding a data set, asking it, and reading its answers.

Belongs here: what is true of every data set of the API. Does not belong here: which data set, filters or areas to ask for.
Ids of filters, options, indicators and locations are unique only inside their own kind (one id has been seen as four
different things), so they are never kept in one look-up; and ids of data sets are found by title each time, never stored.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import csv_header, instant, read_csv_as_text
from resources.errors import PermanentFetchError, SchemaDrift, UnexpectedPayload

HOST = "api.education.gov.uk"
API = f"https://{HOST}/statistics/v1"
PAGE_SIZE = 10_000
"""Rows of a page of results, the most the API gives (about 4 MB)."""

_NO_RESULTS = "QueryNoResults"
_GZIP = b"\x1f\x8b"
_LEVEL_COLUMNS = {
    # code of a level in the API -> (what files call it, prefix of its columns in files)
    "NAT": ("National", "country"),
    "REG": ("Regional", "region"),
    "LAD": ("Local authority district", "lad"),
    "LSIP": ("Local skills improvement plan area", "lsip"),
}


class DataSet(NamedTuple):
    """A data set's latest version."""

    id: str
    title: str
    version: str
    published: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


class Filter(NamedTuple):
    """One filter: its options by id."""

    id: str
    label: str
    options: Mapping[str, str]


class Row(NamedTuple):
    """One result with every id resolved.

    Args:
        period: academic year as files write it, 202223.
        level: code of the geographic level, LAD.
        area_code, area_name: the place of that level.
        filters: column -> label of the option; filters without an option are absent.
        values: column of the indicator -> text, markers included.
        source_row: where in the file it stands.
    """

    period: str
    level: str
    area_code: str
    area_name: str
    filters: Mapping[str, str]
    values: Mapping[str, str]
    source_row: str


@dataclass(frozen=True)
class Meta:
    """What a data set version consists of.

    Args:
        filters: column -> filter.
        indicators: id -> column.
        levels: codes of its geographic levels.
        locations: level -> id -> (code, label). One code may have several ids, after a renaming or an amalgamation.
    """

    filters: Mapping[str, Filter]
    indicators: Mapping[str, str]
    levels: tuple[str, ...]
    locations: Mapping[str, Mapping[str, tuple[str, str]]] = field(repr=False)

    @classmethod
    def read(cls, document: Any) -> Meta:
        """From an answer of ``/meta``.

        Raises:
            SchemaDrift: not that shape.
        """
        try:
            return cls(
                filters={one["column"]: Filter(one["id"], one["label"], {item["id"]: item["label"] for item in one["options"]}) for one in document["filters"]},
                indicators={one["id"]: one["column"] for one in document["indicators"]},
                levels=tuple(one["code"] for one in document["geographicLevels"]),
                # The documentation calls a location's label `name`, the service's source and recorded answers `label`.
                locations={
                    group["level"]["code"]: {item["id"]: (item.get("code") or "", item.get("label") or item["name"]) for item in group["options"]}
                    for group in document["locations"]
                },
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise SchemaDrift(
                "the API's description of a data set has an unknown shape",
                rule="api_meta",
                expected="filters[id,column,label,options], indicators[id,column], geographicLevels[code], locations[level,options]",
                found=f"{type(error).__name__}: {error}",
                action=_LOOK,
            ) from error

    def indicator(self, column: str) -> str:
        """Id of an indicator.

        Raises:
            Gone: there is none of that column.
        """
        for found, name in self.indicators.items():
            if name == column:
                return found
        raise Gone(f"indicator {column}", sorted(self.indicators.values()))

    def options(self, column: str, wanted: Callable[[str], bool]) -> dict[str, str]:
        """Options of a filter whose label is wanted, id -> label.

        Raises:
            Gone: no such filter, or none of its options is wanted.
        """
        if column not in self.filters:
            raise Gone(f"filter {column}", sorted(self.filters))
        found = {option: label for option, label in self.filters[column].options.items() if wanted(label.strip())}
        if not found:
            raise Gone(f"the options needed of filter {column}", sorted(self.filters[column].options.values()))
        return found

    def places(self, level: str, codes: Sequence[str]) -> list[dict[str, str]]:
        """A query's locations for these codes.

        Raises:
            Gone: the level, or one of the codes, is not in the data set.
        """
        known = {code for code, _ in self.locations.get(level, {}).values()}
        if missing := [code for code in codes if code not in known]:
            raise Gone(f"{level} {', '.join(missing)}", f"{len(known)} places of that level; levels {sorted(self.locations)}")
        return [{"level": level, "code": code} for code in codes]


class Gone(Exception):
    """A part of a data set that is needed is not in its latest version; becomes a SchemaDrift that says what the version changed."""

    def __init__(self, what: str, found: object) -> None:
        super().__init__(what)
        self.what, self.found = what, found


def data_set_url(data_set: str) -> str:
    """Address of a data set's summary: its latest version and when that was published (about 1 kB)."""
    return f"{API}/data-sets/{data_set}"


def publication_data_sets_url(publication: str, page: int) -> str:
    """Address of a page of a publication's data sets."""
    return f"{API}/publications/{publication}/data-sets?page={page}&pageSize=20"


def changes_url(data_set: str, version: str) -> str:
    """Address of what a version changed."""
    return f"{API}/data-sets/{data_set}/versions/{version}/changes"


def meta_url(data_set: str, version: str) -> str:
    """Address of what a version consists of."""
    return f"{API}/data-sets/{data_set}/meta?dataSetVersion={version}"


def query_url(data_set: str, version: str) -> str:
    """Address a query is posted to."""
    return f"{API}/data-sets/{data_set}/query?dataSetVersion={version}"


def csv_url(data_set: str, version: str) -> str:
    """Address of the whole data set as CSV, always gzipped."""
    return f"{API}/data-sets/{data_set}/csv?dataSetVersion={version}"


def question(criteria: Mapping[str, Any], indicators: Sequence[str], page: int, page_size: int = PAGE_SIZE) -> dict[str, Any]:
    """The body of a query. Page and size belong in it: in the address they are ignored."""
    return {"criteria": criteria, "indicators": list(indicators), "page": page, "pageSize": page_size}


@contextmanager
def explained() -> Iterator[None]:
    """Turn the API's refusals into errors that say what it said; its texts vary, so only its codes are read.

    Raises:
        PermanentFetchError: 403, the version is withdrawn or not yet published.
        SchemaDrift: 400, the question names something the data set does not have.
    """
    try:
        yield
    except PermanentFetchError as error:
        status = error.http_status
        if status == 403:
            raise PermanentFetchError(
                "the data set's version is not available: withdrawn, or not yet published",
                rule="withdrawn",
                expected="a published version",
                found=error.problem,
                action="see the data set's page; it is asked again at the next tick, and what was published here stays",
            ) from error
        if status == 400:
            raise SchemaDrift(
                "the API refuses the question", rule="query_refused", expected="a question it accepts", found=refusals(getattr(error, "body", "")), action=_LOOK
            ) from error
        raise


def refusals(body: str) -> list[str]:
    """Codes of an error body, each with the items it names; only the codes where the body is cut short."""
    try:
        errors = json.loads(body)["errors"]
        return [f"{one['code']}: {(one.get('detail') or {}).get('items', '')}".rstrip(": ") for one in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return re.findall(r'"code"\s*:\s*"(\w+)"', body)


def list_data_sets(get: Callable[[str], Any], publication: str) -> dict[str, str]:
    """Data sets of a publication that the API serves, id -> title: as the site's catalogue lists them, else as the API does.

    Args:
        get: fetches a JSON document.
        publication: id of the publication.
    """
    found: dict[str, str] = {}
    for item in _listed(get, partial(ees.data_set_files_url, publication)):
        api = item.get("api") or {}
        if api.get("id"):
            found[str(api["id"])] = str(item.get("title", ""))
    if found:
        return found
    try:
        return {str(item["id"]): str(item.get("title", "")) for item in _listed(get, partial(publication_data_sets_url, publication)) if item.get("id")}
    except PermanentFetchError as error:
        if error.http_status == 404:  # the API knows only publications that have a data set in it
            return {}
        raise


def latest(get: Callable[[str], Any], data_set: str) -> DataSet:
    """The latest version of a data set, or of the one that replaces it.

    Raises:
        PermanentFetchError: it is withdrawn.
        SchemaDrift: the summary has no version.
    """
    for _ in range(3):
        with explained():
            summary = get(data_set_url(data_set))
        replacement = summary.get("supersedingDataSetId") if isinstance(summary, Mapping) else None
        if not replacement:
            break
        data_set = str(replacement)
    version = str(ees.member(summary, "latestVersion", "version"))
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        raise SchemaDrift("a version of the API is no number", rule="api_version", expected="1.0 or 2.1.1", found=version, action=_LOOK)
    return DataSet(data_set, str(summary.get("title", "")), version, str(ees.member(summary, "latestVersion", "published")))


def published_at(data_set: DataSet) -> dt.datetime | None:
    """When the version was published (the API writes seven digits of a second)."""
    return instant(data_set.published)


def major_changes(get: Callable[[str], Any], data_set: DataSet) -> list[str]:
    """What a version took away against the one before, in words (`indicators pupil_count`).

    Raises:
        SchemaDrift: not the shape of a list of changes.
    """
    with explained():
        changes = get(changes_url(data_set.id, data_set.version))
    said = []
    for kind, items in ees.member(changes, "majorChanges").items():
        for item in items or ():
            # Options and locations are grouped under the filter or level they belong to.
            group = item.get("filter") or item.get("level")
            for one in item.get("options") or [item]:
                before, after = one.get("previousState") or {}, one.get("currentState") or {}
                names = [str(state.get("column") or state.get("label") or state.get("code")) for state in (before, after) if state]
                within = f" of {group.get('column') or group.get('label') or group.get('code')}" if isinstance(group, Mapping) else ""
                said.append(f"{kind} {' -> '.join(names)}{within}{'' if after else ' removed'}")
    return said


@contextmanager
def needing(get: Callable[[str], Any], data_set: DataSet) -> Iterator[None]:
    """Turn ``Gone`` into a refusal that also says what the version changed.

    Raises:
        SchemaDrift: a part that is needed is gone.
    """
    try:
        yield
    except Gone as gone:
        raise SchemaDrift(
            f"version {data_set.version} of `{data_set.title}` lacks {gone.what}",
            rule="codes_asked",
            expected=gone.what,
            found={"there are": gone.found, "the version's major changes": major_changes(get, data_set)},
            action="read the data set's change log and change the dataset's question",
        ) from gone


def count(post: Callable[[str, Any], Any], data_set: DataSet, criteria: Mapping[str, Any], indicators: Sequence[str]) -> int:
    """How many results a query has, asked with a page of one.

    Raises:
        SchemaDrift: the API refuses or warns, or nothing matches.
    """
    with explained():
        answer = post(query_url(data_set.id, data_set.version), question(criteria, indicators, page=1, page_size=1))
    return _results(answer, "the answer")[1]


def pages(results: int) -> range:
    """Numbers of the pages of so many results; one for none, as the API counts."""
    return range(1, max(1, -(-results // PAGE_SIZE)) + 1)


def read_pages(meta: Meta, files: Sequence[tuple[str, Path]]) -> Iterator[tuple[str, Row]]:
    """Every result of a query's pages as (file, row).

    Args:
        meta: of the same version.
        files: (name, file) of each page, in order.

    Raises:
        UnexpectedPayload: a body that is no page, or pages that are not the whole answer.
        SchemaDrift: an id or a level that the version's description does not have, warnings, or no results.
    """
    found, totals = 0, set()
    for name, path in files:
        try:
            answer = json.loads(path.read_bytes().decode("utf-8-sig"))
        except ValueError as error:
            raise UnexpectedPayload(f"{name} is no JSON", rule="json", expected="a page of results", found=str(error), action=_LOOK) from error
        results, total = _results(answer, name)
        totals.add(total)
        for position, result in enumerate(results):
            found += 1
            yield name, _row(meta, result, f"results[{position}]")
    if totals != {found}:
        raise UnexpectedPayload(
            "the pages do not add up to the whole answer",
            rule="record_count",
            expected=f"totalResults {sorted(totals)}",
            found=f"{found:,} results on {len(files)} pages",
            action="the data set changed between two pages; it is asked again at the next tick",
        )


def read_csv(meta: Meta, name: str, path: Path) -> Iterator[Row]:
    """Every row of a whole data set's CSV.

    The transport should have unzipped it; a body that still is gzip is unzipped here. Headings are matched to the version's columns
    by name or by label, since labels are promised to nobody and which of the two is sent was read in others' code only.

    Raises:
        UnexpectedPayload: no CSV, or gzip that is damaged.
        SchemaDrift: a column of the version's description is missing.
    """
    with path.open("rb") as file:
        opened = partial(gzip.open, path, "rb") if file.read(2) == _GZIP else partial(path.open, "rb")
    try:
        header = csv_header(opened, name)
        labels = {column: one.label for column, one in meta.filters.items()}
        columns = {column: column if column in header else labels.get(column, column) for column in (*meta.filters, *meta.indicators.values())}
        places = [f"{prefix}_{part}" for level in meta.levels if level in _LEVEL_COLUMNS for prefix in [_LEVEL_COLUMNS[level][1]] for part in ("code", "name")]
        levels = {_LEVEL_COLUMNS[level][0]: level for level in meta.levels if level in _LEVEL_COLUMNS}
        for batch in read_csv_as_text(opened, ("time_period", "geographic_level", *places, *columns.values()), name):
            for record in batch.to_pylist():
                level = levels.get(record["geographic_level"])
                if level is None:
                    continue  # schools, constituencies and the like
                prefix = _LEVEL_COLUMNS[level][1]
                yield Row(
                    record["time_period"],
                    level,
                    record[f"{prefix}_code"],
                    record[f"{prefix}_name"],
                    {column: record[columns[column]] for column in meta.filters if record[columns[column]]},
                    {column: record[columns[column]] for column in meta.indicators.values()},
                    record["_source_row"],
                )
    except (OSError, EOFError, zlib.error) as error:
        raise UnexpectedPayload(
            f"{name} is gzip that breaks off or is damaged", rule="gzip_whole", expected="a gzip stream", found=str(error), action="fetch it again"
        ) from error


def _listed(get: Callable[[str], Any], address: Callable[[int], str]) -> Iterator[Mapping[str, Any]]:
    page, last = 1, 1
    while page <= last:
        answer = get(address(page))
        last = ees.member(answer, "paging", "totalPages")
        if type(last) is not int:
            raise SchemaDrift("a list has no number of pages", rule="api_results", expected="paging.totalPages", found=answer, action=_LOOK)
        yield from (item for item in ees.member(answer, "results") if isinstance(item, Mapping))
        page += 1


def _results(answer: Any, name: str) -> tuple[list[Any], int]:
    results, total = ees.member(answer, "results"), ees.member(answer, "paging", "totalResults")
    if not isinstance(results, list) or type(total) is not int:
        raise SchemaDrift(f"{name} is no page of results", rule="api_results", expected="paging.totalResults, results[]", found=answer, action=_LOOK)
    warned = [one for one in answer.get("warnings") or () if isinstance(one, Mapping)]
    if not total or warned:
        raise SchemaDrift(
            "the API found nothing for the question" if not total else "the API found only part of what was asked",
            rule="codes_asked",
            expected="results for every code, and no warning",
            found=[f"{one.get('code')}: {(one.get('detail') or {}).get('items', one.get('message', ''))}" for one in warned] or _NO_RESULTS,
            action="a code was withdrawn or renamed; compare the question with the data set's description",
        )
    return results, total


def _row(meta: Meta, result: Any, source_row: str) -> Row:
    try:
        level = result["geographicLevel"]
        code, label = meta.locations[level][result["locations"][level]]
        options = {one.id: (column, one.options) for column, one in meta.filters.items()}
        filters = {}
        for filter_id, option in result["filters"].items():
            column, labels = options[filter_id]
            filters[column] = labels[option]
        values = {meta.indicators[indicator]: str(value) for indicator, value in result["values"].items()}
        period = _academic_year(result["timePeriod"]["code"], result["timePeriod"]["period"])
    except (KeyError, TypeError, AttributeError) as error:
        raise SchemaDrift(
            "a result names what the data set's description does not have",
            rule="api_ids",
            expected="timePeriod, geographicLevel, locations, filters, values; ids of the version's description",
            found=f"{type(error).__name__} {error} in {result}",
            action="the description and the pages are of different versions, or the API changed",
        ) from error
    return Row(period, level, code, label, filters, values, source_row)


def _academic_year(code: str, period: str) -> str:
    years = re.fullmatch(r"(\d{4})/\d{2}(\d{2})", period)
    if code != "AY" or years is None:
        raise SchemaDrift("a period is no academic year", rule="period", expected="AY 2022/2023", found=f"{code} {period}", action=_LOOK)
    return years[1] + years[2]


_LOOK = "compare the answer with the API's documentation and change the client"
