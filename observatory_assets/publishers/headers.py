"""Signs of change of a single file on the web: what its publisher's response headers say, else the week.

Belongs here: reading a marker out of an answer to HEAD. Does not belong here: any address, or what the file holds.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from resources.errors import PermanentFetchError

if TYPE_CHECKING:
    from resources.http import HttpClient

SIGNS = ("etag", "last-modified", "content-length")


def sign_of_change(http: HttpClient, url: str, signs: tuple[str, ...] = SIGNS) -> tuple[str, dt.datetime | None]:
    """(marker, publication instant if one is stated) of the file at ``url``: the first of ``signs`` its headers have, else the ISO week.

    The week makes sure that an undetected change waits seven days at most; the same bytes fetched again are the same release.
    """
    try:
        headers = http.head(url)
    except PermanentFetchError:  # HEAD not allowed; if the address itself is wrong, fetching it will say so
        headers = {}
    for name in signs:
        if headers.get(name):
            return f"{name}:{headers[name]}", http_date(headers.get("last-modified", ""))
    return current_week(dt.datetime.now(dt.timezone.utc)), None


def http_date(text: str) -> dt.datetime | None:
    """A Last-Modified header as a UTC instant; None where it is none, since it only dates the release and does not decide it."""
    try:
        return parsedate_to_datetime(text).astimezone(dt.timezone.utc)
    except (TypeError, ValueError, IndexError):
        return None


def current_week(now: dt.datetime) -> str:
    """Marker of a source that shows no sign of change: "week:2026-W48"."""
    year, week, _ = now.isocalendar()
    return f"week:{year}-W{week:02}"
