"""Explore Education Statistics (DfE): addresses of its content API, and how its files mark what is not a number.

Belongs here: what is true of every publication there. Does not belong here: which publication, data set or columns.
The content API is the JSON behind the public site: stable in its source code, promised by nobody. Every id of a file and
of a release version changes with each amendment, so none is ever stored: they are resolved afresh for each release.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from observatory_assets.areas import Areas
from observatory_assets.publishers.tabular import LONDON, UTF8_BOM, csv_header, instant, read_csv_as_text
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

HOST = "content.explore-education-statistics.service.gov.uk"
API = f"https://{HOST}/api"

MARKERS = {"low": "low", "c": "c", "z": "z", "x": "x", "~": "low", ":": "x", "": "x"}
"""Marker in a data file -> status; "low" is a count that rounds to 0 or a rate under 0.5%."""

LEVELS = {"Local authority district": "lad", "Regional": "region", "National": "country"}
"""geographic_level kept -> prefix of its _code and _name columns."""

LSIP = {"Local skills improvement plan area": "lsip"}
"""The level of skills plan areas, which only some files have."""

AUTHORITY = {"Local authority": "new_la"}
"""The level of counties and unitary authorities; a unitary authority's code is its district's."""

_OTHER_LEVELS = (
    *("Local authority", "Parliamentary constituency", "English devolved area", "Local enterprise partnership", "Opportunity area"),
    *("Local skills improvement plan area", "School", "Provider", "Institution", "Ward", "Planning area", "MAT", "Sponsor", "RSC region"),
)

CSV_STARTS = (UTF8_BOM, b"time_period", b'"time_period')
"""How a data file begins."""


class Release(NamedTuple):
    """A publication's latest release as it stands now.

    Args:
        publication: id of the publication.
        slug: of the release.
        marker: changes with every release and every amendment.
        updated: when it last changed.
        next_expected: the announced next release.
    """

    publication: str
    slug: str
    marker: str
    updated: dt.datetime | None
    next_expected: dt.datetime | None


def latest_release(get: Callable[[str], Any], publication: str) -> Release:
    """The latest release of a publication, from its page and the release's version summary.

    Args:
        get: fetches a JSON document.
        publication: slug.
    """
    page = get(publication_url(publication))
    slug = member(page, "latestRelease", "slug")
    summary = get(version_summary_url(publication, slug))
    updated = member(summary, "lastUpdated")
    return Release(member(page, "id"), slug, f"{member(summary, 'id')}|{updated}", instant(updated), next_release(page))


def choose_data_set(
    content: Any, what: str, *, title: str, levels: Collection[str] = (), filters: Collection[str] = (), indicators: Collection[str] = ()
) -> Mapping[str, Any]:
    """A data set of a release's data-content document: by its title, else by what it holds.

    Args:
        content: the document.
        what: the data set in words, for the error.
        title: regular expression its title should match, case ignored.
        levels, filters, indicators: what it must hold at least where no title matches, in the document's own labels.

    Raises:
        SchemaDrift: no data set, or several; the error lists the titles.
    """
    data_sets = member(content, "dataSets")
    found = [one for one in data_sets if re.search(title, str(one.get("title", "")), re.IGNORECASE)]
    if not found and levels:
        found = [
            one
            for one in data_sets
            if all(
                set(wanted) <= set((one.get("meta") or {}).get(kind) or ())
                for kind, wanted in (("geographicLevels", levels), ("filters", filters), ("indicators", indicators))
            )
        ]
    if len(found) == 1:
        return found[0]
    raise SchemaDrift(
        f"{'no' if not found else 'more than one'} data set of the release is {what}",
        rule="data_set_found",
        expected=f"one whose title matches `{title}`",
        found=[one.get("title") for one in (found or data_sets)],
        action="find the file on the publication's page and correct the search",
    )


def newest_with(get: Callable[[str], Any], publication: str, latest: str, choose: Callable[[Any], Mapping[str, Any]]) -> tuple[str, Mapping[str, str]]:
    """Address and labels (release, updated) of a data set in the newest of the last three releases that has it; the first of a year may not.

    Args:
        get: fetches a JSON document.
        publication, latest: slugs of the publication and of its latest release.
        choose: picks the data set of a data-content document, as ``choose_data_set``.

    Raises:
        SchemaDrift: none of them has it; the error is that of the latest release.
    """
    refusals: list[SchemaDrift] = []
    releases = iter([latest])
    for _ in range(3):
        release = next(releases, None)
        if release is None and len(refusals) == 1:
            # The list of releases is asked for only where the latest has not got it.
            releases = earlier_releases(get(releases_url(publication)), latest)
            release = next(releases, None)
        if release is None:
            break
        content = get(data_content_url(publication, release))
        try:
            file = member(choose(content), "fileId")
        except SchemaDrift as error:
            refusals.append(error)
            continue
        updated = member(get(version_summary_url(publication, release)), "lastUpdated")
        return file_url(member(content, "releaseVersionId"), file), {"release": release, "updated": updated}
    raise refusals[0]


def read_places(
    path: Path, name: str, columns: Sequence[str], areas: Collection[str], *, levels: Mapping[str, str] = LEVELS, optional: Sequence[str] = ()
) -> Iterator[pa.Table]:
    """The rows of a data file about some areas, as text, batch by batch.

    Args:
        path, name: the file and what errors call it.
        columns: its columns that are wanted, besides time_period and those of the area.
        areas: ONS codes of the areas wanted, regions and England among them.
        levels: levels wanted, as LEVELS.
        optional: columns wanted where the file has them.

    Returns:
        Tables of time_period, geographic_level, area_code, area_name, the columns, and ``_source_row``.

    Raises:
        SchemaDrift: columns missing, or a geographic level nobody has heard of.
        UnexpectedPayload: no CSV.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    source = partial(path.open, "rb")
    header = csv_header(source, name)
    # A file of national rows alone has no columns for districts.
    held = {level: prefix for level, prefix in levels.items() if f"{prefix}_code" in header}
    # Local authorities have the columns new_la_code and la_name.
    named = {level: {"code": f"{prefix}_code", "name": f"{prefix.removeprefix('new_')}_name"} for level, prefix in held.items()}
    places = [column for columns_of in named.values() for column in columns_of.values()]
    optional = [column for column in optional if column in header]
    for batch in read_csv_as_text(source, ("time_period", "geographic_level", *places, *columns, *optional), name):
        found = set(batch["geographic_level"].unique().to_pylist())
        if unknown := found - {*LEVELS, *LSIP, *_OTHER_LEVELS}:
            raise SchemaDrift(
                f"{name} has an unknown geographic level",
                rule="geographic_level",
                expected=[*LEVELS, *LSIP, *_OTHER_LEVELS],
                found=sorted(unknown),
                action="decide whether its rows are kept or dropped",
            )
        if without := sorted(f"{prefix}_code" for level, prefix in levels.items() if level in found and level not in held):
            raise SchemaDrift(
                f"{name} lacks or repeats column(s) {', '.join(without)}",
                rule="columns",
                expected=without,
                found=header,
                action="compare the publisher's new layout with the dataset's contract and change the parser",
            )
        if not held:
            continue
        batch = batch.filter(pc.is_in(batch["geographic_level"], pa.array(list(held))))
        which = pc.make_struct(*(pc.equal(batch["geographic_level"], level) for level in held))
        for part in ("code", "name"):
            batch = batch.append_column(f"area_{part}", pc.case_when(which, *(batch[columns_of[part]] for columns_of in named.values())))
        yield batch.filter(pc.is_in(batch["area_code"], pa.array(sorted(areas), pa.string()))).drop_columns(places)


def asked_areas(areas: Areas) -> dict[str, list[str]]:
    """Codes of the areas of interest by level as the public API calls it: districts of every area, plan areas, regions, countries."""
    kinds = {"LSIP": "LSIP", "region": "REG", "country": "NAT"}
    asked: dict[str, list[str]] = {"LAD": sorted({code for area in areas.areas for code in area.districts})}
    for area in areas.areas:
        if area.area_type in kinds:
            asked.setdefault(kinds[area.area_type], []).append(area.code)
    return asked


def check_areas(found: Collection[str], asked: Collection[str], name: str) -> None:
    """Refuse a file without a row for some area asked.

    Raises:
        SchemaDrift: areas are missing.
    """
    if missing := set(asked) - set(found):
        raise SchemaDrift(
            f"{name} has no row for some areas",
            rule="codes_asked",
            expected=f"rows of {len(set(asked))} areas",
            found=f"none of {', '.join(sorted(missing))}",
            action="an area was recoded or left out; compare the file with the area seeds",
        )


def publication_url(publication: str) -> str:
    """Address of a publication: its latest release and next release date."""
    return f"{API}/publications/{publication}"


def releases_url(publication: str) -> str:
    """Address of a publication's releases, newest first."""
    return f"{API}/publications/{publication}/releases"


def version_summary_url(publication: str, release: str) -> str:
    """Address of a release's version summary, whose id and lastUpdated change with every amendment."""
    return f"{API}/publications/{publication}/releases/{release}/version-summary"


def data_content_url(publication: str, release: str) -> str:
    """Address of the list of a release's data sets and supporting files."""
    return f"{API}/publications/{publication}/releases/{release}/data-content"


def data_set_files_url(publication: str, page: int) -> str:
    """Address of a page of the data sets of a publication (by id) that the public API serves too, with their ids there."""
    return f"{API}/data-set-files?publicationId={publication}&latestOnly=true&dataSetType=Api&page={page}&pageSize=40"


def file_url(release_version: str, file: str) -> str:
    """Address of one file of a release version."""
    return f"{API}/releases/{release_version}/files/{file}"


def member(document: Any, *path: str) -> Any:
    """A nested member of an answer.

    Raises:
        SchemaDrift: it is not there; the error names the path and the members found.
    """
    value = document
    for name in path:
        if not isinstance(value, Mapping) or value.get(name) is None:
            raise SchemaDrift(
                f"an answer of the content API lacks {'.'.join(path)}",
                rule="content_api",
                expected=".".join(path),
                found=sorted(value) if isinstance(value, Mapping) else value,
                action="the content API changed; compare it with the publication's page and change the client",
            )
        value = value[name]
    return value


def next_release(publication: Any) -> dt.datetime | None:
    """The announced next release at 09:30 UK time; the month's last day where no day is given, None where no month is."""
    date = publication.get("nextReleaseDate") or {}
    if not date.get("year") or not date.get("month"):
        return None
    year, month = int(date["year"]), int(date["month"])
    day = int(date.get("day") or calendar.monthrange(year, month)[1])
    return instant(f"{year:04}-{month:02}-{day:02}T09:30:00", LONDON)


def earlier_releases(releases: Any, latest: str) -> Iterator[str]:
    """Slugs of the releases before the latest, newest first (drafts have no ``published``)."""
    listed = [item for item in releases if isinstance(item, Mapping) and item.get("slug") and item.get("published")]
    for item in sorted(listed, key=lambda item: str(item["published"]), reverse=True):
        if item["slug"] != latest:
            yield item["slug"]


def is_part_year(time_period: str, updated: dt.datetime | None) -> bool | None:
    """Whether figures of an academic year are year-to-date, which the files do not say: 202526 of a March 2026 file is.

    Args:
        time_period: "202425" (August 2024 to July 2025).
        updated: when the release version that carries it was published.

    Returns:
        True before the year has ended (1 August), False from the November that brings final full-year figures,
        None between the two or where either argument says nothing.
    """
    if updated is None or not (len(time_period) == 6 and time_period.isdigit()):
        return None
    ends = dt.datetime(int(time_period[:4]) + 1, 8, 1, tzinfo=LONDON)
    if updated < ends:
        return True
    return False if updated >= ends.replace(month=11) else None
