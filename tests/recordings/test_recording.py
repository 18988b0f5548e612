"""The folder format of recordings: what is written, what is read back and what is refused."""

from __future__ import annotations

import json
import os

import pytest

from observatory_assets.sample.recording import Entry, read_recording, write_recording
from resources.errors import ObservatoryError

HOST = "www.publisher.test"


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def write(folder, *entries, phase=1):
    return write_recording(folder, {phase: entries}, synthetic=True, description="A test.")


def test_what_is_written_is_read_back(tmp_path):
    entry = Entry(
        HOST,
        "/a/b.csv",
        b"x\n1\n",
        query={"cell": "1"},
        headers={"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"},
        status=203,
        method="POST",
        body_matches={"page": 2},
    )
    recording = read_recording(write(tmp_path / "r", entry, phase=2))
    (back,) = recording.entries
    assert (recording.synthetic, recording.description, recording.last_phase) == (True, "A test.", 2)
    assert back.body.read_bytes() == entry.body
    assert (back.host, back.path, back.query, back.status, back.method, back.body_matches) == (HOST, "/a/b.csv", {"cell": "1"}, 203, "POST", {"page": 2})
    assert back.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert back.headers["Last-Modified"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert len(back.headers["ETag"]) == 66


def test_the_same_entries_give_the_same_bytes_whether_or_not_something_was_there(tmp_path):
    entries = [Entry(HOST, f"/{number}.json", b"{}" * number) for number in range(5)]
    first = files(write(tmp_path / "one", *entries))
    write(tmp_path / "two", Entry(HOST, "/old.csv", b"old"))
    assert files(write(tmp_path / "two", *entries)) == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_equal_bodies_are_stored_once(tmp_path):
    folder = write(tmp_path / "r", Entry(HOST, "/a.csv", b"same"), Entry(HOST, "/b.csv", b"same"))
    assert len(list((folder / "bodies").iterdir())) == 1


def test_an_entity_tag_of_none_is_left_out_whatever_its_case(tmp_path):
    (entry,) = read_recording(write(tmp_path / "r", Entry(HOST, "/a.csv", b"x", headers={"etag": None, "content-type": "text/plain"}))).entries
    assert entry.headers == {"content-type": "text/plain"}


def test_a_path_without_extension_that_answers_json_says_so(tmp_path):
    (entry,) = read_recording(write(tmp_path / "r", Entry(HOST, "/api/standards", b"[]"))).entries
    assert entry.headers["Content-Type"] == "application/json"


def test_two_answers_to_one_request_of_one_phase_are_refused_and_nothing_is_left_behind(tmp_path):
    write(tmp_path / "r", Entry(HOST, "/a.csv", b"kept"))
    with pytest.raises(ObservatoryError, match="same request"):
        write(tmp_path / "r", Entry(HOST, "/a.csv", b"1"), Entry(HOST, "/a.csv", b"2"))
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert read_recording(tmp_path / "r").entries[0].body.read_bytes() == b"kept"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"body": "bodies/gone"}, "body is missing"),
        ({"body": "../index.json"}, "outside bodies"),
        ({"body": "bodies/../../secret"}, "outside bodies"),
        ({"fault": "explode"}, "`fault`"),
        ({"fault": "http:9999"}, "`fault`"),
        ({"phase": 0}, "`phase`"),
        ({"phase": True}, "`phase`"),
        ({"status": "200"}, "`status`"),
        ({"path": "a.csv"}, "`path`"),
        ({"host": "a/b"}, "`host`"),
        ({"method": "DELETE"}, "`method`"),
        ({"query": {"cell": 1}}, "`query`"),
        ({"headers": ["ETag"]}, "`headers`"),
        ({"body_matches": []}, "`body_matches`"),
    ],
)
def test_a_malformed_entry_is_refused_by_name(tmp_path, change, named):
    folder = write(tmp_path / "r", Entry(HOST, "/a.csv", b"1"), Entry(HOST, "/b.csv", b"2"))
    (tmp_path / "secret").write_text("x")
    index = json.loads((folder / "index.json").read_text())
    index["entries"][1] |= change
    (folder / "index.json").write_text(json.dumps(index))
    with pytest.raises(ObservatoryError, match=named) as error:
        read_recording(folder)
    assert "entry 2" in str(error.value)


def test_a_body_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write(tmp_path / "r", Entry(HOST, "/a.csv", b"1"))
    (body,) = (folder / "bodies").iterdir()
    (tmp_path / "secret").write_text("x")
    body.unlink()
    os.symlink(tmp_path / "secret", body)
    with pytest.raises(ObservatoryError, match="outside bodies"):
        read_recording(folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"entries": []}', '{"synthetic": true, "entries": {}}', '{"synthetic": true, "entries": ["x"]}', "\xff"])
def test_an_index_of_another_shape_is_refused(tmp_path, text):
    (tmp_path / "index.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ObservatoryError, match="recording: (index.json|entry 1)"):
        read_recording(tmp_path)


def test_a_folder_without_index_is_refused(tmp_path):
    with pytest.raises(ObservatoryError, match="index cannot be read"):
        read_recording(tmp_path)
