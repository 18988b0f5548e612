"""Sample of the UK Standard Skills Classification: files for its drop folder, first as extracts of v0.9, then as v1.0.

Belongs here: the two layouts with invented skills and tasks, and what changes between the two. Does not belong here: reading them.
Phase 1 has v0.9's extracts and O*NET mapping; phase 2 brings v1.0, whose layout is a guess that the dataset must also read. In v1.0 a group has another
name, one is two groups, one is retired with its skills, and among the skills one is worded otherwise and one is two.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from observatory_assets.sample.invented_skills import SKILLS, Skill, groups_of_work, skills_of
from observatory_assets.sample.workbooks import workbook_bytes
from observatory_assets.sample.world import UNIT_GROUPS, rng

TASKS = {task: f"T.{90001 + number:05d}" for number, task in enumerate(task for skill in SKILLS for task in skill.tasks)}
"""Task -> identifier, far above the published ones."""

RENAMED = ("Serve customers", "Look after customers and users")
SPLIT = ("Work with numbers and money", "Work with numbers", "Manage money")
RETIRED = "Take dictation"
REWORDED = ("Take minutes", "Take the minutes of meetings")
HALVED = ("Bake bread and decorate cakes", "Bake bread", "Decorate cakes")


def _in_v1_0(skill: Skill) -> Iterator[Skill]:
    if skill.group == RETIRED:
        return
    if skill.group == RENAMED[0]:
        skill = replace(skill, group=RENAMED[1])
    if skill.group == SPLIT[0]:
        skill = replace(skill, group=SPLIT[1] if {"quantities", "numeracy"} & set(skill.definition.replace(",", "").replace(":", "").split()) else SPLIT[2])
    if skill.name == REWORDED[0]:
        skill = replace(skill, name=REWORDED[1])
    if skill.name == HALVED[0]:
        yield replace(skill, name=HALVED[1], definition="Mix, prove and bake dough as bakers do.", tasks=skill.tasks[:1])
        yield replace(skill, name=HALVED[2], definition="Decorate cakes to order as flour confectioners do.", tasks=skill.tasks[1:])
    else:
        yield skill


NEWER = tuple(newer for skill in SKILLS for newer in _in_v1_0(skill))
"""The skills of v1.0."""


def dropped(phase: int) -> Iterator[tuple[str, bytes]]:
    """Files of the drop folder: v0.9 in phase 1, v1.0 in phase 2."""
    if phase == 1:
        headers = ("SUG Code", "SUG Title", "SUG Description", "Task ID", "Task Statement", "Task Relatedness %")
        yield "sugs_task_description.xlsx", _workbook({"Sheet1": [headers, *_pairs(0)]})
        rows = [(number, skill.name, skill.definition, skill.group) for number, skill in enumerate(SKILLS, start=1)]
        yield "uk_ssc_occupational_skills_v0.9.csv", _csv(("ssc_skill_no", "occupational_skill_L4", "definition", "skill_group_L3"), rows)
        mapping = [("ONETTaskID", "TaskID", "SimilarityScore"), *_onet_tasks(TASKS, 0.0)]
        yield "SSC - Mappings - ONET - v0.9.0 - 20251124.xlsx", _workbook({"ONET Tasks to SSC Tasks": mapping})
    if phase == 2:
        notes = [("UK Standard Skills Classification (invented sample)",), ("Version 1.0.0",)]
        codes = [(f"S.{number:04d}", skill) for number, skill in enumerate(NEWER, start=1)]
        owner = {task: code for code, skill in codes for task in skill.tasks}
        tasks = [("SSC Task ID", "SSC Task", "SSC Skill Code"), *((TASKS[task], task, code) for task, code in owner.items())]
        headers = ("SOC 2020 Sub-Unit Group Code", "SOC 2020 Sub-Unit Group Title", "Sub-Unit Group Description", "SSC Task ID", "SSC Task", "Relatedness %")
        yield "SSC - Tasks - v1.0.0 - 20260430.xlsx", _workbook({"Notes": notes, "SSC Tasks": tasks})
        yield (
            "SSC - Mappings - SOC2020 - v1.0.0 - 20260430.xlsx",
            _workbook({"Notes": notes, "SSC Tasks to SUGs": [headers, *(pair for pair in _pairs(5) if pair[4] in owner)]}),
        )
        skills = [(code, skill.name, skill.definition, skill.group, skill.area, skill.domain) for code, skill in codes]
        headings = ("SSC Skill Code", "Occupational Skill", "Skill Definition", "Skill Group", "Skill Area", "Skill Domain")
        yield "SSC - Skills - v1.0.0 - 20260430.xlsx", _workbook({"Notes": notes, "Skills": [headings, *skills]})
        mapping = [("ONET Task ID", "SSC Task ID", "Similarity"), *_onet_tasks(owner, 0.02)]
        yield "SSC - Mappings - ONET - v1.0.0 - 20260430.xlsx", _workbook({"Notes": notes, "ONET Tasks to SSC Tasks": mapping})


def _pairs(shift: int) -> Iterator[tuple[Any, ...]]:
    """Group, title, description, task, statement and relatedness, some of them ``shift`` percent higher than in the first version."""
    for soc_code in UNIT_GROUPS:
        for code, title in groups_of_work(soc_code):
            random = rng("uk_ssc", code)
            for skill in skills_of(soc_code):
                task = random.choice(skill.tasks)
                related = random.randrange(50, 100, 5)
                yield code, title, f"{title} (invented description).", TASKS[task], task, related + shift * random.randrange(2)


def _onet_tasks(tasks: Iterable[str], shift: float) -> Iterator[tuple[Any, ...]]:
    held = {TASKS[task] for task in tasks}
    for number, task in enumerate(TASKS.values(), start=1):
        if number % 2 and task in held:
            yield f"ONET.T.{90000 + number}", task, round(rng("uk_ssc", "onet", task).uniform(0.6, 0.95) + shift, 4)


def _workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return workbook_bytes(workbook)


def _csv(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([headers, *rows])
    return text.getvalue().encode()
