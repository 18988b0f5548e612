"""How right standards are placed in unit groups, on hand-labelled real standards: `python -m tests.ksb.measure_occupations`.

Belongs here: reading the labels and the recorded payloads, and the measures. Does not belong here: the method (observatory_assets.ksb.occupations).
standard_occupation_labels.csv has a row for each standard, by LARS code, with its acceptable unit groups, first choice first, given from title, level,
overview and job titles before any score was seen. Half `worked_on` chose method and thresholds; half `kept_apart` was drawn afterwards.
"""

from __future__ import annotations

import csv
import itertools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from observatory_assets.datasets import soc2020, uk_ssc
from observatory_assets.ksb.model import load_embedder
from observatory_assets.ksb.occupations import match_standards
from tests.datasets.fetched import payload, read

if TYPE_CHECKING:
    from observatory_assets.ksb.model import Embedder

LABELS = Path(__file__).with_name("standard_occupation_labels.csv")


class Measured(NamedTuple):
    """Of ``standards`` labelled ones ``linked`` have a unit group; shares (0-1) of these that are acceptable, the first choice, in a right sub-major group."""

    standards: int
    linked: int
    acceptable: float
    first_choice: float
    sub_major: float


def real_inputs(data: Path, *, with_sub_unit_groups: bool) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """The four inputs of match_standards from the recorded payloads, standards by LARS code, without official codes."""
    names = ("reference", "title", "level", "overview", "job_title")
    rows = []
    for standard in json.loads((data / "skills_england" / "ifate_api_2020" / "standards_all_515_no_ksbs.json").read_text(encoding="utf-8")):
        titles = standard["typicalJobTitles"]
        for job in (titles if isinstance(titles, list) else json.loads(titles or "[]")) or [None]:
            rows.append((str(standard["larsCode"]), standard["title"], int(standard["level"]), standard["overviewOfRole"], job))
    standards = pa.table([list(column) for column in zip(*rows, strict=True)], names=list(names))
    soc = read(soc2020.DATASET, [payload(next((data / "soc2020").glob("*.xlsx")))])
    groups = soc["ons__soc2020_groups"]
    groups = groups.filter(pc.equal(groups["level"], "unit"))
    jobs, tasks = soc["ons__soc2020_job_titles"], soc["ons__soc2020_tasks"]
    titles = [(groups, "title", "unit_group"), (jobs, "job_title", "job_title")]
    texts = [(groups, "description", "description"), (tasks, "task", "task")]
    if with_sub_unit_groups:
        sub_groups = read(uk_ssc.DATASET, [payload(data / "uk_ssc" / "sug_codes_descriptions.csv")])["uk_ssc__sub_unit_groups"]
        both = pc.binary_join_element_wise(sub_groups["title"], sub_groups["description"], ". ")
        titles.append((sub_groups, "title", "sub_unit_group"))
        texts.append((sub_groups.set_column(sub_groups.column_names.index("description"), "description", both), "description", "sub_unit_group"))
    official = pa.table({"reference": pa.array([], pa.string()), "soc_code": pa.array([], pa.string()), "rank": pa.array([], pa.int64())})
    return standards, _stacked(titles, "title"), _stacked(texts, "text"), official


def _stacked(parts: list[tuple[pa.Table, str, str]], name: str) -> pa.Table:
    return pa.concat_tables(
        pa.table({"soc_code": table["soc_code"], name: table[column], "source": pa.repeat(source, table.num_rows)}) for table, column, source in parts
    )


def measure(data: Path, half: str, *, embedder: Embedder | None = None, with_sub_unit_groups: bool = True, cache_path: Path | None = None) -> Measured:
    """Place the recorded standards and compare one half of the labels with where they were placed."""
    rows = match_standards(*real_inputs(data, with_sub_unit_groups=with_sub_unit_groups), embedder=embedder, cache_path=cache_path).to_pylist()
    placed = {row["reference"]: row["soc_code"] for row in rows}
    with LABELS.open(newline="", encoding="utf-8") as file:
        labels = {row["lars_code"]: row["soc_codes"].split() for row in csv.DictReader(file) if row["half"] == half}
    linked = [(placed[code], right) for code, right in labels.items() if placed[code]]
    hits = (
        sum(code in right for code, right in linked),
        sum(code == right[0] for code, right in linked),
        sum(code[:2] in {one[:2] for one in right} for code, right in linked),
    )
    return Measured(len(labels), len(linked), *(round(hit / len(linked), 4) for hit in hits))


if __name__ == "__main__":
    recorded = Path(__file__).resolve().parents[3] / "shared" / "data"
    print("| half | method | UK-SSC's sub-unit groups | linked | acceptable | first choice | right sub-major group |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for half, embedder, with_groups in itertools.product(("kept_apart", "worked_on"), (load_embedder(), None), (True, False)):
            found = measure(recorded, half, embedder=embedder, with_sub_unit_groups=with_groups, cache_path=Path(folder) / "vectors.parquet")
            shares = " | ".join(f"{share:.0%}" for share in found[2:])
            linked = f"{found.linked / found.standards:.0%} ({found.linked})"
            print(f"| {half} | {'hybrid' if embedder else 'lexical'} | {'yes' if with_groups else 'no'} | {linked} | {shares} |")
