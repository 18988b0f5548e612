"""The archive: bytes under their digest, never rewritten; manifests never rewritten; zips known by their members and opened safely."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import stat
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.archive import Archive, Stored, open_zip, utc_stamp
from resources.errors import UnexpectedPayload
from tests.resources.conftest import BODY, HOST, OTHER

URL = f"https://{HOST}/data.csv"
MEMBERS = {"a/one.csv": b"1,2\n", "two.txt": b"text"}
NAMES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0/\\"), min_size=1, max_size=20).filter(lambda name: name not in (".", ".."))


def keep(archive: Archive, body: bytes, name: str = "body") -> Stored:
    """Put bytes where a fetch would have put them."""
    digest = hashlib.sha256(body).hexdigest()
    path = archive.object_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return Stored(name, URL, digest, len(body), 200, {}, "2026-01-01T00:00:00+00:00")


def zipped(members: dict[str, bytes], year: int = 2024, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), body, method)
    return buffer.getvalue()


def fingerprint(folder, *bodies: bytes) -> str:
    archive = Archive(folder)
    return archive.fingerprint([keep(archive, body, f"file {number}") for number, body in enumerate(bodies)])


def test_bytes_are_kept_as_received_read_only_under_their_digest(client, tmp_path):
    archive = Archive(tmp_path / "archive")
    stored = archive.fetch(client(), "data.csv", URL, labels={"area": "E07000135"}, held=None)
    path = archive.object_path(stored.sha256)
    assert path == tmp_path / "archive" / "objects" / stored.sha256[:2] / stored.sha256
    assert path.read_bytes() == BODY and stored.sha256 == hashlib.sha256(BODY).hexdigest()
    assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert (stored.name, stored.url, stored.size, stored.status, stored.labels) == ("data.csv", URL, len(BODY), 200, {"area": "E07000135"})
    assert list((tmp_path / "archive" / "incoming").iterdir()) == []


def test_the_same_bytes_are_kept_once_wherever_they_come_from(client, tmp_path):
    archive = Archive(tmp_path / "archive")
    first = archive.fetch(client(), "a.csv", URL, labels={}, held=None)
    before = archive.object_path(first.sha256).stat()
    second = archive.fetch(client(), "b.csv", f"https://{HOST}/dated.csv", labels={}, held=None)
    assert second.sha256 == first.sha256
    assert archive.object_path(first.sha256).stat() == before
    assert sum(path.is_file() for path in (tmp_path / "archive" / "objects").rglob("*")) == 1


def test_what_is_held_is_not_fetched_again_and_keeps_its_first_retrieval(client, small, tmp_path):
    archive = Archive(tmp_path / "archive")
    first = archive.fetch(client(), "a.csv", URL, labels={"old": "1"}, held=None)
    again = archive.fetch(client(), "a.csv", URL, labels={"new": "1"}, held=first)
    assert (again.sha256, again.retrieved_at, again.status, again.labels) == (first.sha256, first.retrieved_at, 304, {"new": "1"})
    assert [request.status for request in small.requests] == [200, 304]


def test_a_304_nobody_asked_for_is_refused(client, small, tmp_path):
    small.inject(HOST, None, "http:304")
    with pytest.raises(UnexpectedPayload, match="unconditional"):
        Archive(tmp_path / "archive").fetch(client(), "a.csv", URL, labels={}, held=None)


def test_a_failed_fetch_leaves_nothing(client, small, tmp_path):
    small.inject(HOST, None, "html_200")
    with pytest.raises(UnexpectedPayload):
        Archive(tmp_path / "archive").fetch(client(), "a.csv", URL, labels={}, held=None)
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []
    assert list((tmp_path / "archive" / "incoming").iterdir()) == []


def test_a_manifest_is_written_once_and_never_again(tmp_path):
    archive = Archive(tmp_path)
    payload = keep(archive, b"body")
    path = archive.write_manifest("places", "r1", {"marker": "first", "retrieved_at": "2026-01-01"}, [payload])
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert archive.write_manifest("places", "r1", {"marker": "second", "retrieved_at": "2027-01-01"}, []) == path
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert archive.payloads("places", "r1") == [payload]
    assert json.loads(path.read_text())["marker"] == archive.manifest("places", "r1")["marker"] == "first"


def test_the_newest_payloads_are_those_retrieved_last_and_a_dataset_without_any_has_none(tmp_path):
    archive = Archive(tmp_path)
    old, new = keep(archive, b"old"), keep(archive, b"new")
    archive.write_manifest("places", "b", {"retrieved_at": "2026-01-01T00:00:00+00:00"}, [old])
    archive.write_manifest("places", "a", {"retrieved_at": "2026-02-01T00:00:00+00:00"}, [new])
    assert archive.newest_payloads("places") == [new]
    assert archive.newest_payloads("nowhere") == archive.payloads("places", "c") == []
    assert archive.manifest("nowhere", "a") is None


# Fingerprints


def test_a_zip_built_again_at_another_time_is_the_same_release(tmp_path):
    turned = dict(reversed(MEMBERS.items()))
    first = fingerprint(tmp_path, zipped(MEMBERS, 2024))
    assert first == fingerprint(tmp_path, zipped(MEMBERS, 2026)) == fingerprint(tmp_path, zipped(turned, method=zipfile.ZIP_STORED))


@pytest.mark.parametrize(
    "members",
    [MEMBERS | {"two.txt": b"texx"}, MEMBERS | {"three": b""}, {"a/one.csv": b"1,2\n"}, {"a/1.csv": b"1,2\n", "two.txt": b"text"}, {}],
    ids=["changed", "added", "lost", "renamed", "emptied"],
)
def test_a_zip_with_other_members_is_another_release(members, tmp_path):
    assert fingerprint(tmp_path, zipped(MEMBERS)) != fingerprint(tmp_path, zipped(members))


def test_a_zip_that_cannot_be_opened_still_has_a_fingerprint_so_that_it_can_be_quarantined(tmp_path):
    cut = zipped(MEMBERS)[:-5]
    assert fingerprint(tmp_path, cut) not in (fingerprint(tmp_path, zipped(MEMBERS)), fingerprint(tmp_path, cut[:-1]))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=20), max_size=4), st.data())
def test_a_fingerprint_depends_on_names_and_bytes_and_not_on_the_order_asked(tmp_path_factory, bodies, data):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    payloads = [keep(archive, body, name) for name, body in bodies.items()]
    shuffled = data.draw(st.permutations(payloads))
    assert archive.fingerprint(payloads) == archive.fingerprint(shuffled)
    if payloads:
        changed = [keep(archive, bodies[payloads[0].name] + b"!", payloads[0].name), *payloads[1:]]
        assert archive.fingerprint(changed) != archive.fingerprint(payloads)
        assert archive.fingerprint(payloads[1:]) != archive.fingerprint(payloads)


# Opening zips


def test_a_sound_zip_is_opened(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(MEMBERS))
    with open_zip(tmp_path / "a.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.6, 0.95])
def test_a_truncated_zip_is_refused(kept, tmp_path):
    body = zipped(MEMBERS)
    (tmp_path / "a.zip").write_bytes(body[: int(len(body) * kept)])
    with pytest.raises(UnexpectedPayload) as caught:
        open_zip(tmp_path / "a.zip")
    assert caught.value.rule == "zip_whole" and "bytes" in caught.value.found and caught.value.action


def test_a_bomb_is_refused_by_its_declared_size_before_anything_is_unpacked(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped({"zeros": bytes(10**6), "more": bytes(10**6)}))
    assert (tmp_path / "a.zip").stat().st_size < 10_000
    with pytest.raises(UnexpectedPayload, match="not safe") as caught:
        open_zip(tmp_path / "a.zip", max_unpacked=1_999_999)
    assert caught.value.rule == "zip_safe" and "2,000,000 bytes" in caught.value.found
    open_zip(tmp_path / "a.zip", max_unpacked=2_000_000).close()


def test_a_zip_of_too_many_members_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped({str(number): b"" for number in range(11)}))
    with pytest.raises(UnexpectedPayload, match="11 members"):
        open_zip(tmp_path / "a.zip", max_members=10)


@pytest.mark.parametrize("name", ["../up.csv", "a/../../up.csv", "/etc/passwd", ".."])
def test_names_that_leave_the_archive_are_refused(name, tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped({name: b""}))
    with pytest.raises(UnexpectedPayload) as caught:
        open_zip(tmp_path / "a.zip")
    assert name in caught.value.found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_zip_ends_in_anything_but_a_refusal_or_its_members(tmp_path_factory, data):
    body = bytearray(zipped(MEMBERS))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=6)):
        body[place] = value
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(bytes(body))
    try:
        open_zip(path).close()
    except UnexpectedPayload:
        return


@pytest.mark.parametrize(("place", "value"), [(6, 0xFF), (47, 0xFF)], ids=["version", "name"])
def test_a_damaged_directory_is_refused_whatever_python_says_of_it(place, value, tmp_path):
    body = bytearray(zipped({"é.txt": b"text"}))
    body[body.index(b"PK\x01\x02") + place] = value
    (tmp_path / "a.zip").write_bytes(bytes(body))
    with pytest.raises(UnexpectedPayload, match="cannot be opened"):
        open_zip(tmp_path / "a.zip")


def test_instants_become_names_that_sort_by_time():
    summer = dt.datetime(2024, 8, 5, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert utc_stamp(summer) == "20240805T083000Z"
    assert utc_stamp(summer) < utc_stamp(summer + dt.timedelta(seconds=1))


def test_two_hosts_with_other_bytes_are_two_objects(client, tmp_path):
    archive = Archive(tmp_path / "archive")
    stored = [archive.fetch(client(), "a.csv", url, labels={}, held=None) for url in (URL, f"https://{OTHER}/data.csv")]
    assert len({archive.object_path(one.sha256) for one in stored}) == 2


def test_a_dropped_file_is_kept_as_it_is_and_one_that_cannot_be_is_refused(tmp_path):
    archive = Archive(tmp_path / "archive")
    dropped = tmp_path / "SSC v1.csv"
    dropped.write_bytes(b"code\n1\n")
    kept = archive.keep_file(dropped.name, "dropped:uk_ssc/SSC v1.csv", dropped, labels={"version": "1"}, limit=100)
    assert archive.object_path(kept.sha256).read_bytes() == dropped.read_bytes()
    assert (kept.size, kept.labels, kept.status) == (7, {"version": "1"}, 0)
    assert archive.keep_file(dropped.name, kept.url, dropped, labels={}, limit=100).sha256 == kept.sha256
    empty = tmp_path / "empty.csv"
    empty.touch()
    for path, limit in ((dropped, 3), (empty, 100), (tmp_path / "gone.csv", 100)):
        with pytest.raises(UnexpectedPayload):
            archive.keep_file(path.name, "dropped:x", path, labels={}, limit=limit)
    assert len([path for path in (tmp_path / "archive").rglob("*") if path.is_file()]) == 1
