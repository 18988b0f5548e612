"""The guide "add a dataset", followed word for word in a copy of the project: one module, its sample, one staging model."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from resources.settings import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "docs" / "add_a_dataset.md"
PARTS = ("observatory_assets", "resources", "sensors", "dbt_project", "docs", "dagster.yaml", "pyproject.toml")
FOLLOW = """
import sys, warnings
warnings.filterwarnings("ignore")
import dagster as dg
from pathlib import Path
from observatory_assets.definitions import build_defs
from observatory_assets.refresh import dagster_home
from observatory_assets.sample import bank_holidays
from observatory_assets.sample.publisher import Publisher
from observatory_assets.sample.recording import write_recording
from resources.observatory import Observatory
from resources.settings import Settings

home = Path(sys.argv[1])
recording = write_recording(home / "recording", {phase: list(bank_holidays.entries(phase)) for phase in (1, 2)}, synthetic=True, description="guide")
keys = [dg.AssetKey(["raw", "govuk__bank_holidays"]), dg.AssetKey(["staging", "stg_govuk__bank_holidays"])]
with Publisher(recording) as publisher:
    observatory = Observatory(Settings(home=home, profile="sample", publisher_address=publisher.address))
    dagster_home(observatory)
    job = build_defs(observatory).resolve_implicit_global_asset_job_def()
    for publisher.phase in (1, 2):
        result = job.execute_in_process(asset_selection=keys, raise_on_error=True)
        print("checks", sum(check.passed for check in result.get_asset_check_evaluations()), len(result.get_asset_check_evaluations()))
with observatory.warehouse.connect(read_only=True) as connection:
    counts = "select count(*), count(distinct release_id), count(*) filter (known_to is null) from staging.stg_govuk__bank_holidays"
    print("rows", *connection.execute(counts).fetchone())
"""


def files_of_the_guide() -> dict[str, str]:
    """Path -> content of each file the guide tells to write: the code block after the path's first mention at the start of a paragraph."""
    text = GUIDE.read_text(encoding="utf-8")
    return dict(re.findall(r"^`([\w/.]+\.(?:py|sql|yml))`[:.].*?\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def test_a_newcomer_who_follows_the_guide_has_a_dataset_with_audits_staging_and_a_page(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for part in PARTS:
        source = PROJECT_ROOT / part
        if source.is_dir():
            shutil.copytree(source, project / part, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
        else:
            project.mkdir(exist_ok=True)
            shutil.copyfile(source, project / part)
    written = files_of_the_guide()
    assert [Path(name).suffix for name in written] == [".py", ".py", ".sql", ".yml"]
    for name, content in written.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def run(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(project)}
        done = subprocess.run([sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    assert "bank_holidays.md" in run("-m", "observatory_assets.docs")
    page = (project / "docs" / "datasets" / "bank_holidays.md").read_text(encoding="utf-8")
    assert "## raw.govuk__bank_holidays" in page
    assert "ETag of the document" in page
    printed = run("-c", FOLLOW, str(tmp_path / "home")).splitlines()
    checks = [line.split()[1:] for line in printed if line.startswith("checks")]
    assert len(checks) == 2
    assert all(passed == run_ != "0" for passed, run_ in checks)
    # Phase 1 has one day in three divisions, phase 2 two; the first release stays, with the time it was known.
    assert [line for line in printed if line.startswith("rows")] == ["rows 9 2 6"]
