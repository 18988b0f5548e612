"""The ONS release calendar, as far as it speaks of the series held here: when the next release of each is due.

Belongs here: which series are looked for and how the search's answers are read. Does not belong here: acting on a date; the
dataset's own page says when a release is out, and often only "To be announced" when the next one comes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import ons
from observatory_assets.publishers.tabular import instant, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

SERIES = {"business_demography": "business demography", "labour_demand": "labour demand"}
"""Dataset -> words its releases' titles have; the search is by meaning and gives others too, which are dropped."""
TYPES = ("published", "upcoming")
PAGE_ROWS = 1_000
"""The most that one answer may be asked to hold."""

CALENDAR = Table(
    name="ons__release_calendar",
    description="One row per series and release of it in the calendar, past or upcoming; one that is cancelled leaves these lists.",
    columns=(
        Column("series", "string", "Dataset of the observatory whose releases these are.", False, tuple(SERIES)),
        Column("uri", "string", "Page of the release on the ONS site.", False, pattern=r"/\S+"),
        Column("title", "string", "Title of the release.", False),
        Column("release_date", "timestamp", "When it was or will be published.", False),
        Column("published", "boolean", "It is out.", False),
        Column("cancelled", "boolean", "It will not come out.", False),
        Column("postponed", "boolean", "Its date was moved; NULL where the calendar does not say."),
        Column("finalised", "boolean", "Its date is confirmed; NULL where the calendar does not say."),
        Column("date_changes", "integer", "How often its date was moved.", False, minimum=0),
    ),
    keys=("series", "uri"),
    volume_tolerance=0.5,
)


def search_url(series: str, kind: str, *, limit: int = PAGE_ROWS, offset: int = 0) -> str:
    """Address of one page of a search: published releases newest first, upcoming ones soonest first."""
    order = "asc" if kind == "upcoming" else "desc"
    asked = f"limit={limit}&offset={offset}&sort=release_date_{order}&release-type=type-{kind}&query={quote(SERIES[series])}&highlight=false"
    return f"{ons.API}/search/releases?{asked}"


def find_marker(lookup: Lookup) -> Marker:
    """Of each series: how many releases are published and upcoming, postponed and cancelled, the newest and the next date.

    The calendar has no date of its own, so a release moved without becoming the next one is seen only when something else changes.
    """
    said = []
    for series in SERIES:
        for kind in TYPES:
            answer = lookup.http.get_json(search_url(series, kind, limit=1))
            first = [str(_described(release).get("release_date")) for release in _releases(answer, series)[:1]]
            counts = [str(answer["breakdown"].get(name)) for name in ("postponed", "cancelled")]
            said.append(",".join((f"{series} {kind}", str(_total(answer, series)), *counts, *first)))
    return Marker("|".join(said))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One search per series and kind, page by page."""
    resources = []
    for series in SERIES:
        for kind in TYPES:
            total = _total(lookup.http.get_json(search_url(series, kind, limit=1)), series)
            resources += [
                Resource(
                    f"{series}_{kind}_{page}.json",
                    search_url(series, kind, offset=offset),
                    starts_with=(b"{",),
                    labels={"series": series, "kind": kind, "total": str(total)},
                )
                for page, offset in enumerate(range(0, max(total, 1), PAGE_ROWS), start=1)
            ]
    return resources


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """The calendar in one batch. A release that moved from upcoming to published between two answers is taken as published.

    Raises:
        UnexpectedPayload: no JSON.
        SchemaDrift: an answer of another shape, or not as many releases as it counted.
    """
    import pyarrow as pa

    rows: dict[tuple[str, str], dict[str, Any]] = {}
    read: dict[tuple[str, str], int] = {}
    for payload in payloads:
        series, kind, told = (payload.labels[name] for name in ("series", "kind", "total"))
        try:
            answer = json.loads(payload.path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise UnexpectedPayload(
                f"{payload.name} is not JSON", rule="json", expected="a JSON document", found=str(error), action="fetch it again"
            ) from error
        releases = _releases(answer, payload.name)
        read[series, kind] = read.get((series, kind), 0) + len(releases)
        if _total(answer, payload.name) != int(told):
            raise _drift(payload.name, "record_count", f"{told} releases, as a moment before", _total(answer, payload.name))
        for place, release in enumerate(releases):
            row = _row(series, release, payload.name, place)
            if SERIES[series] in row["title"].casefold():
                held = rows.setdefault((series, row["uri"]), row)
                if row["published"] and not held["published"]:
                    rows[series, row["uri"]] = row
    wanted = {(payload.labels["series"], payload.labels["kind"]): int(payload.labels["total"]) for payload in payloads}
    if read != wanted:
        raise _drift("the calendar", "record_count", {" ".join(name): count for name, count in wanted.items()}, {" ".join(name): n for name, n in read.items()})
    yield CALENDAR.name, pa.Table.from_pylist(list(rows.values()), without_release(CALENDAR.arrow_schema()))


def _row(series: str, release: Mapping[str, Any], name: str, place: int) -> dict[str, Any]:
    described = _described(release)
    uri, title, date, changes = release.get("uri"), described.get("title"), described.get("release_date"), release.get("date_changes") or []
    flags = {flag: described.get(flag) for flag in ("published", "cancelled", "postponed", "finalised")}
    if (
        not all(isinstance(words, str) and words for words in (uri, title, date))
        or not isinstance(changes, list)
        or not all(isinstance(flags[flag], bool) for flag in ("published", "cancelled"))
        or not all(flag is None or isinstance(flag, bool) for flag in flags.values())
    ):
        raise _drift(f"{name}, releases[{place}]", "release", "uri, description.title, .release_date, .published and .cancelled", release)
    released = instant(date)
    if released is None:
        raise _drift(f"{name}, releases[{place}]", "release", "a date", date)
    return {
        "series": series,
        "uri": uri,
        "title": " ".join(title.split()),
        "release_date": released,
        **flags,
        "date_changes": len(changes),
        "_source_file": name,
        "_source_row": f"releases[{place}]",
    }


def _described(release: Mapping[str, Any]) -> Mapping[str, Any]:
    described = release.get("description")
    return described if isinstance(described, Mapping) else {}


def _releases(answer: Any, name: str) -> list[Mapping[str, Any]]:
    # Nothing found is said by a null as often as by an empty list.
    releases = (answer.get("releases") or []) if isinstance(answer, Mapping) else None
    if not isinstance(releases, list) or not all(isinstance(release, Mapping) for release in releases) or not isinstance(answer.get("breakdown"), Mapping):
        raise _drift(name, "search", "releases[{…}] and breakdown", answer)
    return releases


def _total(answer: Any, name: str) -> int:
    _releases(answer, name)
    total = answer["breakdown"].get("total")
    if type(total) is not int or total < 0:
        raise _drift(name, "search", "breakdown.total, a count", total)
    return total


def _drift(name: str, rule: str, expected: object, found: object) -> SchemaDrift:
    return SchemaDrift(
        f"the release calendar's answer about {name} is not understood",
        rule=rule,
        expected=expected,
        found=found,
        action="if the counts differ the calendar changed meanwhile: fetch again; else open the address and compare it with the contract",
    )


DATASET = Dataset(
    slug="ons_release_calendar",
    title="Release calendar of the Office for National Statistics",
    publisher="Office for National Statistics",
    landing_page=f"{ons.SITE}/releasecalendar",
    licence="OGL-UK-3.0",
    attribution=ons.ATTRIBUTION,
    description=(
        "Past and upcoming releases of labour demand and of business demography, to tell when the next one is due. Dates are provisional until "
        "`finalised` and are moved. A series whose releases have no page of their own in the calendar has no rows here."
    ),
    hosts=(ons.API_HOST,),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=31),
    tables=(CALENDAR,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Parameters and the answer's shape read in the search service's source code and in one of its test answers. The ascending order of dates is general "
        "knowledge of that service. Whether both series have calendar pages under these titles was not seen."
    ),
)
