"""Ofqual's register API: how its list of qualifications is paged and answered.

Belongs here: addresses, the size of a page, reading one page. Does not belong here: which of its fields become columns.
Keys are camelCase in the current source and PascalCase in the README's older build, so they are read without regard to case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from observatory_assets.publishers.tabular import UTF8_BOM
from resources.errors import PermanentFetchError, SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    from resources.http import HttpClient

HOST = "register-api.ofqual.gov.uk"
QUALIFICATIONS = f"https://{HOST}/api/Qualifications"
AVAILABLE = "Available to learners"
PAGE_SIZE = 1_000
"""Rows asked for at once: about 1.4 MB; the register's 52,655 are then 53 requests. The live limit is not documented."""
SMALLEST_LIMIT = 100
"""The limit in the API's source where none is configured."""

_LARGEST = re.compile(r"<=\s*([1-9][0-9]*)")


@dataclass(frozen=True)
class Page:
    """One page: how many qualifications the register has in all, and this page's, their keys in lower case."""

    count: int
    rows: tuple[Mapping[str, Any], ...]


def page_url(page: int, limit: int, **filters: str) -> str:
    """Address of a page, counted from 1."""
    return f"{QUALIFICATIONS}?{urlencode({'page': page, 'limit': limit, **filters})}"


def count(http: HttpClient, **filters: str) -> int:
    """How many qualifications the register has, from a page of one."""
    return read_page(http.get_json(page_url(1, 1, **filters)), "the register").count


def page_size(http: HttpClient, wanted: int = PAGE_SIZE) -> tuple[int, int]:
    """(rows a page may hold, qualifications in the register).

    A limit that is too high is refused with a sentence that names the highest ("Limit should be > 0 and <= N"); where the
    sentence names none, the source's own limit is asked for. A server that answers with fewer rows instead is believed.

    Raises:
        PermanentFetchError: the refusal is about something else.
        SchemaDrift: the first page is empty.
    """
    try:
        first = read_page(http.get_json(page_url(1, wanted)), "page 1")
    except PermanentFetchError as error:
        if error.http_status != 400:
            raise
        named = _LARGEST.search(error.body)
        wanted = min(wanted - 1, int(named[1])) if named else SMALLEST_LIMIT
        first = read_page(http.get_json(page_url(1, wanted)), "page 1")
    if not first.rows:
        raise SchemaDrift("the register's first page is empty", rule="not_empty", expected=f"{wanted} qualifications", found="none", action=_LOOK)
    return (wanted if first.count <= len(first.rows) else min(wanted, len(first.rows))), first.count


def read_file(path: Path, name: str) -> Page:
    """The page archived at ``path``.

    Raises:
        UnexpectedPayload: no JSON.
        SchemaDrift: see ``read_page``.
    """
    try:
        document = json.loads(path.read_bytes().removeprefix(UTF8_BOM))
    except (ValueError, RecursionError) as error:
        raise UnexpectedPayload(f"{name} is not whole JSON", rule="readable_json", found=str(error), action="fetch it again") from error
    return read_page(document, name)


def read_page(document: Any, name: str) -> Page:
    """A page's content.

    Raises:
        SchemaDrift: no object with a whole-numbered ``count`` and a list of objects ``results``.
    """
    members = _lower(document) if isinstance(document, dict) else {}
    total, rows = members.get("count"), members.get("results")
    if isinstance(total, bool) or not isinstance(total, int) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SchemaDrift(
            f"{name} is not a page of the register",
            rule="page",
            expected="an object with a number `count` and a list of objects `results`",
            found=sorted(members) or type(document).__name__,
            action=_LOOK,
        )
    return Page(total, tuple(_lower(row) for row in rows))


def whole_list(pages: Iterator[tuple[str, Page]] | list[tuple[str, Page]]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """(page's name, index in it, row) of every qualification of a list read page by page.

    Raises:
        UnexpectedPayload: the list moved while it was read: counts differ, pages overlap, or they do not add up to the count.
        SchemaDrift: a row has no number.
    """
    total: int | None = None
    seen: set[str] = set()
    last = ""
    for name, page in pages:
        if total not in (None, page.count):
            raise _moved(f"{total:,} qualifications in every page", f"{page.count:,} in {name}")
        total = page.count
        for index, row in enumerate(page.rows):
            number = row.get("qualificationnumber")
            if not isinstance(number, str) or not plain(number):
                raise SchemaDrift(f"row {index} of {name} has no qualification number", rule="number", expected="603/1234/5", found=number, action=_LOOK)
            if plain(number) in seen:
                raise _moved("each qualification once", f"{number} again in {name}")
            if index == 0 and plain(number) < last:
                raise _moved(f"pages in the order of their numbers, after {last}", f"{number} at the head of {name}")
            seen.add(plain(number))
            yield name, index, row
        last = plain(page.rows[-1]["qualificationnumber"]) if page.rows else last
    if total != len(seen):
        raise _moved(f"{total} qualifications", f"{len(seen)} in the pages together")


def plain(number: str) -> str:
    """A qualification number without obliques, as the Department's lists write it: 603/1234/X -> 6031234X."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def _lower(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in members.items()}


def _moved(expected: str, found: str) -> UnexpectedPayload:
    return UnexpectedPayload(
        "the register's pages are not one whole list",
        rule="whole_list",
        expected=expected,
        found=found,
        action="the register changed while it was read: it is fetched again at the next tick; if that fails too, look whether its order or paging changed",
    )


_LOOK = "open the archived body; if the register's API changed, change the client"
