"""Replays of the real taxonomies, crosswalk, SOC 2020, projections, and the labelled sets the matcher is measured on.

Belongs here: which reader takes which real file, and how many rows it gives. Does not belong here: what the rows say (tests/datasets).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from observatory_assets.datasets import esco, esco_onet_crosswalk, onet, skills_imperative, soc2020, uk_ssc
from observatory_assets.datasets.contract import Dataset
from tests.datasets.fetched import payload, read


def _parsed(dataset: Dataset, name: str | None = None) -> Callable[[Path], dict[str, int]]:
    """A replay through the dataset's own parse; ``name`` is the publisher's where the recorded file has another."""

    def replay(path: Path) -> dict[str, int]:
        given = payload(path)
        tables = read(dataset, [replace(given, name=name or given.name)])
        return {table: rows.num_rows for table, rows in tables.items() if rows.num_rows}

    return replay


def _onet(path: Path) -> dict[str, int]:
    """One file of the database's Excel edition; a release has them all, so parse refuses it alone."""
    file = onet.File(path.stem, path.name, path.read_bytes())
    if path.stem == onet.OCCUPATION_FILE:
        return {"onet__occupations": onet.read_occupations(file).num_rows}
    return {"onet__ratings": onet.read_ratings(file).num_rows}


def _onet_elements(path: Path) -> dict[str, int]:
    """The content model as a CSV, put into the text edition's form first."""
    with path.open(newline="", encoding="utf-8") as lines:
        body = "\n".join("\t".join(cell.replace("\n", " ") for cell in row) for row in csv.reader(lines)).encode()
    return {"onet__elements": onet.read_elements(onet.File(onet.ELEMENT_FILE, path.name, body)).num_rows}


def _esco_profiles(path: Path) -> dict[str, int]:
    """The complete relation set as lists of labels, another shape than the official file: only its size can be held against it."""
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["essential_skills", "optional_skills"])
    counts = {kind: sum(len(labels or ()) for labels in table[f"{kind}_skills"].to_pylist()) for kind in ("essential", "optional")}
    assert counts == {"essential": 67_622, "optional": 61_382}
    return {f"{kind} relations as labels": count for kind, count in counts.items()}


def _labelled(path: Path) -> dict[str, int]:
    """A labelled or benchmark set, which no dataset holds: every record as wide as its header."""
    with path.open(newline="", encoding="utf-8") as lines:
        if path.suffix == ".txt":
            return {"labelled": sum(1 for line in lines if line.strip())}
        header, *rows = csv.reader(lines)
    assert all(len(row) == len(header) for row in rows)
    return {"labelled": len(rows)}


REPLAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    "uk_ssc/sug_codes_descriptions.csv": _parsed(uk_ssc.DATASET),
    "uk_ssc/sugs_task_description.xlsx": _parsed(uk_ssc.DATASET),
    "uk_ssc/sugs_to_tasks.csv": _parsed(uk_ssc.DATASET),
    "uk_ssc/uk_soc2020_sub_unit_groups.csv": _parsed(uk_ssc.DATASET),
    "uk_ssc/uk_ssc_occupational_skills_v0.9.csv": _parsed(uk_ssc.DATASET),
    "onet/Knowledge.xlsx": _onet,
    "onet/Occupation Data.xlsx": _onet,
    "onet/Skills.xlsx": _onet,
    "onet/Work Styles.xlsx": _onet,
    "onet/onet_content_model_reference.csv": _onet_elements,
    "esco/ISCOGroups_en.csv": _parsed(esco.DATASET),
    "esco/broaderRelationsOccPillar_en.csv": _parsed(esco.DATASET),
    "esco/derived_occupationSkillRelations_subset.csv": _parsed(esco.DATASET, "occupationSkillRelations_en.csv"),
    "esco/esco_occupation_profiles.parquet": _esco_profiles,
    "esco/esco_skills_en.csv": _parsed(esco.DATASET),
    "esco/greenSkillsCollection_en.csv": _parsed(esco.DATASET),
    "esco/occupations_en.csv": _parsed(esco.DATASET),
    "esco/skillGroups_en.csv": _parsed(esco.DATASET),
    "esco/skillSkillRelations_en.csv": _parsed(esco.DATASET),
    "esco/skillsHierarchy_en.csv": _parsed(esco.DATASET),
    "esco/transversalSkillsCollection_en.csv": _parsed(esco.DATASET),
    "crosswalks/esco_onet_crosswalk_Nov2020.csv": _parsed(esco_onet_crosswalk.DATASET),
    "soc2020/soc2020volume1structureanddescriptionofunitgroupsexcel16042025.xlsx": _parsed(soc2020.DATASET),
    "skills_imperative/LL_LSIP_MainTables.Main.2023-03-29.xlsm": _parsed(skills_imperative.DATASET),
    "skills_imperative/LL_LSIP_MainTables.Main.xlsm": _parsed(skills_imperative.DATASET),
    "ksb/dev_labelled_84.csv": _labelled,
    "ksb/esco_v1.1.0_skills_en_label.txt": _labelled,
    "ksb/house_validation_annotations.csv": _labelled,
    "ksb/skillskape_dev.csv": _labelled,
    "ksb/tech_validation_annotations.csv": _labelled,
}
