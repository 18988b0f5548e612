"""Atomic files: old or new, never a part, and no leftovers."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources import files


def test_a_file_is_written_with_its_folders_and_replaced(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    files.write_bytes(path, b"one")
    files.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_other(step, tmp_path, monkeypatch):
    files.write_bytes(tmp_path / "file", b"old")

    def fail(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(files.os, step, fail)
        files.write_bytes(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_reader_beside_a_writer_sees_only_whole_files(tmp_path):
    path, bodies = tmp_path / "file", {bytes([letter]) * 200_000 for letter in b"abc"}
    files.write_bytes(path, b"a" * 200_000)
    stop, seen = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for body in sorted(bodies) * 5:
        files.write_bytes(path, body)
    stop.set()
    reader.join()
    assert seen <= bodies


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
        lambda v: st.lists(v) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), v),
        max_leaves=8,
    )
)
def test_json_is_read_back_as_it_was(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "value.json"
    files.write_json(path, value)
    assert files.read_json(path) == value


def test_a_file_that_is_not_there_reads_as_none_and_one_that_is_broken_does_not(tmp_path):
    assert files.read_json(tmp_path / "absent.json") is None
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError):
        files.read_json(tmp_path / "broken.json")


def test_a_link_is_moved_in_one_step(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files.replace_link(tmp_path / "current", name)
        assert (tmp_path / "current").resolve() == tmp_path / name
    assert sorted(os.listdir(tmp_path)) == ["current", "one", "two"]


def test_a_scratch_folder_goes_away_also_when_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), files.scratch_folder(tmp_path) as folder:
        (folder / "file").write_bytes(b"")
        assert folder.parent == tmp_path
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []
