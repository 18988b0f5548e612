"""The bundled sample as a whole: built once, the same everywhere, rebuilt when a generator changes, small, and telling its story."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from observatory_assets.sample import build, soc2020
from observatory_assets.sample.recording import read_recording

COMMAND = "import sys, pathlib; from observatory_assets.sample.build import build_sample; print(build_sample(pathlib.Path(sys.argv[1])))"


@pytest.fixture(scope="module")
def built_twice_at_once(tmp_path_factory):
    """The sample as two processes that start together leave it, and what each was told."""
    folder = tmp_path_factory.mktemp("sample") / "recordings"
    processes = [subprocess.Popen([sys.executable, "-c", COMMAND, str(folder)], cwd=build.PROJECT_ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    return folder, told


@pytest.fixture(scope="module")
def recording(built_twice_at_once):
    return read_recording(build.build_sample(built_twice_at_once[0]))


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_processes_at_once_end_with_one_whole_sample(built_twice_at_once):
    folder, told = built_twice_at_once
    (only,) = folder.iterdir()
    assert told == [str(only)] * 2
    assert read_recording(only).entries


def test_an_unchanged_sample_is_reused_at_once(built_twice_at_once):
    folder, told = built_twice_at_once
    before = files(folder)
    started = time.monotonic()
    assert str(build.build_sample(folder)) == told[0]
    assert time.monotonic() - started < 0.5
    assert files(folder) == before


def test_another_build_gives_the_same_bytes(built_twice_at_once, tmp_path):
    assert files(build.build_sample(tmp_path)) == files(build.build_sample(built_twice_at_once[0]))


def test_a_changed_generator_makes_a_new_version_and_the_last_one_stays_for_who_is_serving_it(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "generators", lambda: [soc2020])
    versions = []
    for number in range(3):
        monkeypatch.setattr(build, "fingerprint", lambda number=number: f"{number}" * 64)
        versions.append(build.build_sample(tmp_path))
        time.sleep(0.01)
    assert sorted(tmp_path.iterdir()) == versions[1:]


def test_a_generator_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "generators", lambda: [soc2020, SimpleNamespace(__name__="broken", entries=lambda phase: [1 / 0])])
    with pytest.raises(ZeroDivisionError):
        build.build_sample(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_for_drop_folders_are_placed_up_to_the_phase_reached_and_taken_away_again(tmp_path, monkeypatch):
    placed = {1: [("a v1.csv", b"1")], 2: [("a v2.csv", b"2")], 3: []}
    monkeypatch.setattr(build, "generators", lambda: [soc2020, SimpleNamespace(__name__="sample.dropper", dropped=lambda phase: placed[phase])])
    recording, inbox = build.build_sample(tmp_path / "recordings"), tmp_path / "inbox"
    assert [path.name for path in build.place_dropped(recording, inbox, 2)] == ["a v1.csv", "a v2.csv"]
    assert build.place_dropped(recording, inbox, 2) == []
    (inbox / "dropper" / "own.csv").write_bytes(b"a person's")
    build.place_dropped(recording, inbox, 1)
    assert files(inbox) == {"dropper/a v1.csv": b"1", "dropper/own.csv": b"a person's"}


def test_a_change_in_any_source_of_the_package_changes_the_fingerprint(tmp_path, monkeypatch):
    package = Path(build.__file__).parent.parent
    for folder in ("sample", "datasets", "publishers"):
        shutil.copytree(package / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = build.fingerprint()
    monkeypatch.setattr(build, "__file__", str(tmp_path / "sample" / "build.py"))
    assert build.fingerprint() == before
    for source in sorted(tmp_path.glob("*/*.py")):
        text = source.read_text(encoding="utf-8")
        source.write_text(text + "\n", encoding="utf-8")
        assert build.fingerprint() != before, source.name
        source.write_text(text, encoding="utf-8")


def test_the_sample_is_synthetic_has_three_phases_and_is_smaller_than_ten_megabytes(recording):
    assert recording.synthetic
    assert {entry.phase for entry in recording.entries} == {1, 2, 3}
    assert sum(body.stat().st_size for body in {entry.body for entry in recording.entries if entry.body}) < 10e6


@pytest.mark.parametrize("phase", [2, 3])
def test_a_later_phase_changes_what_some_publishers_answer(recording, phase):
    def answers(until):
        reached = sorted((entry for entry in recording.entries if entry.phase <= until), key=lambda entry: entry.phase)
        return {(entry.host, entry.path, str(sorted(entry.query.items()))): entry.body for entry in reached}

    before, after = answers(phase - 1), answers(phase)
    changed = {request for request, body in after.items() if before.get(request) != body}
    assert changed
    assert {host for host, *_ in changed} < {entry.host for entry in recording.entries}
