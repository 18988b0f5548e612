"""Foundation apprenticeships (FAnnnn) and their statements, from Skills England's list of them.

Belongs here: what this list has beyond programme_lists. Does not belong here: apprenticeship standards or units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.datasets.programme_lists import KINDS, key_columns, programme, programme_table, read_list, statement_table
from observatory_assets.ksb.text import clean
from observatory_assets.publishers import headers, skills_england
from observatory_assets.publishers.tabular import UTF8_BOM

if TYPE_CHECKING:
    import pyarrow as pa

OPTION = "foundation_apprenticeships_url"

PROGRAMMES = programme_table("skills_england__foundation_apprenticeships", "One row per version of a foundation apprenticeship.", "FA")
STATEMENTS = statement_table(
    "skills_england__foundation_statements",
    "One row per statement of a version of a foundation apprenticeship; entries without text are left out.",
    "FA",
    tuple(KINDS),
)
OCCUPATIONS = Table(
    name="skills_england__foundation_occupations",
    description="One row per occupation a version of a foundation apprenticeship leads to.",
    columns=(
        *key_columns("FA"),
        Column("position", "integer", "Position in the list, from 1.", nullable=False, minimum=1),
        Column("std_code", "string", "Code of the occupation on the maps, OCC0228."),
        Column("name", "string", "Name of the occupation."),
    ),
    keys=("reference", "version", "position"),
    minimum_rows=0,
)


def find_marker(lookup: Lookup) -> Marker:
    """ETag, Last-Modified or length of the list at the address set, else the ISO week."""
    return Marker(*headers.sign_of_change(lookup.http, lookup.options[OPTION]))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The whole list."""
    return [Resource("foundation_apprenticeships.json", lookup.options[OPTION], starts_with=(b"[", UTF8_BOM + b"["))]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Programmes, statements and related occupations; errors as in programme_lists.read_list."""
    readers = {
        PROGRAMMES: lambda record: [programme(record, "foundationApprenticeshipUrl")],
        STATEMENTS: lambda record: list(record.statements(KINDS)),
        OCCUPATIONS: lambda record: list(_occupations(record)),
    }
    yield from read_list(payloads, "FA", readers)


def _occupations(record: skills_england.Record) -> Iterator[dict[str, Any]]:
    for position, item in record.items("relatedOccupations"):
        code, name = (clean(record.string(item, member, "relatedOccupations")) or None for member in ("reference", "name"))
        if code or name:
            yield record.at(f".relatedOccupations[{position - 1}]") | {"position": position, "std_code": code, "name": name}


DATASET = Dataset(
    slug="foundation_apprenticeships",
    title="Foundation apprenticeships with technical and employability statements",
    publisher="Skills England",
    landing_page="https://skillsengland.education.gov.uk/apprenticeships/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Skills England licensed under the Open Government Licence v3.0.",
    description=(
        "Every version of every foundation apprenticeship: technical knowledge, technical skills, employability skills and behaviours, and the occupations "
        "it leads to. They are not in the list of standards. Set the list's address as OBSERVATORY_FOUNDATION_APPRENTICESHIPS_URL; without it the dataset "
        "is skipped. Labels (TK1, TS1, ESB1) are positions and move between versions."
    ),
    hosts=(skills_england.HOST,),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=31),
    tables=(PROGRAMMES, STATEMENTS, OCCUPATIONS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="Fields from the Department's own importer; neither a record nor the address was ever seen, so the operator sets it.",
    options=(OPTION,),
)
