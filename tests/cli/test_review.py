"""`observatory review` from a published database and back into the seed of overrides."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import duckdb
import pytest

from observatory_assets.cli import main
from observatory_assets.ksb.text import text_sha256
from resources.settings import PROJECT_ROOT, Settings

QUEUE = """
    create schema marts;
    create table marts.ksb_review_queue as select
        sha256(text) as text_sha256, text, kind_given, kind_given as kind, ksb_id, 'rule' as method, 0.5::double as score, null::varchar as runner_up_id,
        0.1::double as margin, 'review' as band, null::varchar as reason, 0.0::double as demand_influence, influence as supply_influence, influence,
        1::bigint as units, 'supply ST1' as used_in, '1' as taxonomy_version, true as is_sample
    from (values
        ('Sell a little', 'skill', 'skill.sales', 0.1::double),
        ('Sell a lot', 'skill', 'skill.sales', 0.9::double),
        ('Dig', 'skill', 'skill.sales', 0.5::double)
    ) as t (text, kind_given, ksb_id, influence)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for path in (PROJECT_ROOT / "dbt_project" / "seeds").glob("ksb_*.csv"):
        shutil.copyfile(path, seeds / path.name)
    monkeypatch.setattr(Settings, "seeds", seeds)
    monkeypatch.setenv("OBSERVATORY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OBSERVATORY_PROFILE", raising=False)
    return tmp_path / "home"


@pytest.fixture
def published(home: Path) -> None:
    (home / "serving").mkdir(parents=True)
    with duckdb.connect(str(home / "serving" / "observatory.duckdb")) as connection:
        connection.execute(QUEUE)


def test_before_a_refresh_there_is_nothing_to_review(capsys: pytest.CaptureFixture) -> None:
    assert main(["review", "export"]) == 1
    assert "run `observatory refresh` first" in capsys.readouterr().err


@pytest.mark.usefixtures("published")
def test_the_most_influential_come_first_and_at_most_as_many_as_asked_for(capsys: pytest.CaptureFixture) -> None:
    assert main(["review", "export", "--top", "2"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["text"] for row in rows] == ["Sell a lot", "Dig"]
    assert main(["review", "export", "--top", "0"]) == 2


@pytest.mark.usefixtures("published")
def test_a_file_goes_out_comes_back_filled_in_and_is_not_written_over(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    file = tmp_path / "review.csv"
    assert main(["review", "export", "--out", str(file)]) == 0
    assert "3 uncertain matches" in capsys.readouterr().out
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    file.write_text(file.read_text("utf-8").replace("near its threshold,,,,", "near its threshold,reject,,R. Viewer,no sale", 1))
    assert main(["review", "import", str(file)]) == 0
    assert main(["review", "import", str(file)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 decisions taken over, 0 ") and second.startswith("0 decisions taken over, 1 ")
    [row] = csv.DictReader((tmp_path / "seeds" / "ksb_override.csv").open())
    assert (row["text_sha256"], row["ksb_id"], row["action"], row["reviewer"]) == (text_sha256("Sell a lot"), "skill.sales", "reject", "R. Viewer")

    assert main(["review", "export", "--out", str(file)]) == 1
    assert "may hold decisions" in capsys.readouterr().err


def test_a_file_that_is_no_review_changes_nothing(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    before = (tmp_path / "seeds" / "ksb_override.csv").read_bytes()
    assert main(["review", "import", str(tmp_path / "absent.csv")]) == 1
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert main(["review", "import", str(tmp_path / "other.csv")]) == 1
    assert "no text_sha256" in capsys.readouterr().err
    assert (tmp_path / "seeds" / "ksb_override.csv").read_bytes() == before
