"""The bundled publisher over real loopback HTTP: which answer it chooses, how it misbehaves, how its phase moves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from observatory_assets.sample.publisher import Publisher, read_phase, write_phase
from observatory_assets.sample.recording import Entry, write_recording
from resources.errors import ObservatoryError

HOST = "www.publisher.test"
BIG = bytes(range(256)) * 400
MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_recording(
        tmp_path_factory.mktemp("recordings") / "r",
        {
            1: [
                Entry(HOST, "/data.csv", b"one"),
                Entry(HOST, "/data.csv", b"cell 1", query={"cell": "1"}),
                Entry(HOST, "/data.csv", b"cell 1 of here", query={"cell": "1", "geography": "MAKE|D2N2|a;b"}),
                Entry(HOST, "/kept.csv", b"kept"),
                Entry(HOST, "/dated.csv", b"dated", headers={"ETag": None, "Last-Modified": MODIFIED}),
                Entry(HOST, "/big.bin", BIG),
                Entry(HOST, "/a name.csv", b"spaced"),
                Entry(HOST, "/api/query", b"{}", method="POST"),
                Entry(HOST, "/api/query", b'{"page": 2}', method="POST", body_matches={"page": 2}),
                Entry(HOST, "/moved", b"", status=301, headers={"Location": "/kept.csv"}),
                Entry(HOST, "/broken.csv", b"", fault="http:503:retry-after=7"),
                Entry("other.test", "/data.csv", b"another host"),
            ],
            2: [Entry(HOST, "/data.csv", b"two")],
            3: [Entry(HOST, "/data.csv", b"three")],
        },
        synthetic=True,
        description="A test.",
    )


@pytest.fixture
def publisher(folder):
    with Publisher(folder) as running:
        yield running


def get(publisher, path, host=HOST, method="GET", **options):
    return requests.request(method, f"{publisher.address}/{host}{path}", timeout=10, allow_redirects=False, **options)


def test_a_body_is_served_byte_for_byte_with_its_headers(publisher):
    answer = get(publisher, "/big.bin")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, BIG, str(len(BIG)))
    assert answer.headers["ETag"].startswith('"')


def test_hosts_do_not_answer_for_each_other(publisher):
    assert get(publisher, "/data.csv", host="other.test").content == b"another host"
    assert get(publisher, "/kept.csv", host="other.test").status_code == 404


def test_the_answer_that_names_most_of_the_parameters_wins_and_other_parameters_are_free(publisher):
    assert get(publisher, "/data.csv?cell=2").content == b"one"
    assert get(publisher, "/data.csv?cell=1&uid=x").content == b"cell 1"
    assert get(publisher, "/data.csv?geography=MAKE%7CD2N2%7Ca%3Bb&cell=1").content == b"cell 1 of here"
    assert get(publisher, "/a%20name.csv").content == b"spaced"


def test_the_latest_phase_reached_wins_and_what_did_not_change_stays(publisher):
    seen = []
    for phase in (1, 2, 3):
        publisher.phase = phase
        seen.append((get(publisher, "/data.csv").text, get(publisher, "/kept.csv").text))
    assert seen == [("one", "kept"), ("two", "kept"), ("three", "kept")]


def test_a_posted_body_chooses_its_answer(publisher):
    assert get(publisher, "/api/query", method="POST", json={"page": 2, "size": 10}).json() == {"page": 2}
    assert get(publisher, "/api/query", method="POST", json={"page": 1}).json() == {}
    assert get(publisher, "/api/query").status_code == 404


def test_an_unknown_path_is_404_and_says_what_was_asked(publisher):
    answer = get(publisher, "/nothing?a=b")
    assert answer.status_code == 404
    assert answer.json() == {"error": "not in the recording", "host": HOST, "path": "/nothing", "query": {"a": "b"}, "phase": 1}
    assert requests.get(publisher.address, timeout=10).status_code == 404


def test_an_unchanged_entity_tag_or_date_is_304_and_a_new_release_is_200(publisher):
    tag = get(publisher, "/data.csv").headers["ETag"]
    same = get(publisher, "/data.csv", headers={"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert get(publisher, "/dated.csv", headers={"If-Modified-Since": MODIFIED}).status_code == 304
    publisher.phase = 2
    assert get(publisher, "/data.csv", headers={"If-None-Match": tag}).content == b"two"
    assert [(served.status, served.bytes, served.conditional) for served in publisher.requests] == [
        (200, 3, False),
        (304, 0, True),
        (304, 0, True),
        (200, 3, True),
    ]


def test_head_gives_the_headers_of_get_and_no_body(publisher):
    answer = get(publisher, "/big.bin", method="HEAD")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", str(len(BIG)))
    assert answer.headers["ETag"] == get(publisher, "/big.bin").headers["ETag"]
    assert publisher.requests[0] == ("HEAD", HOST, "/big.bin", {}, 200, 0, False)


def test_a_recorded_redirect_and_a_recorded_fault_are_answered_as_recorded(publisher):
    assert get(publisher, "/moved").headers["Location"].endswith("/kept.csv")
    answer = get(publisher, "/broken.csv")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_a_timeout_keeps_the_connection_open_until_the_client_gives_up(publisher):
    publisher.inject(HOST, None, "timeout")
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{publisher.address}/{HOST}/data.csv", timeout=0.3)
    assert publisher.requests[0].status == 0


def test_a_timeout_ends_by_itself_after_a_bounded_silence(publisher):
    publisher.silence_seconds = 0.3
    publisher.inject(HOST, None, "timeout")
    with pytest.raises(requests.ConnectionError):
        get(publisher, "/data.csv")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_publisher_that_is_down_closes_the_connection_before_any_byte(publisher, method):
    publisher.inject(HOST, None, "down")
    with pytest.raises(requests.ConnectionError, match="[Rr]eset by peer|[Rr]emote end closed"):
        get(publisher, "/data.csv", method=method)
    assert (publisher.requests[0].status, publisher.requests[0].bytes) == (0, 0)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_reset_is_seen_as_a_reset_connection(publisher, method):
    publisher.inject(HOST, None, "reset")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match="[Rr]eset by peer"):
        get(publisher, "/big.bin", method=method)


def test_a_truncated_body_is_shorter_than_its_length_says(publisher):
    publisher.inject(HOST, None, "truncate")
    with requests.get(f"{publisher.address}/{HOST}/big.bin", timeout=10, stream=True) as answer:
        assert answer.headers["Content-Length"] == str(len(BIG))
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"IncompleteRead\\({len(BIG) // 2} bytes read"):
            list(answer.iter_content(1024))


def test_a_slow_body_arrives_whole_in_the_end(publisher):
    publisher.slow_pause_seconds = 0.01
    publisher.inject(HOST, None, "slow")
    started = time.monotonic()
    assert get(publisher, "/big.bin").content == BIG
    assert time.monotonic() - started > 0.3


def test_an_oversized_body_goes_on_to_its_cap_without_saying_how_long_it_is(publisher):
    publisher.oversized_bytes = 3 * 1024**2
    publisher.inject(HOST, "/big", "oversized")
    answer = get(publisher, "/big.bin")
    assert "Content-Length" not in answer.headers
    assert answer.content.startswith(BIG)
    assert len(answer.content) == len(BIG) + 3 * 1024**2


def test_the_other_faults_answer_at_once_and_without_a_conditional_request_getting_round_them(publisher):
    tag = get(publisher, "/data.csv").headers["ETag"]

    def with_fault(fault):
        publisher.inject(HOST, None, fault)
        return get(publisher, "/data.csv", headers={"If-None-Match": tag})

    html = with_fault("html_200")
    assert (html.status_code, html.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    another = with_fault("wrong_type")
    assert (another.status_code, another.headers["Content-Type"], another.content[:8]) == (200, "application/pdf", b"%PDF-1.7")
    empty = with_fault("empty")
    assert (empty.status_code, empty.content) == (200, b"")
    assert with_fault("redirect").headers["Location"] == "http://elsewhere.invalid/"
    assert with_fault("redirect:https://evil.test/x").headers["Location"] == "https://evil.test/x"
    busy = with_fault("http:429:retry-after=30")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "30")
    assert "Retry-After" not in with_fault("http:500").headers


def test_a_fault_is_injected_so_many_times_for_paths_that_begin_so_and_can_be_cleared(publisher):
    publisher.inject(HOST, "/data", "http:503", times=2)
    publisher.inject("other.test", None, "http:500")
    assert [get(publisher, path).status_code for path in ("/kept.csv", "/data.csv", "/data.csv", "/data.csv")] == [200, 503, 503, 200]
    assert get(publisher, "/data.csv", host="other.test").status_code == 500
    publisher.faults.clear()
    assert get(publisher, "/data.csv", host="other.test").status_code == 200


def test_a_fault_may_concern_one_method_or_requests_with_some_parameters_alone(publisher):
    publisher.inject(HOST, "/data.csv", "http:500", method="GET", query={"cell": "1"})
    publisher.inject(HOST, "/kept.csv", "http:503", method="HEAD")
    asked = [("/data.csv?cell=1", "GET"), ("/data.csv?cell=2&cell=1", "GET"), ("/data.csv?cell=1", "HEAD"), ("/data.csv?cell=2", "GET")]
    assert [get(publisher, path, method=method).status_code for path, method in asked] == [500, 500, 200, 200]
    assert [get(publisher, "/kept.csv", method=method).status_code for method in ("HEAD", "GET")] == [503, 200]


def test_a_fault_of_one_request_fails_that_many_of_many_at_once(publisher):
    publisher.inject(HOST, None, "http:503", times=5)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: get(publisher, "/data.csv").status_code, range(40)))
    assert (statuses.count(503), statuses.count(200), len(publisher.requests)) == (5, 35, 40)


def test_an_unknown_fault_is_refused(publisher):
    with pytest.raises(ObservatoryError, match="unknown fault"):
        publisher.inject(HOST, None, "explode")


def test_the_phase_is_shown_and_moved_over_http(publisher):
    assert requests.get(f"{publisher.address}/__phase", timeout=10).json() == {"phase": 1, "last_phase": 3}
    assert requests.post(f"{publisher.address}/__phase", json={"phase": 2}, timeout=10).json()["phase"] == 2
    assert get(publisher, "/data.csv").content == b"two"
    for wrong in ({"phase": 0}, {"phase": "2"}, {}, []):
        assert requests.post(f"{publisher.address}/__phase", json=wrong, timeout=10).status_code == 400
    assert publisher.phase == 2
    assert publisher.requests[-1].path == "/data.csv"


def test_the_phase_is_not_for_callers_from_elsewhere(publisher):
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    environ = EnvironBuilder("/__phase", method="POST", json={"phase": 3}, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).get_environ()
    assert run_wsgi_app(publisher._application, environ)[1].startswith("403")
    assert publisher.phase == 1


def test_the_phase_in_a_state_file_outlives_the_server_and_is_moved_by_another_process(folder, tmp_path):
    state = tmp_path / "state" / "phase"
    assert read_phase(state) == 1
    with Publisher(folder, state_file=state) as publisher:
        assert state.read_text() == "1\n"
        write_phase(state, 2)
        assert get(publisher, "/data.csv").content == b"two"
        publisher.phase = 3
    with Publisher(folder, state_file=state) as publisher:
        assert publisher.phase == 3
        assert get(publisher, "/data.csv").content == b"three"
    assert list(state.parent.iterdir()) == [state]
    state.write_text("soon")
    with pytest.raises(ObservatoryError, match="phase cannot be read"):
        read_phase(state)


def test_it_listens_on_this_machine_only_and_refuses_a_port_in_use(folder, publisher):
    assert publisher.address == f"http://127.0.0.1:{publisher.port}"
    with pytest.raises(ObservatoryError, match="cannot listen"):
        Publisher(folder, port=publisher.port)


def test_closing_ends_the_silence_of_a_timeout_and_frees_the_port(folder):
    publisher = Publisher(folder)
    publisher.inject(HOST, None, "timeout")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get, publisher, "/data.csv")
        while not publisher.requests:
            time.sleep(0.01)
        publisher.close()
        with pytest.raises(requests.ConnectionError):
            waiting.result(timeout=5)
    with Publisher(folder, port=publisher.port) as again:
        assert get(again, "/data.csv").content == b"one"


def test_the_command_serves_quietly_until_it_is_told_to_stop(folder, tmp_path):
    command = [sys.executable, "-m", "observatory_assets.sample.publisher", str(folder), "--port", "0", "--state-file", str(tmp_path / "phase")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            address = line.split()[1].rstrip(",")
            assert line == f"publisher: {address}, phase 1 of 3\n"
            assert requests.get(f"{address}/{HOST}/data.csv", timeout=10).content == b"one"
            assert requests.get(f"{address}/{HOST}/nothing", timeout=10).status_code == 404
        finally:
            os.kill(process.pid, signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_command_says_what_is_wrong_with_a_recording(tmp_path):
    command = [sys.executable, "-m", "observatory_assets.sample.publisher", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert result.returncode == 2
    assert "index cannot be read" in result.stderr
    assert "Traceback" not in result.stderr
