"""What is true of every publication of Explore Education Statistics."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import instant
from resources.errors import SchemaDrift

UTC = dt.timezone.utc


def test_a_timestamp_of_seven_fraction_digits_is_read_and_the_year_one_is_no_date():
    assert instant("2026-03-26T09:30:13.7836669+00:00") == dt.datetime(2026, 3, 26, 9, 30, 13, 783666, UTC)
    assert instant("2026-07-02T09:30:00.1Z") == dt.datetime(2026, 7, 2, 9, 30, 0, 100_000, UTC)
    assert instant("2018-05-24") == dt.datetime(2018, 5, 24, tzinfo=UTC)
    assert instant("0001-01-01T00:00:00") is None and instant("") is None and instant(None) is None
    for text in ("26/03/2026", "2026-13-01", "soon"):
        with pytest.raises(SchemaDrift, match="date"):
            instant(text)


def test_the_next_release_is_half_past_nine_in_london_on_the_stated_day_or_the_end_of_the_stated_month(recorded):
    publication = json.loads((recorded / "constructed" / "ees" / "content_publication.json").read_text())
    assert ees.next_release(publication) == dt.datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    assert ees.next_release({"nextReleaseDate": {"year": "2026", "month": "7", "day": "16"}}) == dt.datetime(2026, 7, 16, 8, 30, tzinfo=UTC)
    assert ees.next_release({"nextReleaseDate": {"year": 2027, "month": 2}}) == dt.datetime(2027, 2, 28, 9, 30, tzinfo=UTC)
    assert ees.next_release({"nextReleaseDate": {"year": 2027}}) is None
    assert ees.next_release({}) is None


def test_earlier_releases_come_newest_first_without_drafts_legacy_links_or_the_latest():
    releases = [
        {"slug": "2023-24", "published": "2024-01-25T09:30:00Z"},
        {"slug": "2025-26", "published": "2026-01-29T09:30:00Z"},
        {"slug": "2026-27", "published": None},
        {"title": "Before 2018", "url": "https://www.gov.uk/x"},
        {"slug": "2024-25", "published": "2025-01-30T09:30:00Z"},
    ]
    assert list(ees.earlier_releases(releases, "2025-26")) == ["2024-25", "2023-24"]


@pytest.mark.parametrize(
    ("period", "updated", "expected"),
    [
        ("202526", dt.datetime(2026, 3, 26, tzinfo=UTC), True),
        ("202526", dt.datetime(2026, 9, 1, tzinfo=UTC), None),
        ("202526", dt.datetime(2026, 11, 19, tzinfo=UTC), False),
        ("202425", dt.datetime(2026, 3, 26, tzinfo=UTC), False),
        ("2024", dt.datetime(2026, 3, 26, tzinfo=UTC), None),
        ("202526", None, None),
    ],
)
def test_a_year_is_known_to_be_unfinished_until_it_ends_and_finished_from_november(period, updated, expected):
    assert ees.is_part_year(period, updated) is expected


@pytest.mark.parametrize("document", [{}, {"latestRelease": None}, {"latestRelease": {"id": "x"}}, [], None, "x"])
def test_a_missing_member_is_named(document):
    with pytest.raises(SchemaDrift, match="latestRelease.slug"):
        ees.member(document, "latestRelease", "slug")
