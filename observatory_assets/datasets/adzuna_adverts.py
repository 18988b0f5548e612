"""Counts of Adzuna's online job adverts by district and search term: optional, keyed, off unless the operator sets both keys.

Belongs here: which places and terms are asked, and the counts. Does not belong here: adverts. Each answer carries one advert, the fewest
the API is known to give; it stays in the archived answer and is never read.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from observatory_assets.areas import Areas
from observatory_assets.datasets.contract import STATUSES, Column, Credential, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers.headers import current_week
from observatory_assets.publishers.tabular import LONDON, UTF8_BOM, without_release
from resources.errors import PermanentFetchError, SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

HOST = "api.adzuna.com"
SEARCH = f"https://{HOST}/v1/api/jobs/gb/search/1"
ALL = "Total"
"""The term of the count of every advert of a place, asked without words."""

# One everyday title per SOC 2020 sub-major group: nine districts and 27 questions stay under Adzuna's 250 requests a day.
TERMS = {
    "11": "operations manager",
    "12": "restaurant manager",
    "21": "engineer",
    "22": "nurse",
    "23": "teacher",
    "24": "accountant",
    "31": "engineering technician",
    "32": "pharmacy technician",
    "33": "firefighter",
    "34": "graphic designer",
    "35": "data analyst",
    "41": "administrator",
    "42": "receptionist",
    "51": "gardener",
    "52": "electrician",
    "53": "bricklayer",
    "54": "chef",
    "61": "care assistant",
    "62": "hairdresser",
    "63": "civil enforcement officer",
    "71": "sales assistant",
    "72": "customer service adviser",
    "81": "machine operator",
    "82": "HGV driver",
    "91": "packer",
    "92": "cleaner",
}
DAILY_LIMIT = 250

COUNTS = Table(
    name="adzuna__advert_counts",
    description="One row per district and search term: how many adverts Adzuna found on the day.",
    columns=(
        Column("counted_on", "string", "Day of the count.", nullable=False, pattern=r"\d{4}-\d{2}-\d{2}"),
        Column("area_code", "string", "District asked for, by name.", nullable=False),
        Column("place", "string", "Name it was asked by.", nullable=False),
        Column("term", "string", f"Words searched for; {ALL} for none.", nullable=False),
        Column("sub_major", "string", f"SOC 2020 sub-major group the words are an example of; NULL for {ALL}.", pattern=r"\d{2}"),
        Column("value", "float", "Adverts found; NULL unless the status carries a value.", minimum=0),
        Column("status", "string", "low_reliability, or x where Adzuna finds no advert at all: it does not know the place.", nullable=False, allowed=STATUSES),
    ),
    keys=("area_code", "term"),
    complete_by=("area_code", "term"),
    period_column="counted_on",
)


def find_marker(lookup: Lookup) -> Marker:
    """The ISO week, without asking anyone: counts change every minute, and one a week keeps to Adzuna's limits."""
    return Marker(current_week(dt.datetime.now(dt.timezone.utc)))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One question per district and term, after one that tells whether the keys are accepted.

    Raises:
        PermanentFetchError: Adzuna refuses the keys.
    """
    resources = build_resources(lookup.areas)
    try:
        lookup.http.get_json(resources[0].url)
    except PermanentFetchError as error:
        if getattr(error, "http_status", None) not in (401, 403):
            raise
        raise PermanentFetchError(
            "Adzuna refuses the keys",
            rule="credentials",
            expected="an application id and key that Adzuna accepts",
            found=error.found,
            action="compare OBSERVATORY_ADZUNA_APP_ID and OBSERVATORY_ADZUNA_APP_KEY with your account on developer.adzuna.com; a trial ends after 14 days",
        ) from error
    return resources


def build_resources(areas: Areas) -> list[Resource]:
    """The questions about as many districts as the day's limit allows, in the order of the seeds; nine with 27 questions each.

    A district that is added when the day is full is not asked about, rather than no district at all; the grid of areas and periods in data_quality says so.
    """
    questions = [(ALL, ""), *((term, sub_major) for sub_major, term in TERMS.items())]
    # One question less, since the first is asked beforehand to see whether the keys are accepted.
    places = [(area.code, area.name) for area in areas.districts()][: (DAILY_LIMIT - 1) // len(questions)]
    return [
        Resource(
            f"{code}_{sub_major or 'all'}.json",
            f"{SEARCH}?{urlencode({'results_per_page': 1, 'where': name, **({'what': term} if sub_major else {})}, quote_via=quote)}",
            starts_with=(b"{", UTF8_BOM + b"{"),
            labels={"area": code, "place": name, "term": term, "sub_major": sub_major},
        )
        for code, name in places
        for term, sub_major in questions
    ]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch. A place of which Adzuna finds no advert at all is one it does not know, so none of its counts is a zero.

    Raises:
        UnexpectedPayload: an answer that is no JSON.
        SchemaDrift: an answer without a whole-numbered count, or a place without its count of all adverts.
    """
    import pyarrow as pa

    counts = {(payload.labels["area"], payload.labels["term"]): _count(payload) for payload in payloads}
    if lacking := sorted({area for area, _ in counts if (area, ALL) not in counts}):
        raise SchemaDrift("a place has no count of all its adverts", rule="codes_asked", expected=f"the term {ALL}", found=lacking, action="fetch it again")
    day = max(payload.retrieved_at for payload in payloads).astimezone(LONDON).date().isoformat()
    rows = []
    for payload in payloads:
        area, term = payload.labels["area"], payload.labels["term"]
        known = counts[area, ALL] > 0
        rows.append(
            {
                "counted_on": day,
                "area_code": area,
                "place": payload.labels["place"],
                "term": term,
                "sub_major": payload.labels["sub_major"] or None,
                "value": float(counts[area, term]) if known else None,
                "status": "low_reliability" if known else "x",
                "_source_file": payload.name,
                "_source_row": "count",
            }
        )
    yield COUNTS.name, pa.Table.from_pylist(rows, without_release(COUNTS.arrow_schema()))


def _count(payload: Payload) -> int:
    try:
        document: Any = json.loads(payload.path.read_bytes().removeprefix(UTF8_BOM))
    except (ValueError, RecursionError) as error:
        raise UnexpectedPayload(f"{payload.name} is not whole JSON", rule="readable_json", found=str(error), action="fetch it again") from error
    count = document.get("count") if isinstance(document, dict) else None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**53:
        raise SchemaDrift(
            f"{payload.name} has no count",
            rule="count",
            expected="an object with a whole number `count`",
            found=sorted(document) if isinstance(document, dict) else type(document).__name__,
            action="open the archived answer; if the API changed, change the parser",
        )
    return count


DATASET = Dataset(
    slug="adzuna_adverts",
    title="Adzuna: counts of online job adverts",
    publisher="Adzuna",
    landing_page="https://developer.adzuna.com/",
    licence="Adzuna API terms of service",
    attribution="Jobs by Adzuna (https://www.adzuna.co.uk).",
    description=(
        "How many adverts Adzuna shows for each district, in all and for one everyday job title per SOC 2020 sub-major group. Off unless "
        "OBSERVATORY_ADZUNA_APP_ID and OBSERVATORY_ADZUNA_APP_KEY are set. Read the terms first: they allow personal research, give organisations a "
        "14-day trial, and forbid ongoing work with counts without written consent. About 240 questions once a week, 2.5 seconds apart, within the "
        "default limits (25 a minute, 250 a day). A search term is an example of its group, not the group; places overlap, since a search takes in "
        "their surroundings, so districts are never summed; adverts are repeated and stay up. Not comparable with the ONS series. The day's 250 requests "
        "are enough for nine districts, the first of the seeds."
    ),
    hosts=(HOST,),
    cadence=dt.timedelta(days=7),
    publication_delay=dt.timedelta(days=7),
    tables=(COUNTS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Parameters and fields from a third party's client of 2026, limits from the terms of service; the answers at hand are constructed. Whether Adzuna "
        "knows every district by name is not known: a place without any advert is given as not available, not as zero."
    ),
    credentials=(Credential("adzuna_app_id", parameter="app_id"), Credential("adzuna_app_key", parameter="app_key")),
    seconds_between_requests=2.5,
)
