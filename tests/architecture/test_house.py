"""The house rules a machine can hold: arrows, light imports, the committed dagster.yaml, the lock, what is tracked."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import yaml

from resources.settings import PROJECT_ROOT

PACKAGES = ("observatory_assets", "sensors", "resources")


def python_files() -> list[Path]:
    return [path for package in PACKAGES for path in (PROJECT_ROOT / package).rglob("*.py")]


def test_the_arrows_run_one_way() -> None:
    result = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_the_definitions_leaves_the_heavy_libraries_out() -> None:
    heavy = ("great_expectations", "sklearn", "onnxruntime", "python_calamine", "openpyxl", "scipy", "rapidfuzz", "ijson")
    code = f"import sys; from observatory_assets.definitions import build_defs; build_defs(); print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip().splitlines()[-1] == "[]"


def test_status_does_not_import_dagster() -> None:
    code = "import sys; from observatory_assets.cli import main; main(['status']); print('dagster' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip().splitlines()[-1] == "False"


def test_every_module_opens_with_its_charter() -> None:
    without = [str(path.relative_to(PROJECT_ROOT)) for path in python_files() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not without


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = [
        f"{path.relative_to(PROJECT_ROOT)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_no_dbt_trap_is_set() -> None:
    assert not list((PROJECT_ROOT / "dbt_project").rglob("__init__.py")), "dbt imports packages it finds"
    assert not list(PROJECT_ROOT.glob("dbt_*.py")), "dbt imports top-level modules named dbt_* as plugins"
    assert not (PROJECT_ROOT / "dbt_project" / "packages.yml").exists(), "dbt deps needs a network at load"


def test_dagster_yaml_limits_pools_and_frees_their_slots() -> None:
    config = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())
    assert config["telemetry"] == {"enabled": False}
    assert config["concurrency"]["pools"]["default_limit"] == 1, "a pool without a limit protects nothing"
    assert config["run_monitoring"]["free_slots_after_run_end_seconds"] > 0


def test_the_lock_pins_and_hashes_everything_and_names_no_index() -> None:
    for name in ("requirements.lock", "requirements-uv.lock"):
        text = (PROJECT_ROOT / name).read_text()
        assert not re.search(r"https?://|--index|--find-links|file:", text)
        pins = re.findall(r"^[A-Za-z0-9._-]+==\S+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
        assert len(re.findall(r"==\S+[^\n]*\\\n\s+--hash=sha256:", text)) == len(pins)


def test_nothing_a_run_leaves_is_tracked() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert not [name for name in tracked if name.endswith((".duckdb", ".parquet", ".xlsm", ".xlsx", ".zip", ".pyc"))]
