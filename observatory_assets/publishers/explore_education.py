"""Explore Education Statistics (DfE): addresses of its content API, and how its files mark what is not a number.

Belongs here: what is true of every publication there. Does not belong here: which publication, data set or columns.
The content API is the JSON behind the public site: stable in its source code, promised by nobody. Every id of a file and
of a release version changes with each amendment, so none is ever stored: they are resolved afresh for each release.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from observatory_assets.publishers.tabular import LONDON, instant
from resources.errors import SchemaDrift

HOST = "content.explore-education-statistics.service.gov.uk"
API = f"https://{HOST}/api"

MARKERS = {"low": "low", "c": "c", "z": "z", "x": "x", "~": "low", ":": "x", "": "x"}
"""Marker in a data file -> status; "low" is a count that rounds to 0 or a rate under 0.5%."""

LEVELS = {"Local authority district": "lad", "Regional": "region", "National": "country"}
"""geographic_level kept -> prefix of its _code and _name columns."""


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
