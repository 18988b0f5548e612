"""Apprenticeship standards and their Knowledge, Skill and Behaviour statements, from Skills England: the supply side's vocabulary.

Belongs here: how records of the list become standards, statements, duties and job titles.
Does not belong here: mapping statements to KSB areas (ksb), or opinions on a standard: an odd one is data for the audit.
Contact fields (tbMainContact, eQAProvider) hold personal data. Tables are filled from named fields only, so that neither
these nor a new contact field can ever reach one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.ksb.text import clean
from observatory_assets.publishers import headers, skills_england
from observatory_assets.publishers.tabular import UTF8_BOM, without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

RECORDS_PER_BATCH = 200
"""About 8 MB of the list's text at a time."""

KINDS = {
    "knowledge": ("knowledges", "knowledgeId", "K"),
    "skill": ("skills", "skillId", "S"),
    "behaviour": ("behaviours", "behaviourId", "B"),
}
_MAPPED = ("mappedKnowledge", "mappedSkills", "mappedBehaviour")
_TITLES = {"typical": "typicalJobTitles", "green": "greenJobTitles", "role": "jobRoles"}

_REFERENCE = Column(
    "reference", "string", "Reference of the standard, ST0499; LARS<code> in lists that had none.", nullable=False, pattern=r"(ST|FA|AU)\d{4}|LARS\d+"
)
_VERSION = Column("version", "string", "Version of the standard; 1.0 where none is given.", nullable=False, pattern=r"\d+\.\d+")
_POSITION = Column("position", "integer", "Position in the standard's list, from 1; gaps are empty entries.", nullable=False, minimum=1)

STANDARDS = Table(
    name="skills_england__standards",
    description="One row per version of a standard, retired and developing ones too.",
    columns=(
        _REFERENCE,
        _VERSION,
        Column("lars_code", "integer", "Code funding uses, shared by all versions; NULL where not assigned (0 in the list)."),
        Column("title", "string", "Title.", nullable=False),
        Column("status", "string", "Approved for delivery, In development, Proposal in development, Retired or Withdrawn; NULL in lists without it."),
        Column("level", "integer", "Level, 2 to 7 (0 while undecided).", minimum=0, maximum=8),
        Column("route", "string", "Occupational route."),
        Column("ssa1", "string", "Sector subject area, tier 1."),
        Column("ssa2", "string", "Sector subject area, tier 2."),
        Column("typical_duration_months", "integer", "Typical duration, months.", minimum=0),
        Column("max_funding_gbp", "float", "Funding band maximum, pounds.", minimum=0),
        Column("overview", "string", "Overview of the role, plain text."),
        Column("approved_for_delivery", "date", "Day approved for delivery."),
        Column("changed_date", "timestamp", "When this version changed, as stated, taken as UTC."),
        Column("last_updated", "timestamp", "When the record was last updated, as stated, taken as UTC."),
        Column("standard_page_url", "string", "The standard's page."),
        Column("skills_only", "boolean", "It lists skills but neither knowledge nor behaviours (11 of the 65 of 2020).", nullable=False),
    ),
    keys=("reference", "version"),
)

STATEMENTS = Table(
    name="skills_england__statements",
    description="One row per knowledge, skill or behaviour statement of a version of a standard; entries without text are left out.",
    columns=(
        _REFERENCE,
        _VERSION,
        Column("kind", "string", "Kind the standard files it under.", nullable=False, allowed=tuple(KINDS)),
        _POSITION,
        Column("label", "string", "K1, S1, B1…: the position, so it names another statement after an edit.", nullable=False, pattern=r"[KSB]\d+"),
        Column("statement_id", "string", "The publisher's GUID, or the label where it gives none.", nullable=False),
        Column("text", "string", "The statement as plain text.", nullable=False),
        Column("original_text", "string", "The statement as received.", nullable=False),
    ),
    keys=("reference", "version", "kind", "position"),
)

DUTIES = Table(
    name="skills_england__duties",
    description="One row per duty of a version of a standard, with the statements it draws on; entries without text are left out.",
    columns=(
        _REFERENCE,
        _VERSION,
        _POSITION,
        Column("duty_id", "string", "The publisher's GUID."),
        Column("is_core", "boolean", "Every apprentice does it, whatever the option."),
        Column("text", "string", "The duty as plain text; a lone full stop is the publisher's placeholder.", nullable=False),
        Column("original_text", "string", "The duty as received.", nullable=False),
        Column(
            "mapped_statement_ids",
            "string",
            "JSON list of the statement ids it is mapped to; standards with skills only map to ids they do not list.",
            nullable=False,
        ),
    ),
    keys=("reference", "version", "position"),
)

JOB_TITLES = Table(
    name="skills_england__job_titles",
    description="One row per job title of a version of a standard, each title once.",
    columns=(
        _REFERENCE,
        _VERSION,
        _POSITION,
        Column("job_title", "string", "Job title, plain text.", nullable=False),
        Column("source", "string", "List of the standard it comes from first.", nullable=False, allowed=tuple(_TITLES)),
    ),
    keys=("reference", "version", "position"),
)


def find_marker(lookup: Lookup) -> Marker:
    """The list's ETag, else Last-Modified, else length, else the ISO week.

    No cheap marker is documented, and whether the site answers HEAD with any of these was never seen: the week makes
    sure that an undetected change waits seven days at most, and the same bytes fetched again are the same release.
    """
    return Marker(*headers.sign_of_change(lookup.http, skills_england.LIST))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The whole list, one JSON document of about 80 MB."""
    return [Resource("apprenticeshipstandards.json", skills_england.LIST, starts_with=(b"[", UTF8_BOM + b"["))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """All four tables, a batch each per RECORDS_PER_BATCH standards, in memory that does not grow with the list.

    Raises:
        UnexpectedPayload: no JSON, or broken off.
        SchemaDrift: no array of objects, no records, a record that nothing names, a field of another type, or a version twice.
    """
    import pyarrow as pa

    tables = (STANDARDS, STATEMENTS, DUTIES, JOB_TITLES)
    schemas = {table.name: without_release(table.arrow_schema()) for table in tables}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in schemas}
    seen = skills_england.Seen()
    for payload in payloads:
        for index, record in skills_england.records(payload.path):
            standard = _Standard(record, index, payload.name)
            seen.add((standard.reference, standard.version), index)
            rows[STANDARDS.name].append(standard.row())
            rows[STATEMENTS.name] += standard.statements(KINDS)
            rows[DUTIES.name] += standard.duties()
            rows[JOB_TITLES.name] += standard.job_titles(_TITLES)
            if len(rows[STANDARDS.name]) == RECORDS_PER_BATCH:
                yield from ((name, pa.Table.from_pylist(batch, schemas[name])) for name, batch in rows.items())
                rows = {name: [] for name in schemas}
    if not seen.where:
        raise SchemaDrift("the list holds no standards", rule="not_empty", expected="about 2,000 records", found="none", action="open the address")
    yield from ((name, pa.Table.from_pylist(batch, schemas[name])) for name, batch in rows.items())


class _Standard(skills_england.Record):
    """One version of one standard being read."""

    def row(self) -> dict[str, Any]:
        approved = self.instant("approvedForDelivery")
        return self.at("") | {
            "lars_code": self.whole("larsCode") or None,
            "title": self.text("title") or self.reference,
            "status": self.text("status"),
            "level": self.whole("level"),
            "route": self.text("route"),
            "ssa1": self.text("ssa1"),
            "ssa2": self.text("ssa2"),
            "typical_duration_months": self.whole("typicalDuration"),
            "max_funding_gbp": self.whole("maxFunding"),
            "overview": self.text("overviewOfRole"),
            "approved_for_delivery": approved.date() if approved else None,
            "changed_date": self.instant("changedDate"),
            "last_updated": self.instant("lastUpdated"),
            "standard_page_url": self.text("standardPageUrl"),
            "skills_only": bool(self.items("skills")) and not self.items("knowledges") and not self.items("behaviours"),
        }

    def duties(self) -> Iterator[dict[str, Any]]:
        for position, item in self.items("duties"):
            original = self.string(item, "dutyDetail", f"duties[{position - 1}]")
            if text := clean(original):
                core = item.get("isThisACoreDuty")
                mapped = [value for field in _MAPPED for _, value in self.listed(item.get(field), f"duties[{position - 1}].{field}", str)]
                yield self.at(f".duties[{position - 1}]") | {
                    "position": position,
                    "duty_id": self.string(item, "dutyID", "duties"),
                    "is_core": None if core is None else bool(core),
                    "text": text,
                    "original_text": original,
                    "mapped_statement_ids": json.dumps(mapped),
                }


DATASET = Dataset(
    slug="apprenticeship_standards",
    title="Apprenticeship standards with knowledge, skills and behaviours",
    publisher="Skills England",
    landing_page="https://skillsengland.education.gov.uk/apprenticeships/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Skills England licensed under the Open Government Licence v3.0.",
    description=(
        "Every version of every apprenticeship standard in England: its knowledge, skill and behaviour statements, duties and job titles. Public but "
        "undocumented, so it may change without notice. Foundation apprenticeships and units come from other lists and are not in it; standards older "
        "than the template list skills only; labels (K1, S1, B1) are positions and move between versions. It names no SOC code."
    ),
    hosts=(skills_england.HOST,),
    cadence=dt.timedelta(days=7),
    publication_delay=dt.timedelta(days=7),
    tables=(STANDARDS, STATEMENTS, DUTIES, JOB_TITLES),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "65 complete records of 2020 and notes of five live users of 2026; field types from the Department's own importer. Headers of the live list never seen."
    ),
)
