"""The documentation: generated pages are what the code says, and what a page points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from observatory_assets.datasets import all_datasets
from observatory_assets.docs import pages, settings_table, with_settings
from observatory_assets.warehouse import mart_names
from resources.settings import PROJECT_ROOT, Settings

PAGES = [PROJECT_ROOT / "README.md", PROJECT_ROOT / "CHANGELOG.md", *sorted((PROJECT_ROOT / "docs").rglob("*.md"))]
LARGEST_PICTURE = 400 * 1024


def without_code(page: Path) -> str:
    return re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_generated_pages_are_up_to_date() -> None:
    stale = [path.name for path, text in pages() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert not stale, f"{', '.join(stale)}: run python -m observatory_assets.docs"


def test_every_dataset_table_mart_and_setting_has_its_place() -> None:
    text = {path.name: page for path, page in pages()}
    for dataset in all_datasets():
        assert f"(datasets/{dataset.slug}.md)" in text["datasets.md"]
        assert f"| slug | `{dataset.slug}` |" in text[f"{dataset.slug}.md"]
        for table in dataset.tables:
            assert f"## raw.{table.name}\n" in text[f"{dataset.slug}.md"]
    assert re.findall(r"^## (\S+)$", text["dictionary.md"], re.MULTILINE) == mart_names()
    assert len(settings_table()) == len(Settings.model_fields) + 2


def test_no_generated_page_holds_the_path_of_this_machine() -> None:
    assert not [path.name for path, text in pages() if str(PROJECT_ROOT) in text or str(Path.home()) + "/" in text]


def test_a_page_without_the_marks_of_the_settings_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold the lines"):
        with_settings("# For operators\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_and_picture_is_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    missing = []
    for target in targets:
        address, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        file = page.parent / address if address else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            missing.append(target)
    assert not missing


def anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def test_every_picture_is_small_and_shown_somewhere() -> None:
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = list((PROJECT_ROOT / "docs" / "pictures").iterdir())
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE or f"pictures/{path.name}" not in shown] == []


def test_every_documented_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    documented = {target for page in PAGES for target in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}
    assert {"run", "test", "ui"} <= documented <= targets
