"""Sample of the ONS release calendar: invented releases of the series looked for, on the dates the other samples tell of.

Belongs here: the search's answers. Does not belong here: which searches are made: they are the dataset's own.
Phase 2 has labour demand's October release published and the one after it postponed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from observatory_assets.datasets.ons_release_calendar import PAGE_ROWS, SERIES, TYPES, search_url
from observatory_assets.sample.recording import Entry

_TITLES = {
    "labour_demand": "Labour demand volumes by Standard Occupation Classification (SOC 2020), UK",
    "business_demography": "Business demography, UK",
}
_RELEASES = {
    # phase: (series, what is appended to the title, date, published, cancelled, postponed from)
    1: (
        ("labour_demand", "July 2026", "2026-08-21T08:30:00.000Z", True, False, None),
        ("labour_demand", "August 2026", "2026-09-25T08:30:00.000Z", True, False, None),
        ("labour_demand", "September 2026", "2026-10-23T08:30:00.000Z", False, False, None),
        ("labour_demand", "October 2026", "2026-11-27T09:30:00.000Z", False, False, None),
        ("business_demography", "2024", "2025-11-19T09:30:00.000Z", True, False, None),
        ("business_demography", "2025", "2026-11-18T09:30:00.000Z", False, False, None),
    ),
    2: (
        ("labour_demand", "July 2026", "2026-08-21T08:30:00.000Z", True, False, None),
        ("labour_demand", "August 2026", "2026-09-25T08:30:00.000Z", True, False, None),
        ("labour_demand", "September 2026", "2026-10-23T08:30:00.000Z", True, False, None),
        ("labour_demand", "October 2026", "2026-12-04T09:30:00.000Z", False, False, "2026-11-27T09:30:00.000Z"),
        ("business_demography", "2024", "2025-11-19T09:30:00.000Z", True, False, None),
        ("business_demography", "2025", "2026-11-18T09:30:00.000Z", False, False, None),
    ),
}


def entries(phase: int) -> Iterator[Entry]:
    """Each search, once for its count and once whole; nothing in phase 3."""
    if phase not in _RELEASES:
        return
    for series in SERIES:
        for kind in TYPES:
            found = [_release(*release) for release in _RELEASES[phase] if release[0] == series and release[3] == (kind == "published")]
            found.sort(key=lambda release: release["description"]["release_date"], reverse=kind == "published")
            # The search is by meaning: it brings what only sounds alike.
            found.append(_release(series, "", "2026-09-01T08:30:00.000Z", kind == "published", False, None, title="Trade in goods, demand and business"))
            postponed = sum(bool(release["date_changes"]) for release in found)
            for limit in (1, PAGE_ROWS):
                parts = urlsplit(search_url(series, kind, limit=limit))
                answer = {"took": 11, "breakdown": {"total": len(found), "postponed": postponed, "cancelled": 0}, "releases": found[:limit]}
                yield Entry(parts.hostname, parts.path, json.dumps(answer).encode(), query=dict(parse_qsl(parts.query)))


def _release(series: str, period: str, date: str, published: bool, cancelled: bool, moved_from: str | None, title: str | None = None) -> dict[str, Any]:
    slug = (title or f"{series}{period}").replace("_", "").replace(" ", "").replace(",", "").lower()
    return {
        "uri": f"/releases/sample{slug}",
        "date_changes": [{"previous_date": moved_from, "change_notice": "moved"}] if moved_from else [],
        "description": {
            "title": title or f"{_TITLES[series]}: {period}",
            "summary": "Invented.",
            "release_date": date,
            "published": published,
            "cancelled": cancelled,
            "finalised": published,
            "postponed": bool(moved_from),
            "census": False,
        },
    }
