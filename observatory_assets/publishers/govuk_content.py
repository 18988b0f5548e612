"""GOV.UK's content API: what a publication page says of itself and which files hang on it.

Belongs here: reading one content item of https://www.gov.uk/api/content/<path>. Does not belong here: which files a dataset
wants, or what is in them.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from observatory_assets.publishers.tabular import instant
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    from resources.http import HttpClient

SITE = "https://www.gov.uk"
HOSTS = ("www.gov.uk", "assets.publishing.service.gov.uk")

_LINK = re.compile(r"<a\s[^>]*?href=\"([^\"]+)\"[^>]*>(.*?)</a>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Attachment:
    """A file of a publication; its address changes whenever the file is replaced."""

    title: str
    url: str

    @property
    def filename(self) -> str:
        return PurePosixPath(unquote(urlsplit(self.url).path)).name


@dataclass(frozen=True)
class Publication:
    """A publication page: ``marker`` is ``public_updated_at`` as written, ``updated_at`` the same instant in UTC."""

    marker: str
    updated_at: dt.datetime
    attachments: tuple[Attachment, ...]


def fetch_publication(http: HttpClient, path: str) -> Publication:
    """Ask for one publication, e.g. ``/government/publications/labour-market-and-skills-projections-2020-to-2035``.

    Raises:
        SchemaDrift: the content item is not a publication of the known form (a redirect has no ``public_updated_at``).
        ObservatoryError: whatever the client raises.
    """
    return read_publication(http.get_json(f"{SITE}/api/content{path}"))


def read_publication(item: Any) -> Publication:
    """Read a content item.

    Args:
        item: the parsed JSON document. Files are in ``details.attachments``; pages published before GOV.UK had that list
            carry them only as HTML in ``details.documents``, so links there are added, each address once.

    Raises:
        SchemaDrift: a member is missing or of another type.
    """
    stated = _member(item, "public_updated_at", str)
    updated = instant(stated)
    if updated is None:
        raise _drift("public_updated_at", "an ISO 8601 instant", stated)
    details = _member(item, "details", dict)
    titles: dict[str, str] = {}
    for attachment in _list(details, "attachments", dict):
        titles.setdefault(urljoin(SITE, _member(attachment, "url", str)), str(attachment.get("title") or ""))
    for fragment in _list(details, "documents", str):
        for href, label in _LINK.findall(fragment):
            url = urljoin(SITE, html.unescape(href))
            if urlsplit(url).hostname in HOSTS:  # the fragments also hold mailto: links for accessible copies
                titles[url] = titles.get(url) or " ".join(html.unescape(re.sub(r"<[^>]*>", " ", label)).split())
    return Publication(stated, updated, tuple(Attachment(title, url) for url, title in titles.items()))


def _member(item: Any, name: str, kind: type) -> Any:
    value = item.get(name) if isinstance(item, Mapping) else None
    if not isinstance(value, kind):
        found = sorted(map(str, item)) if isinstance(item, Mapping) else type(item).__name__
        raise _drift(name, kind.__name__, value if value is not None else found)
    return value


def _list(details: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    """The list under ``name``, empty where the page has none."""
    if details.get(name) is None:
        return []
    values = _member(details, name, list)
    if not all(isinstance(value, kind) for value in values):
        raise _drift(f"details.{name}", f"a list of {kind.__name__}", values)
    return values


def _drift(member: str, expected: object, found: object) -> SchemaDrift:
    return SchemaDrift(
        f"GOV.UK's content item has no usable `{member}`",
        rule="govuk_content_item",
        expected=expected,
        found=found,
        action="open the publication's page and its /api/content/ address; the page may have moved or been withdrawn",
    )
