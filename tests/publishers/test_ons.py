"""ONS pages: editions, corrections, addresses asked one after another, and dates as ONS writes them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory_assets.publishers import ons
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import Entry, write_recording
from resources.errors import ObservatoryError, PermanentFetchError, SchemaDrift, TransientFetchError
from resources.http import HttpClient
from resources.settings import Settings

PAGE = "/somewhere/datasets/things"
LANDING = {"uri": PAGE, "datasets": [{"uri": f"{PAGE}/may"}], "description": {"releaseDate": "2026-08-20T23:00:00.000Z", "nextRelease": "25 September 2026"}}
EDITION = {"uri": f"{PAGE}/may", "downloads": [{"file": "things.xlsx"}], "versions": [], "description": {"releaseDate": "2026-08-20T23:00:00.000Z"}}


@pytest.fixture
def find(tmp_path):
    """A function finding the edition where these addresses answer with these bodies, and the requests that took."""

    def found(*entries):
        folder = write_recording(tmp_path / "recording", {1: list(entries)}, synthetic=True, description="test")
        with Publisher(folder) as publisher:
            http = HttpClient(Settings(profile="sample", publisher_address=publisher.address, fetch_attempts=1), ons.HOSTS)
            try:
                return ons.find_edition(http, PAGE), [(request.host, request.path) for request in publisher.requests]
            finally:
                http.close()

    return found


def _page(uri, document, *, api=False):
    body = json.dumps(document).encode()
    return Entry(ons.API_HOST, "/v1/data", body, query={"uri": uri}) if api else Entry(ons.HOST, f"{uri}/data", body)


def _constructed(recorded, name):
    return json.loads((recorded / "constructed" / "ons" / name).read_text(encoding="utf-8"))


def test_each_edition_and_each_correction_has_a_marker_of_its_own(recorded):
    editions = {
        when: ons.read_edition(_constructed(recorded, f"landing_{when}.json"), _constructed(recorded, f"edition_{when}.json"))
        for when in ("before", "after", "corrected")
    }
    assert len({edition.marker for edition in editions.values()}) == 3
    assert editions["before"].slug == editions["corrected"].slug == "january2017tojuly2026"
    assert editions["before"].released_on == dt.date(2026, 8, 21), "23:00 UTC is the next day's midnight in British summer time"
    assert editions["corrected"].released_on == dt.date(2026, 8, 21)
    assert editions["corrected"].released_at == dt.datetime(2026, 9, 1, 8, 30, tzinfo=dt.timezone.utc)
    assert editions["before"].next_expected == dt.datetime(2026, 9, 25, 8, 30, tzinfo=dt.timezone.utc)
    assert editions["after"].next_expected is None, "To be announced"
    assert editions["after"].file_url.startswith("https://www.ons.gov.uk/file?uri=/employment")
    assert editions["after"].file_url.endswith("/january2017toaugust2026/labourdemandbyoccupation.xlsx")


def test_the_site_is_asked_first_and_the_landing_page_then_its_edition(find):
    edition, requests = find(_page(PAGE, LANDING), _page(f"{PAGE}/may", EDITION))
    assert edition.file_url == f"https://www.ons.gov.uk/file?uri={PAGE}/may/things.xlsx"
    assert requests == [(ons.HOST, f"{PAGE}/data"), (ons.HOST, f"{PAGE}/may/data")]


def test_where_the_site_no_longer_gives_json_its_replacement_is_asked(find):
    edition, requests = find(_page(PAGE, LANDING, api=True), _page(f"{PAGE}/may", EDITION, api=True))
    assert edition.marker == f"{PAGE}/may|2026-08-20T23:00:00.000Z|0|"
    assert [host for host, _ in requests] == [ons.HOST, ons.API_HOST] * 2


def test_where_no_json_is_given_the_first_file_of_the_web_page_is_taken(find):
    body = f'<!DOCTYPE html><a href="/x">x</a><a href="/file?uri={PAGE}/june/things.xlsx">a</a><a href="/file?uri={PAGE}/may/things.xlsx">b</a>'
    edition, requests = find(Entry(ons.HOST, PAGE, body.encode()))
    assert (edition.file_url, edition.slug) == (f"https://www.ons.gov.uk/file?uri={PAGE}/june/things.xlsx", "june")
    assert edition.released_on is None and edition.released_at is None and edition.next_expected is None
    assert requests[-1] == (ons.HOST, PAGE)


def test_a_page_without_a_file_is_refused_and_a_page_that_is_gone_too(find):
    with pytest.raises(SchemaDrift, match="not understood") as refusal:
        find(Entry(ons.HOST, PAGE, b"<!DOCTYPE html><a href='/other'>no file</a>"))
    assert "its JSON" in refusal.value.found
    with pytest.raises(PermanentFetchError):
        find(Entry(ons.HOST, "/elsewhere", b"{}"))


def test_a_site_that_is_down_is_not_asked_in_other_ways(find):
    with pytest.raises(TransientFetchError):
        find(Entry(ons.HOST, f"{PAGE}/data", b"{}", fault="http:503"), _page(PAGE, LANDING, api=True))


def test_an_old_page_that_carries_its_file_itself_is_read(find):
    landing = {"uri": PAGE, "downloads": [{"file": "/somewhere/labd02.xls"}], "description": {"releaseDate": "2015-07-14T23:00:00.000Z", "nextRelease": ""}}
    edition, _ = find(_page(PAGE, landing))
    assert edition.file_url == "https://www.ons.gov.uk/file?uri=/somewhere/labd02.xls"
    assert edition.released_on == dt.date(2015, 7, 15)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("12 August 2015", dt.date(2015, 8, 12)),
        (" 5 Sep 2026\n", dt.date(2026, 9, 5)),
        *((words, None) for words in ("To be announced", "Discontinued", "", None, 3, "August 2026")),
    ],
)
def test_the_next_release_is_a_day_or_nothing(words, day):
    assert ons.next_release(words) == day


def test_publication_is_at_half_past_nine_in_london_summer_and_winter():
    assert ons.at_publication(dt.date(2026, 7, 1)).hour == 8
    assert ons.at_publication(dt.date(2026, 12, 1)).hour == 9


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("uri", None),
        ("uri", "may"),
        ("downloads", []),
        ("downloads", [{}]),
        ("downloads", {"file": "x"}),
        ("versions", {"a": 1}),
        ("versions", [{"updateDate": 5}]),
    ],
)
def test_an_edition_that_is_not_understood_is_refused_by_name(member, value):
    with pytest.raises(SchemaDrift) as refusal:
        ons.read_edition(LANDING, EDITION | {member: value})
    assert refusal.value.rule == "ons_page" and refusal.value.action


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2), max_leaves=4)


@given(_JSON, _JSON, _JSON, _JSON)
def test_no_page_makes_it_fail_with_anything_but_our_errors(uri, downloads, versions, described):
    try:
        edition = ons.read_edition({"description": described}, {"uri": uri, "downloads": downloads, "versions": versions, "description": described})
    except ObservatoryError:
        return
    assert edition.file_url.startswith("https://www.ons.gov.uk/file?uri=")
