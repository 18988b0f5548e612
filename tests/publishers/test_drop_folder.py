"""Drop folders: which files count, which is the newest, what tells one set from another, and what is said when there is none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from observatory_assets.publishers import drop_folder
from resources.errors import NotSetUp

PATTERN = re.compile(r"SSC - v[\d.]+\.csv")


def place(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(name)


def test_the_newest_file_is_the_one_with_the_highest_version_not_the_last_in_the_alphabet(tmp_path: Path) -> None:
    place(tmp_path, "SSC - v1.9.0.csv", "SSC - v1.10.0.csv", "notes.txt", ".SSC - v9.0.0.csv", "SSC - v8.0.0.csv.part")
    assert drop_folder.newest(tmp_path, PATTERN).name == "SSC - v1.10.0.csv"
    assert [path.name for path in drop_folder.files(tmp_path, PATTERN)] == ["SSC - v1.10.0.csv", "SSC - v1.9.0.csv"]


@pytest.mark.parametrize("names", [(), ("notes.txt",)])
def test_a_folder_without_such_a_file_says_what_to_place_where(tmp_path: Path, names: tuple[str, ...]) -> None:
    place(tmp_path / "inbox", *names)
    with pytest.raises(NotSetUp) as caught:
        drop_folder.newest(tmp_path / "inbox", PATTERN)
    assert str(tmp_path / "inbox") in str(caught.value)
    assert all(name in str(caught.value) for name in names)


def test_a_folder_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert drop_folder.files(tmp_path / "absent", PATTERN) == []


def test_the_marker_follows_names_and_bytes_and_not_the_time_of_change(tmp_path: Path) -> None:
    place(tmp_path, "SSC - v1.0.csv", "SSC - v2.0.csv")
    paths = drop_folder.files(tmp_path, PATTERN)
    before = drop_folder.marker(paths)
    os.utime(paths[0], (0, 0))
    assert drop_folder.marker(paths[::-1]) == before
    paths[0].write_text("other bytes")
    assert drop_folder.marker(paths) != before
    assert drop_folder.marker(paths[:1]) != drop_folder.marker(paths[1:])
