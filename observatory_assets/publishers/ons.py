"""The ONS website: which edition of a dataset is current, where its file is, and what the release calendar holds.

Belongs here: dataset landing pages, edition pages and the search of releases. Does not belong here: what is in any file.
ONS retired the JSON form (`<page>/data`) of most pages in November 2025 but says that dataset pages keep it, and gives
https://api.beta.ons.gov.uk/v1/data?uri=<page> instead: both are asked, in that order, and the web page itself last.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observatory_assets.publishers.tabular import LONDON, instant
from resources.errors import ObservatoryError, PermanentFetchError, SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    from resources.http import HttpClient

HOST = "www.ons.gov.uk"
SITE = f"https://{HOST}"
API_HOST = "api.beta.ons.gov.uk"
API = f"https://{API_HOST}/v1"
HOSTS = (HOST, API_HOST)
ATTRIBUTION = "Source: Office for National Statistics licensed under the Open Government Licence v.3.0."

_FILE_LINK = re.compile(r"href=[\"'](/file\?uri=[^\"']+\.xlsx?)[\"']", re.IGNORECASE)
_LOOK = "open the dataset's page; if ONS changed it, the publisher's client needs an update"


@dataclass(frozen=True)
class Edition:
    """The current edition of a dataset.

    Args:
        uri: of the edition, e.g. ``/…/january2017tojuly2026``; the slug changes with every edition.
        marker: changes with every edition and every correction, which keeps the edition and adds a version.
        file_url: where its first file is.
        released_on: day of publication in the United Kingdom, None if the page does not say.
        released_at: the best known instant of publication: the last correction's, else 9.30 of ``released_on``, when ONS publishes.
        next_expected: 9.30 of the day announced for the next edition, None for "To be announced" and the like.
    """

    uri: str
    marker: str
    file_url: str
    released_on: dt.date | None
    released_at: dt.datetime | None
    next_expected: dt.datetime | None

    @property
    def slug(self) -> str:
        """Last part of the uri, which usually names the period covered."""
        return self.uri.rstrip("/").rpartition("/")[2]


def find_edition(http: HttpClient, page: str) -> Edition:
    """The current edition of the dataset whose landing page is ``page`` (a path from / on).

    Raises:
        SchemaDrift: the page is found but not understood, or it has no file.
        ObservatoryError: whatever the client raises.
    """
    try:
        landing = _document(http, page)
    except (PermanentFetchError, UnexpectedPayload) as error:
        return _edition_of_web_page(http, page, error)
    listed = landing.get("datasets") or ()
    if not isinstance(listed, list | tuple) or not all(isinstance(item, Mapping) and isinstance(item.get("uri"), str) for item in listed):
        raise _drift(page, "datasets[{uri}]", landing.get("datasets"))
    # Old pages have no editions and carry the file themselves.
    return read_edition(landing, _document(http, listed[0]["uri"]) if listed else landing)


def read_edition(landing: Mapping[str, Any], edition: Mapping[str, Any]) -> Edition:
    """An edition from the JSON of its dataset's landing page and its own.

    Raises:
        SchemaDrift: no uri, no file, or a date that is none.
    """
    uri = edition.get("uri")
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise _drift("the edition's page", "a uri from / on", uri)
    downloads = edition.get("downloads")
    file = downloads[0].get("file") if isinstance(downloads, list) and downloads and isinstance(downloads[0], Mapping) else None
    if not isinstance(file, str) or not file:
        raise _drift(uri, "downloads[0].file", downloads)
    described, announced = (_mapping(document.get("description")) for document in (edition, landing))
    stated = described.get("releaseDate") or announced.get("releaseDate")
    released_on = release_day(stated)
    versions = edition.get("versions") or []
    if not isinstance(versions, list):
        raise _drift(uri, "a list of versions", versions)
    last = _mapping(versions[-1]).get("updateDate") if versions else None
    corrected = instant(_text(uri, last)) if last else None
    return Edition(
        uri=uri,
        marker="|".join((uri, _text(uri, stated) if stated else "", str(len(versions)), str(last or ""))),
        file_url=f"{SITE}/file?uri={file if file.startswith('/') else f'{uri}/{file}'}",
        released_on=released_on,
        # A superseded version's updateDate is when it was replaced, that is when the current one came.
        released_at=corrected or at_publication(released_on),
        next_expected=at_publication(next_release(announced.get("nextRelease"))),
    )


def release_day(text: Any) -> dt.date | None:
    """Day of a ``releaseDate``, which is the UTC instant of local midnight: 2026-08-20T23:00:00.000Z is 21 August.

    Raises:
        SchemaDrift: not an ISO instant.
    """
    found = instant(_text("releaseDate", text)) if text else None
    return found.astimezone(LONDON).date() if found else None


def next_release(text: Any) -> dt.date | None:
    """Day of a ``nextRelease``, which is free text: "12 August 2015" is one, "To be announced", "Discontinued" and "" are none."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    for form in ("%d %B %Y", "%d %b %Y"):
        try:
            return dt.datetime.strptime(words, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def at_publication(day: dt.date | None) -> dt.datetime | None:
    """9.30 in London of that day, when ONS publishes, as a UTC instant."""
    return dt.datetime.combine(day, dt.time(9, 30), LONDON).astimezone(dt.timezone.utc) if day else None


def _document(http: HttpClient, uri: str) -> Mapping[str, Any]:
    """The JSON of a page, from the site or from the address that replaces it."""
    try:
        document = http.get_json(f"{SITE}{uri}/data")
    except (PermanentFetchError, UnexpectedPayload):
        document = http.get_json(f"{API}/data?uri={uri}")
    if not isinstance(document, Mapping):
        raise _drift(uri, "a JSON object", type(document).__name__)
    return document


def _edition_of_web_page(http: HttpClient, page: str, reason: ObservatoryError) -> Edition:
    """The first Excel file a landing page links to; the page as a person sees it has no date that can be relied on."""
    link = _FILE_LINK.search(http.get_page(f"{SITE}{page}"))
    if link is None:
        raise _drift(page, 'a link to "/file?uri=….xlsx"', f"none; and its JSON: {reason.problem}")
    address = html.unescape(link[1])
    uri = address.partition("uri=")[2].rpartition("/")[0]
    return Edition(uri, f"{address}|||", f"{SITE}{address}", None, None, None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _drift(where, "a text", value)
    return value


def _drift(where: str, expected: object, found: object) -> SchemaDrift:
    return SchemaDrift(f"ONS's answer about {where} is not understood", rule="ons_page", expected=expected, found=found, action=_LOOK)
