"""The ONS release calendar: the sample, the test answer of the service itself, paging, and answers that are wrong."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory_assets.datasets.contract import Lookup
from observatory_assets.datasets.ons_release_calendar import CALENDAR, DATASET, SERIES, TYPES, search_url
from observatory_assets.sample import ons_release_calendar as sample
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from tests.datasets.fetched import AREAS, duplicates, fetch, payload, read

UTC = dt.timezone.utc


def release(number=1, title="Labour demand, UK", **described):
    """A release as the service answers it."""
    flags = {"published": False, "cancelled": False, "finalised": True, "postponed": False, "census": False}
    description = {"title": title, "summary": "s", "release_date": "2026-11-27T09:30:00.000Z"} | flags | described
    return {"uri": f"/releases/r{number}", "date_changes": [], "description": description}


def answer(*releases, total=None):
    return {"took": 3, "breakdown": {"total": len(releases) if total is None else total, "published": 2466}, "releases": list(releases)}


@pytest.fixture
def parse(tmp_path):
    """A function parsing answers about upcoming labour demand, each with the number of releases counted before."""

    def parsed(*pages, total, kind="upcoming"):
        bodies = [page if isinstance(page, bytes) else json.dumps(page).encode() for page in pages]
        told = {"series": "labour_demand", "kind": kind, "total": str(total)}
        return read(DATASET, [payload(tmp_path / f"{number}.json", body, **told) for number, body in enumerate(bodies)])[CALENDAR.name].to_pylist()

    return parsed


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    entries = {phase: list(sample.entries(phase)) for phase in (1, 2, 3)}
    return {phase: fetch(DATASET, entries, tmp_path_factory.mktemp("calendar"), phase=phase) for phase in (1, 2, 3)}


def _next(payloads, series):
    rows = read(DATASET, payloads)[CALENDAR.name].to_pylist()
    return min(row["release_date"] for row in rows if row["series"] == series and not row["published"] and not row["cancelled"])


def test_the_next_date_of_each_series_is_in_the_sample_and_moves_with_a_postponement(releases):
    assert _next(releases[1][1], "labour_demand") == dt.datetime(2026, 10, 23, 8, 30, tzinfo=UTC)
    assert _next(releases[2][1], "labour_demand") == dt.datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
    assert _next(releases[2][1], "business_demography") == dt.datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    (moved,) = (row for row in read(DATASET, releases[2][1])[CALENDAR.name].to_pylist() if row["date_changes"])
    assert moved["postponed"] and not moved["finalised"]


def test_the_marker_moves_with_the_calendar_and_only_with_it(releases):
    assert releases[1][0].value != releases[2][0].value == releases[3][0].value
    assert releases[1][0].released_at is None
    assert duplicates(read(DATASET, releases[1][1])[CALENDAR.name], CALENDAR.keys) == 0


def test_releases_that_only_sound_alike_are_dropped(releases):
    titles = read(DATASET, releases[1][1])[CALENDAR.name]["title"].to_pylist()
    assert len(titles) == 6 and not [title for title in titles if "Trade" in title]


def test_the_services_own_test_answer_is_understood(parse):
    body = {
        "took": 11,
        "breakdown": {"total": 2, "provisional": 1, "postponed": 1, "published": 2466, "cancelled": 45},
        "releases": [
            {
                "uri": "/releases/estimatingsuicide",
                "date_changes": [{"previous_date": "2018-06-01", "change_notice": "changed it"}],
                "description": {
                    "title": "Labour Demand  among suicides",
                    "summary": "s",
                    "release_date": "2018-06-25T08:30:00.000Z",
                    "published": False,
                    "cancelled": False,
                    "finalised": True,
                    "postponed": True,
                    "census": False,
                },
                "highlight": {"summary": '<em class="ons-highlight">x</em>', "title": "t"},
            },
            release(2),
        ],
    }
    first, second = parse(body, total=2)
    assert (first["title"], first["date_changes"], first["postponed"]) == ("Labour Demand among suicides", 1, True)
    assert first["release_date"] == dt.datetime(2018, 6, 25, 8, 30, tzinfo=UTC)
    assert (second["_source_file"], second["_source_row"]) == ("0.json", "releases[1]")


def test_flags_the_calendar_does_not_give_are_null(parse):
    bare = release()
    del bare["description"]["postponed"], bare["description"]["finalised"], bare["date_changes"]
    (row,) = parse(answer(bare), total=1)
    assert (row["postponed"], row["finalised"], row["date_changes"]) == (None, None, 0)


def test_a_release_published_between_two_answers_is_taken_as_published(tmp_path):
    for order in (1, -1):
        pages = [("upcoming", release()), ("published", release(published=True))][::order]
        payloads = [
            payload(tmp_path / f"{kind}{order}.json", json.dumps(answer(one)).encode(), series="labour_demand", kind=kind, total="1") for kind, one in pages
        ]
        (row,) = read(DATASET, payloads)[CALENDAR.name].to_pylist()
        assert row["published"] is True


def test_more_releases_than_one_answer_holds_are_asked_page_by_page(parse):
    class Http:
        def get_json(self, url):
            return answer(release(), total=2_001)

    resources = DATASET.find_resources(Lookup(Http(), AREAS), None)
    assert len(resources) == len(SERIES) * len(TYPES) * 3
    offsets = [parse_qs(urlsplit(resource.url).query)["offset"][0] for resource in resources[:3]]
    assert offsets == ["0", "1000", "2000"] and resources[0].labels["total"] == "2001"
    assert "release-type=type-upcoming&query=labour%20demand" in search_url("labour_demand", "upcoming")
    rows = parse(answer(release(1), release(2), total=3), answer(release(3), total=3), total=3)
    assert len(rows) == 3


def test_nothing_found_is_no_error_while_another_search_finds_something(parse):
    assert parse({"breakdown": {"total": 0}, "releases": None}, total=0) == []


@pytest.mark.parametrize(
    ("body", "total", "error", "said"),
    [
        (b"", 1, UnexpectedPayload, "JSON"),
        (b"<html></html>", 1, UnexpectedPayload, "JSON"),
        ([], 1, SchemaDrift, "breakdown"),
        ({"releases": []}, 1, SchemaDrift, "breakdown"),
        ({"releases": [1], "breakdown": {"total": 1}}, 1, SchemaDrift, "releases"),
        ({"releases": [], "breakdown": {"total": "1"}}, 1, SchemaDrift, "a count"),
        (answer(release()), 2, SchemaDrift, "a moment before"),
        (answer(release(), total=2), 2, SchemaDrift, "labour_demand upcoming"),
        (answer(release(title=None)), 1, SchemaDrift, "title"),
        (answer(release(published="no")), 1, SchemaDrift, "published"),
        (answer(release(postponed="no")), 1, SchemaDrift, "published"),
        (answer(release(release_date="soon")), 1, SchemaDrift, "soon"),
        (answer(release(release_date="0001-01-01T00:00:00Z")), 1, SchemaDrift, "a date"),
        (answer({**release(), "uri": None}), 1, SchemaDrift, "uri"),
        (answer({**release(), "date_changes": "x"}), 1, SchemaDrift, "release"),
    ],
)
def test_a_wrong_answer_is_refused_and_says_why(parse, body, total, error, said):
    with pytest.raises(error) as refusal:
        parse(body, total=total)
    assert said in str(refusal.value) and refusal.value.rule and refusal.value.action


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["uri", "description", "title", "release_date", "published", "date_changes"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(st.sampled_from(["uri", "description", "date_changes"]), _ANY),
    described=st.dictionaries(st.sampled_from(["title", "published"]), _ANY),
)
def test_no_answer_makes_the_parser_fail_with_anything_but_our_errors(parse, changes, described):
    one = release(**described) | changes
    try:
        rows = parse(answer(one), total=1)
    except ObservatoryError:
        return
    assert all(row["uri"] and row["title"] and row["release_date"] for row in rows)
