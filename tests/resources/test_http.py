"""The client over real loopback HTTP: what it sends, what it repeats, what it refuses, and what it leaves on disk."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import time
import traceback

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import Entry, write_recording
from resources.errors import ObservatoryError, PermanentFetchError, TransientFetchError, UnexpectedPayload
from resources.http import HttpClient, _retry_after
from resources.settings import Settings
from tests.resources.conftest import BODY, HOST, MODIFIED, OTHER

URL = f"https://{HOST}/data.csv"


def refuse(http: HttpClient, folder, kind: type[ObservatoryError], path: str, **options) -> ObservatoryError:
    """Download, and check that it fails as ``kind`` with a message a reader can act on, leaving nothing on disk."""
    folder.mkdir(exist_ok=True)
    with pytest.raises(kind) as caught:
        http.download(f"https://{HOST}{path}", folder / "body", **options)
    error = caught.value
    assert type(error) is kind
    assert list(folder.iterdir()) == []
    assert f"{HOST}{path}" in str(error)
    assert error.rule and error.expected and error.found and error.action
    assert http.downloads == 0
    return error


# What is asked


def test_a_body_arrives_whole_with_its_digest_size_and_headers(client, tmp_path):
    http = client()
    got = http.download(URL, tmp_path / "body")
    assert (tmp_path / "body").read_bytes() == BODY
    assert (got.url, got.status, got.size, got.sha256) == (URL, 200, len(BODY), hashlib.sha256(BODY).hexdigest())
    assert got.headers["etag"] == f'"{got.sha256}"'
    assert abs((got.retrieved_at - dt.datetime.now(dt.timezone.utc)).total_seconds()) < 60
    assert http.downloads == 1


def test_the_publisher_is_told_who_asks(client, small, tmp_path, monkeypatch):
    seen = []
    answer = small._find
    monkeypatch.setattr(small, "_find", lambda request, *rest: seen.append(request.headers) or answer(request, *rest))
    http = client(user_agent="SkillsObservatory/1 (+mailto:someone@college.example)")
    http.download(URL, tmp_path / "body")
    http.get_json(f"https://{HOST}/data.json")
    http.head(URL)
    assert [headers["User-Agent"] for headers in seen] == ["SkillsObservatory/1 (+mailto:someone@college.example)"] * 3


def test_what_is_held_is_asked_for_conditionally(client, small, tmp_path):
    http = client()
    etag = http.download(URL, tmp_path / "body").headers["etag"]
    again = http.download(URL, tmp_path / "again", etag=etag)
    assert again.not_modified and not (tmp_path / "again").exists()
    assert http.download(f"https://{HOST}/dated.csv", tmp_path / "again", last_modified=MODIFIED).not_modified
    assert [(request.conditional, request.status, request.bytes) for request in small.requests[1:]] == [(True, 304, 0)] * 2
    assert http.downloads == 1
    assert not http.download(URL, tmp_path / "again", etag='"of another body"').not_modified


def test_headers_are_read_without_the_body_in_lower_case(client, small):
    headers = client().head(URL)
    assert headers["content-length"] == str(len(BODY)) and headers["etag"]
    assert [(request.method, request.bytes) for request in small.requests] == [("HEAD", 0)]


def test_json_is_read_with_or_without_a_byte_order_mark(client):
    assert client().get_json(f"https://{HOST}/data.json") == {"value": [1, 2]}


def test_a_packed_body_is_kept_unpacked(client, tmp_path):
    got = client().download(f"https://{HOST}/packed.csv", tmp_path / "body")
    assert (tmp_path / "body").read_bytes() == BODY
    assert got.size == len(BODY)


# What is repeated


@pytest.mark.parametrize("fault", ["http:500", "http:502", "http:503", "http:504", "http:408", "http:429", "timeout", "reset", "truncate"])
def test_what_may_pass_is_repeated_a_bounded_number_of_times_and_recovers(fault, client, small, tmp_path):
    limits = {"fetch_attempts": 3, "read_timeout_seconds": 0.2, "backoff_seconds": 1.0}
    small.inject(HOST, None, fault)
    error = refuse(client(**limits), tmp_path / "folder", TransientFetchError, "/data.csv")
    assert error.rule == ("http_status" if fault.startswith("http") else "connection")
    assert len(small.requests) == 3
    assert 0.5 <= client.waits[0] <= 1.5 and 1.0 <= client.waits[1] <= 3.0, "each wait is about twice the last, with jitter"
    small.requests.clear()
    small.inject(HOST, None, fault, times=1)
    client(**limits).download(URL, tmp_path / "body")
    assert (tmp_path / "body").read_bytes() == BODY
    assert len(small.requests) == 2
    assert not (tmp_path / "body.part").exists()


@pytest.mark.parametrize("ask", [lambda http: http.get_json(f"https://{HOST}/data.json"), lambda http: http.head(URL)], ids=["json", "head"])
def test_documents_and_headers_are_repeated_in_the_same_way(ask, client, small):
    small.inject(HOST, None, "http:503", times=1)
    assert ask(client())
    small.inject(HOST, None, "reset", times=1)
    assert ask(client())
    small.inject(HOST, None, "http:503")
    with pytest.raises(TransientFetchError):
        ask(client(fetch_attempts=2))


@pytest.mark.parametrize("fault", ["http:400", "http:401", "http:403", "http:404", "http:410"])
def test_what_stays_refused_is_asked_once(fault, client, small, tmp_path):
    small.inject(HOST, None, fault)
    error = refuse(client(), tmp_path / "folder", PermanentFetchError, "/data.csv")
    assert error.found.startswith(f"HTTP {fault[5:]}")
    assert (len(small.requests), client.waits) == (1, [])


@pytest.mark.parametrize("path", ["/accepted.csv", "/lost"])
def test_an_answer_that_is_neither_the_body_nor_an_error_is_not_taken_for_the_body(path, client, tmp_path):
    assert refuse(client(), tmp_path / "folder", PermanentFetchError, path).rule == "http_status"


def test_retry_after_is_obeyed_up_to_the_limit(client, small, tmp_path):
    small.inject(HOST, None, "http:429:retry-after=30", times=1)
    client(max_retry_after_seconds=30).download(URL, tmp_path / "body")
    assert client.waits == [30.0]


def test_a_retry_after_beyond_the_limit_ends_the_attempt_at_once(client, small, tmp_path):
    small.inject(HOST, None, "http:429:retry-after=31", times=1)
    error = refuse(client(max_retry_after_seconds=30), tmp_path / "folder", TransientFetchError, "/data.csv")
    assert error.found.startswith("HTTP 429")
    assert (len(small.requests), client.waits) == (1, [])


def test_a_retry_after_as_a_date_is_obeyed(client, small, tmp_path):
    at = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=60)
    small.inject(HOST, None, f"http:503:retry-after={at:%a, %d %b %Y %H:%M:%S} GMT", times=1)
    client().download(URL, tmp_path / "body")
    assert len(client.waits) == 1 and 50 < client.waits[0] <= 60


@settings(deadline=None)
@given(st.text() | st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 1, 1)).map(lambda at: f"{at:%a, %d %b %Y %H:%M:%S} -0000"))  # noqa: DTZ001
@example("²")
@example("Wed, 21 Oct 2015 07:28:00 -0000")
@example("9" * 400)
@example("Wed, 21 Oct 99999999 07:28:00 GMT")
def test_any_retry_after_is_a_wait_or_nothing(text):
    wait = _retry_after(text)
    assert wait is None or wait >= 0


# What is refused


@pytest.mark.parametrize(("fault", "rule"), [("html_200", "not_html"), ("empty", "not_empty")])
def test_a_200_that_is_no_file_is_refused_without_repeating(fault, rule, client, small, tmp_path):
    small.inject(HOST, None, fault)
    assert refuse(client(), tmp_path / "folder", UnexpectedPayload, "/data.csv").rule == rule
    assert len(small.requests) == 1


def test_a_file_of_another_kind_is_refused(client, tmp_path):
    error = refuse(client(), tmp_path / "folder", UnexpectedPayload, "/data.csv", starts_with=(b"PK\x03\x04", b"%PDF"))
    assert (error.rule, error.found[:10]) == ("starts_with", "name,value")
    assert client().download(URL, tmp_path / "body", starts_with=(b"PK", b"name,")).size == len(BODY)


@pytest.mark.parametrize(("path", "rule"), [("/broken.json", "json"), ("/page.json", "not_html"), ("/data.csv", "json")])
def test_a_document_that_is_no_json_is_refused(path, rule, client):
    with pytest.raises(UnexpectedPayload, match=path) as caught:
        client().get_json(f"https://{HOST}{path}")
    assert caught.value.rule == rule


def test_a_body_over_the_limit_is_stopped_early(client, small, tmp_path):
    small.inject(HOST, None, "oversized")
    small.oversized_bytes = 1024**3
    started = time.monotonic()
    error = refuse(client(max_body_bytes=2 * 1024**2), tmp_path / "folder", PermanentFetchError, "/data.csv")
    assert error.rule == "max_body_bytes" and "2,097,152" in error.expected
    assert int(error.found.split()[0].replace(",", "")) < 4 * 1024**2, "stopped at the first piece over the limit, not at the end"
    assert time.monotonic() - started < 5
    assert len(small.requests) == 1


@pytest.mark.parametrize("path", ["/bomb.csv", "/bomb.json"])
def test_a_packed_bomb_counts_as_what_it_unpacks_to(path, client, tmp_path, monkeypatch):
    monkeypatch.setattr("resources.http.DOCUMENT_LIMIT", 1024**2)
    http = client(max_body_bytes=1024**2)
    if path.endswith("csv"):
        assert refuse(http, tmp_path / "folder", PermanentFetchError, path).rule == "max_body_bytes"
    else:
        with pytest.raises(PermanentFetchError, match="sends more than this observatory accepts"):
            http.get_json(f"https://{HOST}{path}")


def test_a_body_that_is_not_packed_as_it_says_is_a_failed_transfer(client, tmp_path):
    error = refuse(client(), tmp_path / "folder", TransientFetchError, "/not_packed.csv")
    assert error.rule == "gzip_whole" and "incorrect header" in error.found


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_packed_body_cut_short_is_a_failed_transfer_although_its_length_agrees(kept, tmp_path):
    packed = gzip.compress(BODY * 50)
    entry = Entry(HOST, "/cut.csv", packed[: int(len(packed) * kept)], headers={"Content-Encoding": "gzip"})
    write_recording(tmp_path / "recording", {1: [entry]}, synthetic=True, description="A gzip without its end.")
    with Publisher(tmp_path / "recording") as publisher:
        http = HttpClient(Settings(home=tmp_path, publisher_address=publisher.address, backoff_seconds=0.0), {HOST})
        assert refuse(http, tmp_path / "folder", TransientFetchError, "/cut.csv").rule == "gzip_whole"


@pytest.mark.parametrize("after", [b" " * 5_000_000, gzip.compress(BODY), b"x"], ids=["junk", "a second stream", "one byte"])
def test_what_follows_a_packed_body_is_refused_and_not_read_to_its_end(after, client, tmp_path):
    entry = Entry(HOST, "/more.csv", gzip.compress(BODY) + after, headers={"Content-Encoding": "gzip"})
    with Publisher(write_recording(tmp_path / "recording", {1: [entry]}, synthetic=True, description="A gzip and more.")) as publisher:
        http = client(publisher_address=publisher.address, fetch_attempts=1)
        error = refuse(http, tmp_path / "folder", TransientFetchError, "/more.csv")
    assert error.rule == "gzip_whole" and "more after it" in error.found


def test_a_packed_body_that_trickles_is_stopped_at_the_deadline_although_nothing_is_unpacked_yet(client, tmp_path):
    entry = Entry(HOST, "/slow.csv", gzip.compress(BODY), headers={"Content-Encoding": "gzip"})  # so small that it unpacks with its last bytes
    with Publisher(write_recording(tmp_path / "recording", {1: [entry]}, synthetic=True, description="A small gzip.")) as publisher:
        publisher.inject(HOST, None, "slow")
        publisher.slow_pause_seconds = 0.1
        http = client(publisher_address=publisher.address, fetch_attempts=1, body_deadline_seconds=0.3)
        started = time.monotonic()
        assert refuse(http, tmp_path / "folder", TransientFetchError, "/slow.csv").rule == "body_deadline"
    assert time.monotonic() - started < 2


def test_a_trickling_body_is_stopped_at_the_deadline_not_at_its_end(client, small, tmp_path):
    small.inject(HOST, None, "slow")
    small.slow_pause_seconds, small.slow_pieces = 0.1, 100  # 10 s in all, never silent for long
    started = time.monotonic()
    error = refuse(client(body_deadline_seconds=0.5, fetch_attempts=1), tmp_path / "folder", TransientFetchError, "/data.csv")
    assert time.monotonic() - started < 2
    assert error.rule == "body_deadline" and "so far" in error.found


def test_a_slow_body_within_the_deadline_arrives(client, small, tmp_path):
    small.inject(HOST, None, "slow")
    small.slow_pause_seconds = 0.005
    assert client().download(URL, tmp_path / "body").size == len(BODY)


def test_a_disk_that_cannot_be_written_is_not_blamed_on_the_publisher(client, small, tmp_path):
    with pytest.raises(FileNotFoundError):
        client().download(URL, tmp_path / "no such folder" / "body")
    assert len(small.requests) == 1


# Where it may go


@pytest.mark.parametrize(("path", "first"), [("/relative", b"row 0"), ("/rooted", b"row 0"), ("/moved", b"moved")])
def test_redirects_within_the_allowed_hosts_are_followed(path, first, client, tmp_path):
    got = client().download(f"https://{HOST}{path}", tmp_path / "body")
    assert (tmp_path / "body").read_bytes().split(b"\n")[1].startswith(first)
    assert got.url == f"https://{HOST}{path}", "the release is recorded under the address asked"


@pytest.mark.parametrize(("path", "hosts"), [("/away", (HOST, OTHER)), ("/moved", (HOST,))])
def test_a_redirect_to_any_other_host_is_refused_before_it_is_asked(path, hosts, client, small, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(PermanentFetchError) as caught:
        client(hosts).download(f"https://{HOST}{path}", folder / "body")
    error = caught.value
    assert error.rule == "allowed_hosts" and error.found.startswith("https://") and list(hosts) == sorted(error.expected, key=hosts.index)
    assert [request.path for request in small.requests] == [path]
    assert list(folder.iterdir()) == []


def test_a_circle_of_redirects_ends(client, small, tmp_path):
    assert refuse(client(), tmp_path / "folder", PermanentFetchError, "/round").rule == "redirects"
    assert len(small.requests) == 6


def test_a_host_nobody_allowed_is_never_asked(client, small, tmp_path):
    with pytest.raises(PermanentFetchError, match="elsewhere.example"):
        client().head("https://elsewhere.example/")
    assert small.requests == []


# How fast


def test_requests_to_a_publisher_that_is_not_this_machine_are_paced_host_by_host(small_recording, tmp_path):
    """127.1 is this machine by a name the client does not take for loopback."""
    waits = []
    with Publisher(small_recording) as publisher:
        bases = {host: f"http://127.1:{publisher.port}/{host}" for host in (HOST, OTHER)}
        http = HttpClient(Settings(home=tmp_path, profile="live", base_addresses=bases, seconds_between_requests=30), (HOST, OTHER), sleep=waits.append)
        http._session.trust_env = False  # whatever proxy this machine's environment names cannot reach it
        for url in (URL, URL, f"https://{OTHER}/data.csv", f"https://{HOST}/moved"):
            http.head(url)
        http.close()
    assert len(waits) == 3, "HOST again, HOST a third time, and OTHER by the redirect"
    assert all(29 < wait <= 30 for wait in waits)


def test_the_loopback_publisher_is_not_paced(client, small):
    http = client(seconds_between_requests=30)
    for _ in range(3):
        http.head(URL)
    assert client.waits == []


def test_a_proxy_of_the_environment_does_not_stand_before_the_loopback_publisher(client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client(fetch_attempts=1).head(URL)


# Questions by POST, and keys


@pytest.fixture
def keyed(tmp_path):
    """A publisher that answers one question by POST, and one address only with a key."""
    entries = [
        Entry(HOST, "/query", b'{"results": [1]}', method="POST", body_matches={"page": 1}),
        Entry(HOST, "/query", b'{"results": [2]}', method="POST", body_matches={"page": 2}),
        Entry(HOST, "/keyed.json", b'{"count": 3}', query={"app_key": "s3cret/+"}),
    ]
    with Publisher(write_recording(tmp_path / "keyed", {1: entries}, synthetic=True, description="test")) as publisher:
        yield publisher


def asking(publisher: Publisher, tmp_path, **credentials) -> HttpClient:
    given = Settings(home=tmp_path / "home", profile="sample", publisher_address=publisher.address, backoff_seconds=0.0)
    return HttpClient(given, (HOST,), sleep=lambda _: None, **credentials)


def test_a_posted_question_is_answered_and_repeated_after_a_transient_failure(keyed, tmp_path):
    http = asking(keyed, tmp_path)
    keyed.inject(HOST, "/query", "http:503", times=1)
    assert http.post_json(f"https://{HOST}/query", {"page": 2}) == {"results": [2]}
    got = http.download(f"https://{HOST}/query", tmp_path / "body", posted='{"page": 1}')
    assert (tmp_path / "body").read_bytes() == b'{"results": [1]}'
    assert got.size == 16
    assert {served.method for served in keyed.requests} == {"POST"}


def test_a_key_goes_with_each_request_and_into_no_address_and_no_message(keyed, tmp_path):
    http = asking(keyed, tmp_path, parameters={"app_key": "s3cret/+"}, headers={"X-API-KEY": "h1dden"})
    assert http.get_json(f"https://{HOST}/keyed.json") == {"count": 3}
    got = http.download(f"https://{HOST}/keyed.json", tmp_path / "body")
    assert "s3cret" not in got.url
    for fault in ("reset", "http:403", "html_200", "timeout"):
        keyed.inject(HOST, None, fault)
        http.settings.read_timeout_seconds = 0.2
        with pytest.raises(ObservatoryError) as caught:
            http.get_json(f"https://{HOST}/keyed.json")
        told = "".join(traceback.format_exception(caught.value))
        assert "s3cret" not in told and "h1dden" not in told, fault


def test_without_the_key_the_publisher_refuses(keyed, tmp_path):
    with pytest.raises(PermanentFetchError):
        asking(keyed, tmp_path).get_json(f"https://{HOST}/keyed.json")
