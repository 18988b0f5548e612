"""What the lists of foundation apprenticeships and of apprenticeship units share: columns, statements and reading.

Belongs here: tables and reading common to both lists. Does not belong here: what only one of them has, or the list of standards.
Their statements are filed under technical knowledge, technical skills and employability skills and behaviours, which the Department's
importer labels TK, TS and ESB by position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Payload, Table
from observatory_assets.publishers import skills_england
from observatory_assets.publishers.tabular import without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = {
    "technical_knowledge": ("technicalKnowledges", "id", "TK"),
    "technical_skill": ("technicalSkills", "id", "TS"),
    "employability_skill_or_behaviour": ("employabilitySkillsAndBehaviours", "id", "ESB"),
}
"""kind -> (list of the record, member with the id, letters of the label)."""


def key_columns(letters: str) -> tuple[Column, Column]:
    """Reference and version of programmes whose references open with ``letters``."""
    return (
        Column("reference", "string", f"Reference, {letters}0001.", nullable=False, pattern=letters + r"\d{4}"),
        Column("version", "string", "Version; 1.0 where none is given.", nullable=False, pattern=r"\d+\.\d+"),
    )


def programme_table(name: str, description: str, letters: str, *own: Column) -> Table:
    """The table of programmes: what both lists give, then a list's own columns."""
    return Table(
        name=name,
        description=description,
        columns=(
            *key_columns(letters),
            Column("lars_code", "integer", "Code funding uses; NULL where not assigned or no number."),
            Column("title", "string", "Title.", nullable=False),
            Column("status", "string", "State in words."),
            Column("level", "integer", "Level.", minimum=0, maximum=8),
            Column("route", "string", "Occupational route."),
            Column("ssa2", "string", "Sector subject area, tier 2."),
            Column("typical_duration_months", "integer", "Typical duration, months.", minimum=0),
            Column("max_funding_gbp", "integer", "Funding band maximum, pounds.", minimum=0),
            Column("minimum_hours", "integer", "Fewest hours of training for compliance.", minimum=0),
            Column("overview", "string", "Overview, plain text."),
            Column("approved_for_delivery", "date", "Day approved for delivery."),
            Column("last_updated", "timestamp", "When the record was last updated, as stated, taken as UTC."),
            Column("page_url", "string", "The programme's page."),
            *own,
        ),
        keys=("reference", "version"),
    )


def statement_table(name: str, description: str, letters: str, kinds: Sequence[str]) -> Table:
    """The table of statements, of the kinds the list has."""
    return Table(
        name=name,
        description=description,
        columns=(
            *key_columns(letters),
            Column("kind", "string", "Kind the programme files it under.", nullable=False, allowed=tuple(kinds)),
            Column("position", "integer", "Position in the programme's list, from 1; gaps are empty entries.", nullable=False, minimum=1),
            Column(
                "label",
                "string",
                "TK1, TS1, ESB1…: the position, so it names another statement after an edit.",
                nullable=False,
                pattern=f"({'|'.join(KINDS[kind][2] for kind in kinds)})\\d+",
            ),
            Column("statement_id", "string", "The publisher's id, or the label where it gives none.", nullable=False),
            Column("text", "string", "The statement as plain text.", nullable=False),
            Column("original_text", "string", "The statement as received.", nullable=False),
        ),
        keys=("reference", "version", "kind", "position"),
    )


def programme(record: skills_england.Record, page: str) -> dict[str, Any]:
    """The row of what both lists give; ``page`` is the member with the page's address."""
    approved = record.instant("approvedForDelivery")
    lars_code = record.record.get("larsCode")
    return record.at("") | {
        # Units have Z-codes where the others have numbers: those are the class code, not this.
        "lars_code": None if isinstance(lars_code, str) and not lars_code.strip().isdecimal() else record.whole("larsCode") or None,
        "title": record.text("title") or record.reference,
        "status": record.text("status"),
        "level": record.whole("level"),
        "route": record.text("route"),
        "ssa2": record.text("ssa2"),
        "typical_duration_months": record.whole("typicalDuration"),
        "max_funding_gbp": record.whole("maxFunding"),
        "minimum_hours": record.whole("minimumHoursForCompliance"),
        "overview": record.text("overviewOfRole"),
        "approved_for_delivery": approved.date() if approved else None,
        "last_updated": record.instant("lastUpdated"),
        "page_url": record.text(page),
    }


def read_list(
    payloads: Sequence[Payload], letters: str, readers: Mapping[Table, Callable[[skills_england.Record], Sequence[dict[str, Any]]]]
) -> Iterator[tuple[str, pa.Table]]:
    """A batch of each table.

    Args:
        payloads: lists as fetched.
        letters: with which every reference opens, FA or AU.
        readers: table -> its rows of one record.

    Raises:
        UnexpectedPayload: no JSON, or broken off.
        SchemaDrift: no array of objects, no records, another list's records, a field of another type, or a version twice.
    """
    import pyarrow as pa

    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in readers}
    seen = skills_england.Seen()
    for payload in payloads:
        for index, item in skills_england.records(payload.path):
            record = skills_england.Record(item, index, payload.name)
            if not record.reference.startswith(letters):
                raise SchemaDrift(
                    f"{record.reference} does not belong in this list",
                    rule="reference",
                    expected=f"references that open with {letters}",
                    found=record.reference,
                    action="set the address of the right list; that of standards is another dataset",
                )
            seen.add((record.reference, record.version), index)
            for table, read in readers.items():
                rows[table.name] += read(record)
    if not seen.where:
        raise SchemaDrift(f"the list holds no {letters} programmes", rule="not_empty", expected="at least one", found="none", action="open the address")
    yield from ((table.name, pa.Table.from_pylist(rows[table.name], without_release(table.arrow_schema()))) for table in readers)
