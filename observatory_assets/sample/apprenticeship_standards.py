"""Sample of Skills England's list: invented standards in the exact JSON of the site, oddities included.

Belongs here: invented statements, duties and records. Does not belong here: which standards there are (sample.world).
Oddities kept because real lists have them: null elements and null lists, LARS code 0, a standard with skills only, an old
version without version number, markup escaped twice, NBSPs, contact fields. Phase 2 re-issues three standards as a new
version whose statements moved, one of them changed; phase 3 leaves the list alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from observatory_assets.publishers import skills_england
from observatory_assets.sample.recording import Entry
from observatory_assets.sample.world import STANDARDS, SUB_MAJORS, UNIT_GROUPS, Standard, rng

_NEW_IN_PHASE_2 = ("ST9007", "ST9013", "ST9023")
_SKILLS_ONLY = "ST9017"
_OLD_VERSIONS = ("ST9006", "ST9019", "ST9032")

# {job} is the occupation's everyday title, {group} its SOC unit group; each inner tuple is one KSB area's wordings.
_KNOWLEDGE = (
    (
        "Health and safety legislation and safe systems of work that apply to a {job}",
        "The principles of health and safety at work, including risk assessment and reporting of hazards",
    ),
    ("How to use spreadsheets, e-mail and other basic IT packages in the workplace", "The IT systems used to record and retrieve information"),
    ("How to read and understand written instructions and work documents", "Plain English, spelling and grammar in records and messages"),
    ("How to carry out calculations, percentages and measurements used at work", "Basic numeracy: quantities, ratios and estimates"),
    ("The needs and expectations of customers and how good customer service is delivered", "How customer feedback is used to improve the service"),
    ("How the business operates, its costs and what makes it profitable", "Principles of budgeting and financial control"),
    ("Principles of environmental sustainability, waste reduction and net zero", "How the sector reduces its carbon emissions"),
    ("Data protection and confidentiality requirements and why they matter",),
    ("Approaches to equality, diversity and inclusion in the workplace",),
    ("The rights and responsibilities of employers and employees under employment law",),
    ("Marketing principles and how they are used to reach customers", "How social media is used to promote an organisation"),
)
_SKILL = (
    (
        "Work as part of a team to complete shared tasks",
        "Collaborate with colleagues in own and other teams",
        "Support team members to meet the team's targets",
    ),
    ("Communicate verbally with colleagues and customers, adapting style to the audience", "Explain information clearly face to face and by telephone"),
    ("Write clear reports, e-mails and handover notes", "Complete written records accurately and legibly"),
    ("Manage own time and prioritise tasks to meet deadlines", "Plan own workload and organise activities in order of urgency"),
    ("Use industry-specific software to carry out the work of a {job}", "Use digital tools and specialist software packages"),
    ("Solve problems by identifying causes and proposing solutions", "Find and correct faults in routine work"),
    ("Plan and deliver a small project within scope, cost and time", "Contribute to project plans and track progress against milestones"),
    ("Lead and supervise others, giving clear direction and feedback",),
    ("Promote products and services and close a sale",),
)
_BEHAVIOUR = (
    ("Is a team player who supports others", "Works well with others and values team working"),
    ("Is reliable and punctual", "Can be depended on to complete work as agreed"),
    ("Is resilient and stays calm under pressure", "Copes with setbacks and adapts to change"),
    ("Acts with honesty and integrity", "Is honest and trustworthy in dealings with others"),
    ("Works hard and shows commitment to the task", "Has a strong work ethic and puts effort into every task"),
    ("Is eager to learn and seeks out development", "Shows curiosity and takes up opportunities for learning"),
    ("Is self-motivated and takes responsibility for own work", "Uses own initiative"),
    ("Is polite and treats people with respect",),
    ("Is open to new ideas and looks for innovative ways of working",),
    ("Speaks up with confidence and challenges unsafe practice",),
)
_OWN_KNOWLEDGE = (
    "The tools, materials and methods of {group}",
    "Standards of quality expected of a {job} and how work is checked",
    "Regulations and codes of practice specific to {group}",
    "How equipment used by a {job} is set up, used and maintained",
)
_OWN_SKILL = (
    "Carry out the daily tasks of a {job} to the agreed standard",
    "Select and use the equipment of {group} safely",
    "Inspect finished work against the specification for {group}",
    "Prepare the work area of a {job} and restore it afterwards",
)
_CODING = "Write and test computer programs in an appropriate programming language"


def entries(phase: int) -> Iterator[Entry]:
    """The whole list in phase 1, and again in phase 2 with the new versions."""
    if phase == 3:
        return
    body = json.dumps(_list(phase), ensure_ascii=False, separators=(",", ":")).encode()
    modified = "Wed, 01 Jul 2026 06:00:00 GMT" if phase == 1 else "Mon, 05 Oct 2026 06:00:00 GMT"
    yield Entry(
        skills_england.HOST,
        urlsplit(skills_england.LIST).path,
        body,
        headers={"Content-Type": "application/json; charset=utf-8", "Last-Modified": modified},
    )


def _list(phase: int) -> list[dict[str, Any] | None]:
    records: list[dict[str, Any] | None] = []
    for number, standard in enumerate(STANDARDS):
        renewed = phase == 2 and standard.reference in _NEW_IN_PHASE_2
        if standard.reference in _OLD_VERSIONS:
            old = _record(standard, "1.0", "Retired")
            # As the site once left the baseline version.
            records.append(old | {"version": None, "versionNumber": ""})
            records.append(_record(standard, "1.1", "Approved for delivery"))
        else:
            records.append(_record(standard, "1.0", "Retired" if renewed else "Approved for delivery"))
        if renewed:
            records.append(_record(standard, "1.1", "Approved for delivery"))
        if number == 10:
            records.append(None)
    draft = _record(STANDARDS[0], "1.0", "In development") | {"referenceNumber": "ST9999", "title": "Standard in development (sample)", "larsCode": 0}
    return [*records, draft | {"approvedForDelivery": None, "knowledges": None, "skills": None, "behaviours": None, "duties": None, "typicalJobTitles": None}]


def _record(standard: Standard, version: str, status: str) -> dict[str, Any]:
    later = version != "1.0"
    statements = _statements(standard, later)
    when = "2026-10-01T00:00:00" if later and standard.reference in _NEW_IN_PHASE_2 else "2025-03-01T00:00:00"
    record = {
        "larsCode": 9000 + int(standard.reference[3:]),
        "referenceNumber": standard.reference,
        "title": f"{standard.title} ",
        "status": status,
        "approvedForDeliveryPausedStarts": False,
        "versionNumber": version,
        "version": version,
        "change": "Statements revised (sample)" if later else "",
        "changedDate": when,
        "lastUpdated": when,
        "approvedForDelivery": "2019-09-01T00:00:00",
        "overviewOfRole": f"Working as a {standard.job_titles[0].lower()}. Synthetic sample.",
        "occupationalSummary": f"&lt;p&gt;This occupation is found in {SUB_MAJORS[standard.soc[:2]].lower()}.&amp;nbsp;Synthetic sample.&lt;/p&gt;",
        "level": standard.level,
        "ePALength": 3,
        "typicalDuration": 12 + 4 * standard.level,
        "minimumHoursForCompliance": "278",
        "maxFunding": 3000 + 1500 * standard.level,
        "route": standard.route,
        "ssa1": standard.ssa,
        "ssa2": standard.ssa,
        "keywords": [],
        "jobRoles": [],
        "typicalJobTitles": [*standard.job_titles, standard.job_titles[0]],
        "greenJobTitles": [],
        "duties": _duties(standard, later, statements),
        "tbMainContact": {"name": "Sample Contact", "email": "contact@sample.invalid"},
        "eQAProvider": {"providerName": "Ofqual", "contactName": "Sample Contact", "contactEmail": "eqa@sample.invalid"},
        "standardPageUrl": f"https://{skills_england.HOST}/apprenticeships/{standard.reference.lower()}-v{version.replace('.', '-')}",
    }
    for (field, id_field), items in zip(
        (("knowledges", "knowledgeId"), ("skills", "skillId"), ("behaviours", "behaviourId")), statements.values(), strict=True
    ):
        record[field] = [{id_field: identifier, "detail": text} for identifier, text in items]
    if standard.reference == _SKILLS_ONLY:
        del record["knowledges"], record["behaviours"]
    return record


def _statements(standard: Standard, later: bool) -> dict[str, list[tuple[str, str]]]:
    """Kind -> (GUID, text). A later version keeps the GUIDs but rotates the order, and rewords one skill."""
    random = rng("standards", standard.reference)
    words = {"job": standard.job_titles[0].lower(), "group": UNIT_GROUPS[standard.soc][0].lower()}
    digital = standard.soc in ("2134", "3544")
    sales = standard.soc[:2] in ("71", "72") or standard.soc in ("1150", "2432")
    chosen = {
        "knowledge": [*_pick(random, _KNOWLEDGE, 5), *random.sample(_OWN_KNOWLEDGE, 3)],
        "skill": [
            *_pick(random, _SKILL[:7], 5),
            *([_SKILL[7][0]] if standard.level >= 4 else []),
            *([_SKILL[8][0]] if sales else []),
            *random.sample(_OWN_SKILL, 3),
        ],
        "behaviour": _pick(random, _BEHAVIOUR, 5),
    }
    if digital:
        chosen["skill"].append(_CODING)
        chosen["knowledge"].append("Database design, networks and cyber security principles")
    if later:
        chosen["skill"][0] = "Use digital tools and specialist software packages, including automated ones"
    result = {}
    for kind, texts in chosen.items():
        items = [(_guid(standard.reference, kind, position), _marked_up(text.format(**words), position)) for position, text in enumerate(texts)]
        result[kind] = items[1:] + items[:1] if later else items
    return result


def _pick(random: Any, areas: tuple[tuple[str, ...], ...], count: int) -> list[str]:
    # Earlier areas are the commoner ones: the survey's most important come first in each tuple.
    weights = [1.0 / (1 + 0.25 * position) for position in range(len(areas))]
    ranked = sorted(range(len(areas)), key=lambda position: random.random() ** (1.0 / weights[position]), reverse=True)
    return [random.choice(areas[position]) for position in ranked[:count]]


def _marked_up(text: str, position: int) -> str:
    """Every third statement carries what real ones carry: paragraph tags escaped once, an ampersand escaped twice, or NBSPs."""
    if position % 9 == 2:
        return f"&lt;p&gt;{text}&lt;/p&gt;"
    if position % 9 == 5:
        return text.replace(" and ", " &amp;amp; ", 1) + " "
    if position % 9 == 8:
        return text.replace(" ", "\N{NO-BREAK SPACE}")
    return text


def _duties(standard: Standard, later: bool, statements: dict[str, list[tuple[str, str]]]) -> list[dict[str, Any]]:
    random = rng("duties", standard.reference, later)
    duties = []
    for position, start in enumerate(("Prepare", "Carry out", "Check", "Record"), start=1):
        mapped = {kind: sorted(identifier for identifier, _ in random.sample(items, min(3, len(items)))) for kind, items in statements.items()}
        duties.append(
            {
                "dutyID": _guid(standard.reference, "duty", position),
                "dutyDetail": f"{start} the work of a {standard.job_titles[0].lower()}" if position < 4 or later else ".",
                "criteriaForMeasuringPerformance": "",
                "isThisACoreDuty": int(position < 4),
                "mappedKnowledge": mapped["knowledge"],
                "mappedSkills": mapped["skill"],
                "mappedBehaviour": mapped["behaviour"],
                "mappedOptions": None,
            }
        )
    return duties


def _guid(*scope: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, ":".join(map(str, ("sample", *scope)))))
