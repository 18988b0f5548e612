"""GOV.UK's content API, read from dictionaries and, through the real client, from the bundled publisher."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory_assets.publishers.govuk_content import HOSTS, fetch_publication, read_publication
from observatory_assets.sample import skills_imperative
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.errors import ObservatoryError, SchemaDrift, UnexpectedPayload
from resources.http import HttpClient
from resources.settings import Settings

MEDIA = "https://assets.publishing.service.gov.uk/media"


def item(**details):
    return {"public_updated_at": "2024-08-05T09:30:05Z", "details": details}


@pytest.fixture(scope="module")
def publisher(tmp_path_factory):
    folder = write_recording(
        tmp_path_factory.mktemp("recording") / "sample",
        {phase: list(skills_imperative.entries(phase)) for phase in (1, 3)},
        synthetic=True,
        description="Skills Imperative only.",
    )
    with Publisher(folder) as publisher:
        yield publisher


@pytest.fixture
def http(publisher, tmp_path):
    client = HttpClient(Settings(profile="sample", publisher_address=publisher.address, home=tmp_path, fetch_attempts=1), HOSTS)
    yield client
    client.close()
    publisher.faults.clear()
    publisher.phase = 1


def test_the_marker_is_the_text_and_the_release_time_is_its_instant():
    publication = read_publication({"public_updated_at": "2024-08-05T10:30:05.000+01:00", "details": {}})
    assert publication.marker == "2024-08-05T10:30:05.000+01:00"
    assert publication.updated_at == dt.datetime(2024, 8, 5, 9, 30, 5, tzinfo=dt.timezone.utc)
    assert publication.attachments == ()


def test_files_of_the_list_come_first_and_links_of_the_html_are_added_once():
    fragment = (
        f'<section><a aria-hidden="true" class="thumb" href="{MEDIA}/b/old%20tables.zip"><img alt=""></a><h3><a href="{MEDIA}/b/old%20tables.zip">Old &amp;'
        f'\n <b>tables</b></a></h3><a href="{MEDIA}/a/new.zip">ignored</a><a href="mailto:x@example.org?subject=y">ask</a>'
        '<a href="/government/uploads/c.pdf">C</a><a href="https://elsewhere.example.org/d.zip">D</a></section>'
    )
    publication = read_publication(item(attachments=[{"title": "New", "url": f"{MEDIA}/a/new.zip"}], documents=[fragment]))
    assert [(one.title, one.filename) for one in publication.attachments] == [("New", "new.zip"), ("Old & tables", "old tables.zip"), ("C", "c.pdf")]
    assert publication.attachments[2].url == "https://www.gov.uk/government/uploads/c.pdf"


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {"schema_name": "redirect", "redirects": []},
        {"public_updated_at": None, "details": {}},
        {"public_updated_at": "yesterday", "details": {}},
        {"public_updated_at": "", "details": {}},
        {"public_updated_at": "2024-08-05T09:30:05Z", "details": []},
        item(attachments={"url": "x"}),
        item(attachments=["x"]),
        item(attachments=[{"title": "no address"}]),
        item(documents=[{"url": "x"}]),
    ],
)
def test_an_item_of_another_form_is_schema_drift(broken):
    with pytest.raises(SchemaDrift) as caught:
        read_publication(broken)
    assert caught.value.expected and caught.value.action


def test_the_client_sees_a_new_marker_when_the_publisher_moves_on(http, publisher):
    first = fetch_publication(http, skills_imperative.PATH)
    publisher.phase = 3
    second = fetch_publication(http, skills_imperative.PATH)
    assert (first.marker, second.marker) == ("2023-03-21T09:30:00Z", "2024-08-05T09:30:05Z")
    assert not {one.url for one in first.attachments if "projections.zip" in one.url and "bb/" not in one.url} & {one.url for one in second.attachments}
    assert len(first.attachments) == 4, "the HTML repeats the list"


def test_a_maintenance_page_is_not_taken_for_an_item(http, publisher):
    publisher.inject("www.gov.uk", None, "html_200")
    with pytest.raises(UnexpectedPayload):
        fetch_publication(http, skills_imperative.PATH)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["public_updated_at", "details", "attachments", "documents", "url", "title"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(_JSON)
def test_whatever_the_json_only_our_own_errors_come_out(document):
    with contextlib.suppress(ObservatoryError):
        read_publication(document)
