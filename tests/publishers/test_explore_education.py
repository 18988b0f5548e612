"""What is true of every publication of Explore Education Statistics."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from observatory_assets.areas import Areas
from observatory_assets.publishers import explore_education as ees
from observatory_assets.publishers.tabular import instant
from resources.errors import SchemaDrift
from resources.settings import Settings

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


def test_the_latest_release_is_known_by_its_version_and_last_update(recorded):
    constructed = recorded / "constructed" / "ees"
    answers = {
        ees.publication_url("apprenticeships"): "content_publication.json",
        ees.version_summary_url("apprenticeships", "2025-26"): "content_release_version-summary.json",
    }
    release = ees.latest_release(lambda url: json.loads((constructed / answers[url]).read_text()), "apprenticeships")
    assert (release.publication, release.slug) == ("412d8090-ab45-455a-c176-08dbf5ab522b", "2025-26")
    assert release.marker == "462edbbd-6f41-40ca-b054-4e07f76ea292|2026-03-26T09:30:13.7836669+00:00"


def test_a_data_set_is_chosen_by_title_else_by_what_it_holds_and_never_one_of_two():
    meta = {"geographicLevels": ["National", "Regional"], "filters": ["Sex"], "indicators": ["Starts"]}
    content = {"dataSets": [{"title": "Places and Ages", "meta": meta}, {"title": "Places and sexes", "meta": meta | {"filters": []}}, {"title": "Bare"}]}

    def choose(title, **held):
        return ees.choose_data_set(content, "wanted", title=title, **held)["title"]

    assert choose("and ages$") == "Places and Ages"
    assert choose("unheard of", levels=("National",), filters=("Sex",)) == "Places and Ages"
    for title, held in (("unheard of", {}), ("unheard of", {"levels": ("Ward",)}), ("^places", {}), ("unheard of", {"levels": ("National",)})):
        with pytest.raises(SchemaDrift, match="data set of the release is wanted"):
            choose(title, **held)


def test_rows_of_some_areas_are_read_whatever_columns_of_places_the_file_has(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_period,geographic_level,country_code,country_name,starts\n202425,National,E92000001,England,5\n202425,National,K02000001,UK,9\n")
    [table] = ees.read_places(path, "a.csv", ("starts",), {"E92000001"}, optional=("sex",))
    assert table.to_pylist() == [
        {"time_period": "202425", "geographic_level": "National", "starts": "5", "_source_row": "2", "area_code": "E92000001", "area_name": "England"}
    ]
    path.write_text("time_period,geographic_level,new_la_code,la_name,starts\n202425,Local authority,E06000016,Leicester,5\n202425,Provider,,,9\n")
    [table] = ees.read_places(path, "a.csv", ("starts",), {"E06000016"}, levels=ees.AUTHORITY)
    assert (table["area_code"].to_pylist(), table["area_name"].to_pylist()) == (["E06000016"], ["Leicester"])
    with pytest.raises(SchemaDrift, match="lacks or repeats"):
        list(ees.read_places(path, "a.csv", ("starts",), {"E06000016"}, levels=ees.LSIP | {"Local authority": "la"}))


def test_every_district_of_every_area_is_asked_and_each_wider_area_at_its_own_level():
    areas = Areas.from_seeds(Settings().seeds)
    asked = ees.asked_areas(areas)
    assert set(asked) == {"LAD", "LSIP", "REG", "NAT"} and asked["NAT"] == ["E92000001"] and asked["REG"] == ["E12000004"]
    assert {code for area in areas.areas for code in area.districts} == set(asked["LAD"])
    with pytest.raises(SchemaDrift, match="no row for some areas"):
        ees.check_areas({"E92000001"}, asked["NAT"] + asked["REG"], "a file")
