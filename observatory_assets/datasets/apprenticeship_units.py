"""Apprenticeship units (AUnnnn), short courses of technical knowledge and skills, from Skills England's list of them.

Belongs here: what this list has beyond programme_lists. Does not belong here: apprenticeship standards or foundation apprenticeships.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource
from observatory_assets.datasets.programme_lists import KINDS, programme, programme_table, read_list, statement_table
from observatory_assets.publishers import headers, skills_england
from observatory_assets.publishers.tabular import UTF8_BOM

if TYPE_CHECKING:
    import pyarrow as pa

OPTION = "apprenticeship_units_url"
_TECHNICAL = {kind: KINDS[kind] for kind in ("technical_knowledge", "technical_skill")}

UNITS = programme_table(
    "skills_england__apprenticeship_units",
    "One row per version of an apprenticeship unit.",
    "AU",
    Column("learning_aim_class_code", "string", "Class code, ZSC00009."),
    Column("who_is_it_for", "string", "Whom it is for, plain text."),
    Column("entry_requirements", "string", "What learners need beforehand, plain text."),
)
STATEMENTS = statement_table(
    "skills_england__unit_statements",
    "One row per statement of a version of an apprenticeship unit; entries without text are left out.",
    "AU",
    tuple(_TECHNICAL),
)


def find_marker(lookup: Lookup) -> Marker:
    """ETag, Last-Modified or length of the list at the address set, else the ISO week."""
    return Marker(*headers.sign_of_change(lookup.http, lookup.options[OPTION]))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The whole list."""
    return [Resource("apprenticeship_units.json", lookup.options[OPTION], starts_with=(b"[", UTF8_BOM + b"["))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Units and statements; errors as in programme_lists.read_list."""
    yield from read_list(payloads, "AU", {UNITS: lambda record: [_unit(record)], STATEMENTS: lambda record: list(record.statements(_TECHNICAL))})


def _unit(record: skills_england.Record) -> dict[str, Any]:
    return programme(record, "apprenticeshipUnitUrl") | {
        "learning_aim_class_code": record.text("learningAimClassCode"),
        "who_is_it_for": record.text("whoIsItFor"),
        "entry_requirements": record.text("entryRequirements"),
    }


DATASET = Dataset(
    slug="apprenticeship_units",
    title="Apprenticeship units with technical knowledge and skills",
    publisher="Skills England",
    landing_page="https://skillsengland.education.gov.uk/apprenticeships/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Skills England licensed under the Open Government Licence v3.0.",
    description=(
        "Every version of every apprenticeship unit with its technical knowledge and skills, whom it is for and what it asks of them. They are not in the "
        "list of standards. Set the list's address as OBSERVATORY_APPRENTICESHIP_UNITS_URL; without it the dataset is skipped. Labels (TK1, TS1) are "
        "positions and move between versions; units have a learning aim class code in place of a LARS code."
    ),
    hosts=(skills_england.HOST,),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=31),
    tables=(UNITS, STATEMENTS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="Fields from the Department's own importer; neither a record nor the address was ever seen, so the operator sets it.",
    options=(OPTION,),
)
