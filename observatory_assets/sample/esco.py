"""Sample of ESCO: the archive for its drop folder, with invented concepts under identifiers that start with `sample-`.

Belongs here: the archive's files in their wire format. Does not belong here: reading them. ISCO-08 codes and titles are official.
Phase 1 brings v1.2.0, phase 2 v1.2.1 with one more skill and labels beside the relations' identifiers, as newer builds have them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from observatory_assets.sample.invented_skills import SKILLS, Skill, skills_of
from observatory_assets.sample.workbooks import zip_bytes
from observatory_assets.sample.world import UNIT_GROUPS, rng

ROOT = "http://data.europa.eu/esco"
ISCO = {
    "2144": ("2122", "Mechanical engineers"),
    "2512": ("2134", "Software developers"),
    "2221": ("2237", "Nursing professionals"),
    "2264": ("2221", "Physiotherapists"),
    "2341": ("2314", "Primary school teachers"),
    "2411": ("2421", "Accountants"),
    "3434": ("5434", "Chefs"),
    "5141": ("6221", "Hairdressers"),
    "5322": ("6135", "Home-based personal care workers"),
    "5411": ("3313", "Fire-fighters"),
    "7112": ("5313", "Bricklayers and related workers"),
    "7115": ("5316", "Carpenters and joiners"),
    "7223": ("5221", "Metal working machine tool setters and operators"),
    "7411": ("5241", "Building and related electricians"),
    "8332": ("8211", "Heavy truck and lorry drivers"),
    "8344": ("8222", "Lifting truck operators"),
}
"""ISCO-08 unit group -> a SOC 2020 unit group of the sample, and its official title."""

KNOWLEDGE = (
    "batteries and chargers",
    "food hygiene rules",
    "load tables",
    "mortar mixes",
    "payroll law",
    "scheduling theory",
    "thread gauges",
    "ward routines",
)
"""Invented knowledge concepts."""


HEADERS = {
    "skills_en.csv": (
        "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,definition,inScheme,description"
    ),
    "occupations_en.csv": (
        "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,regulatedProfessionNote,scopeNote,definition,inScheme,"
        "description,code"
    ),
    "occupationSkillRelations_en.csv": "occupationUri,relationType,skillType,skillUri",
    "skillGroups_en.csv": "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,inScheme,description,code",
    "skillsHierarchy_en.csv": (
        "Level 0 URI,Level 0 preferred term,Level 1 URI,Level 1 preferred term,Level 2 URI,Level 2 preferred term,Level 3 URI,Level 3 preferred term,"
        "Description,Scope note,Level 0 code,Level 1 code,Level 2 code,Level 3 code"
    ),
    "broaderRelationsOccPillar_en.csv": "conceptType,conceptUri,broaderType,broaderUri",
    "broaderRelationsSkillPillar_en.csv": "conceptType,conceptUri,broaderType,broaderUri",
    "skillSkillRelations_en.csv": "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri",
    "ISCOGroups_en.csv": "conceptType,conceptUri,code,preferredLabel,status,altLabels,inScheme,description",
    "greenSkillsCollection_en.csv": (
        "conceptType,conceptUri,preferredLabel,status,skillType,reuseLevel,altLabels,description,broaderConceptUri,broaderConceptPT"
    ),
}
NEWER_RELATIONS = "occupationUri,occupationLabel,relationType,skillType,skillUri,skillLabel"

_Path = tuple[str, ...]


def dropped(phase: int) -> Iterator[tuple[str, bytes]]:
    """The archive of a version: v1.2.0 in phase 1, v1.2.1 in phase 2."""
    version = {1: "1.2.0", 2: "1.2.1"}.get(phase)
    if version:
        name = f"ESCO dataset - v{version} - classification - en - csv"
        headers = HEADERS | ({"occupationSkillRelations_en.csv": NEWER_RELATIONS} if phase == 2 else {})
        files = {file: _csv(headers[file], rows, whole=file != "skillsHierarchy_en.csv") for file, rows in _files(newer=phase == 2).items()}
        yield f"{name}.zip", zip_bytes({f"{name}/{file}": body for file, body in files.items()})


def label_of(skill: Skill) -> str:
    """A skill's name as ESCO writes labels, without a capital."""
    return skill.name[0].lower() + skill.name[1:]


def _csv(header: str, rows: Iterable[Mapping[str, str]], whole: bool) -> bytes:
    """Rows under a header, cells a row has not empty; unless ``whole``, empty cells at a row's end are left out, as in the publisher's hierarchy."""
    names = header.split(",")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name, "") for name in names]
        while not whole and cells[-1] == "":
            cells.pop()
        writer.writerow(cells)
    return text.getvalue().encode()


def _files(newer: bool) -> dict[str, list[dict[str, str]]]:
    concepts = [(label_of(skill), "skill/competence", skill.definition) for skill in SKILLS]
    concepts += [(label, "knowledge", f"What is known about {label} (invented).") for label in KNOWLEDGE]
    concepts += [("judge a sample", "skill/competence", "Tell a synthetic record from a real one.")] if newer else []
    uris = {label: f"{ROOT}/skill/sample-{number:04d}" for number, (label, _, _) in enumerate(concepts, start=1)}
    types = {label: kind for label, kind, _ in concepts}
    occupations = {code: (f"{ROOT}/occupation/sample-{code}", UNIT_GROUPS[soc][1][0].lower()) for code, (soc, _) in ISCO.items()}
    groups = _groups()
    skill, released = {"conceptType": "KnowledgeSkillCompetence"}, {"status": "released"}
    rows: dict[str, list[dict[str, str]]] = {file: [] for file in HEADERS}
    for label, kind, description in concepts:
        shared = skill | released | {"conceptUri": uris[label], "preferredLabel": label, "skillType": kind, "reuseLevel": "cross-sector"}
        rows["skills_en.csv"].append(shared | {"altLabels": f"{label} well\n{label} (sample)", "description": description})
        if "waste" in label:
            rows["greenSkillsCollection_en.csv"].append(shared | {"altLabels": f"{label} well | {label} (sample)"})
    for code, (uri, label) in occupations.items():
        shared = released | {"preferredLabel": label, "altLabels": f"{label} at work\nsenior {label}", "description": f"They work as {label}.\n\nInvented."}
        rows["occupations_en.csv"].append(shared | {"conceptType": "Occupation", "conceptUri": uri, "iscoGroup": code, "code": f"{code}.1"})
        broader = {"broaderType": "ISCOGroup", "broaderUri": f"{ROOT}/isco/C{code}"}
        rows["broaderRelationsOccPillar_en.csv"].append({"conceptType": "Occupation", "conceptUri": uri} | broader)
        group = {"conceptUri": f"{ROOT}/isco/C{code}", "code": code, "preferredLabel": ISCO[code][1], "description": "Invented description."}
        rows["ISCOGroups_en.csv"].append(released | {"conceptType": "ISCOGroup"} | group)
        random = rng("esco", code)
        for needed in [label_of(one) for one in skills_of(ISCO[code][0])] + random.sample(KNOWLEDGE, 2):
            relation = {"relationType": random.choice(("essential", "optional")), "skillType": types[needed], "skillUri": uris[needed], "skillLabel": needed}
            rows["occupationSkillRelations_en.csv"].append({"occupationUri": uri, "occupationLabel": label} | relation)
    for path, (uri, code) in groups.items():
        group = {"conceptType": "SkillGroup", "conceptUri": uri, "preferredLabel": path[-1], "description": "Invented.", "code": code}
        rows["skillGroups_en.csv"].append(released | group)
        steps = [path[: depth + 1] for depth in range(len(path))]
        cells = {
            f"Level {level} {part}": value
            for level, step in enumerate(steps)
            for part, value in zip(("URI", "preferred term", "code"), (groups[step][0], step[-1], groups[step][1]), strict=True)
        }
        rows["skillsHierarchy_en.csv"].append(cells | {"Description": "Invented."})
    for number, one in enumerate(SKILLS):
        uri = uris[label_of(one)]
        broader = {"broaderType": "SkillGroup", "broaderUri": groups[("skills", one.domain, one.area, one.group)][0]}
        rows["broaderRelationsSkillPillar_en.csv"].append(skill | {"conceptUri": uri} | broader)
        if number % 3 == 0:
            other = {"relatedSkillUri": uris[label_of(SKILLS[number - 1])], "relatedSkillType": "skill/competence"}
            rows["skillSkillRelations_en.csv"].append({"originalSkillUri": uri, "originalSkillType": "skill/competence", "relationType": "optional"} | other)
    return rows


def _groups() -> dict[_Path, tuple[str, str]]:
    """Every node above the skills by its path from the pillar: (identifier, code)."""
    paths = sorted({("skills", skill.domain, skill.area, skill.group)[:depth] for skill in SKILLS for depth in range(1, 5)})
    found: dict[_Path, tuple[str, str]] = {}
    for number, path in enumerate(paths, start=1):
        siblings = [other for other in paths if other[:-1] == path[:-1]]
        parent = found.get(path[:-1], ("", ""))[1]
        place = str(siblings.index(path) + 1)
        code = "S" if not parent else parent + place if parent == "S" else f"{parent}.{place}"
        found[path] = (f"{ROOT}/skill/sample-g{number:02d}", code)
    return found
