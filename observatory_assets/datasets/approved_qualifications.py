"""The Department's list of qualifications approved for funding: which offer pays for which qualification, and between which days.

Belongs here: how the wide file becomes a table of qualifications and one of offers. Does not belong here: the register itself
(ofqual_register), or whether a funded qualification is still awarded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers.headers import sign_of_change
from observatory_assets.publishers.tabular import british_date, csv_header, read_csv_as_text, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

OPTION = "approved_qualifications_url"
SNAPSHOT = "DateOfOfqualDataSnapshot"
_TEXT = {
    "QualificationNumber": "qualification_number_plain",
    "QualificationName": "name",
    "AwardingOrganisation": "awarding_organisation",
    "Level": "level",
    "QualificationType": "type",
    "Subcategory": "subcategory",
    "SectorSubjectArea": "ssa",
    "Status": "status",
    "AwardingOrganisationURL": "awarding_organisation_url",
}
_OFFER = re.compile(r"(\w+)_FundingAvailable")
_OF_AN_OFFER = ("FundingAvailable", "FundingApprovalStartDate", "FundingApprovalEndDate", "Notes")

_NUMBER = Column("qualification_number_plain", "string", "Number without obliques, by which the register is joined.", nullable=False, pattern=r"[0-9A-Z]+")
_SNAPSHOT = Column("snapshot_date", "string", "Day of the register the list was made from, 2025-02-18.", nullable=False, pattern=r"\d{4}-\d{2}-\d{2}")

QUALIFICATIONS = Table(
    name="dfe__approved_qualifications",
    description="One row per qualification on the list, approved by at least one offer at some time.",
    columns=(
        _NUMBER,
        _SNAPSHOT,
        Column("name", "string", "Title of the qualification.", nullable=False),
        Column("awarding_organisation", "string", "Awarding organisation."),
        Column("level", "string", "Level in words."),
        Column("type", "string", "Kind of qualification."),
        Column("subcategory", "string", "Kind within the reformed qualifications; NULL for the others."),
        Column("ssa", "string", "Sector subject area, tier 2."),
        Column("status", "string", "Approved in every row seen."),
        Column("awarding_organisation_url", "string", "Page of the qualification or its organisation."),
    ),
    keys=("qualification_number_plain",),
    minimum_rows=50,
    period_column="snapshot_date",
)
OFFERS = Table(
    name="dfe__approved_qualification_offers",
    description="One row per qualification and funding offer that approves it or has dates for it; an offer without a row does not fund it.",
    columns=(
        _NUMBER,
        Column("offer", "string", "Offer as the file's column names it, e.g. Age1619 or AdvancedLearnerLoans.", nullable=False),
        _SNAPSHOT,
        Column("is_available", "boolean", "Funding is available.", nullable=False),
        Column("approval_start_date", "date", "First day of approval."),
        Column("approval_end_date", "date", "Last day of approval; rows with one long past remain in the list."),
        Column("notes", "string", "Condition, e.g. 18+ only."),
    ),
    keys=("qualification_number_plain", "offer"),
    minimum_rows=50,
    complete_by=("offer",),
    volume_tolerance=0.25,  # a whole offer may end with an academic year
)


def find_marker(lookup: Lookup) -> Marker:
    """ETag, Last-Modified or length of the file at the address set, else the ISO week.

    The file's own version is its first column, the day of Ofqual's register it was made from, which only a download shows.
    """
    return Marker(*sign_of_change(lookup.http, lookup.options[OPTION]))


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """The file at the address set."""
    return [Resource("approved_qualifications.csv", lookup.options[OPTION])]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """Both tables, a batch each per batch of the file.

    Raises:
        UnexpectedPayload: no CSV, or one without rows.
        SchemaDrift: columns missing, an offer without its four columns, a date or truth value that is none, or several snapshots in one file.
    """
    import pyarrow as pa

    schemas = {table.name: without_release(table.arrow_schema()) for table in (QUALIFICATIONS, OFFERS)}
    for payload in payloads:
        open_source = partial(payload.path.open, "rb")
        offers = find_offers(csv_header(open_source, payload.name), payload.name)
        columns = [SNAPSHOT, *_TEXT, *(f"{offer}_{part}" for offer in offers for part in _OF_AN_OFFER)]
        snapshots: set[str] = set()
        for batch in read_csv_as_text(open_source, columns, payload.name):
            rows = batch.to_pylist()
            for row in rows:
                row["snapshot_date"] = _snapshot(row, payload.name)
                row["qualification_number_plain"] = re.sub(r"[^0-9A-Z]", "", row["QualificationNumber"].upper())
                row["_source_file"] = payload.name
            snapshots |= {row["snapshot_date"] for row in rows}
            yield QUALIFICATIONS.name, pa.Table.from_pylist([_qualification(row) for row in rows], schemas[QUALIFICATIONS.name])
            yield OFFERS.name, pa.Table.from_pylist([one for row in rows for one in _offers(row, offers, payload.name)], schemas[OFFERS.name])
        if len(snapshots) > 1:
            raise SchemaDrift(
                f"{payload.name} mixes snapshots of the register", rule="one_snapshot", expected="one day in every row", found=sorted(snapshots), action=_LOOK
            )
        if not snapshots:
            raise UnexpectedPayload(f"{payload.name} has headings only", rule="not_empty", expected="about 8,000 rows", found="none", action=_LOOK)


def find_offers(header: Sequence[str], name: str) -> list[str]:
    """The funding offers a file has columns for, whatever they are called.

    Raises:
        SchemaDrift: none, or one without its four columns.
    """
    offers = [found[1] for column in header if (found := _OFFER.fullmatch(column.strip()))]
    lacking = [f"{offer}_{part}" for offer in offers for part in _OF_AN_OFFER if f"{offer}_{part}" not in header]
    if lacking or not offers:
        raise SchemaDrift(
            f"{name} does not have the columns of funding offers",
            rule="columns",
            expected=lacking or [f"<offer>_{part}" for part in _OF_AN_OFFER],
            found=list(header),
            action=_LOOK,
        )
    return offers


def _qualification(row: Mapping[str, str]) -> dict[str, Any]:
    text = {name: " ".join(row[column].split()) or None for column, name in _TEXT.items() if column != "QualificationNumber"}
    if text["name"] is None or not row["qualification_number_plain"]:
        raise SchemaDrift(
            f"row {row['_source_row']} names no qualification", rule="columns", expected="a number and a name", found=dict(list(row.items())[:4]), action=_LOOK
        )
    return text | {name: row[name] for name in ("qualification_number_plain", "snapshot_date", "_source_file", "_source_row")}


def _offers(row: Mapping[str, str], offers: Sequence[str], name: str) -> Iterator[dict[str, Any]]:
    for offer in offers:
        available = row[f"{offer}_FundingAvailable"].strip().lower()
        if available not in ("true", "false"):
            raise SchemaDrift(
                f"{offer}_FundingAvailable in row {row['_source_row']} of {name} is neither True nor False",
                rule="truth",
                expected="True or False",
                found=available,
                action=_LOOK,
            )
        start, end = (british_date(row[f"{offer}_FundingApproval{which}Date"]) for which in ("Start", "End"))
        if available == "true" or start or end:
            yield {name: row[name] for name in ("qualification_number_plain", "snapshot_date", "_source_file", "_source_row")} | {
                "offer": offer,
                "is_available": available == "true",
                "approval_start_date": start,
                "approval_end_date": end,
                "notes": row[f"{offer}_Notes"].strip() or None,
            }


def _snapshot(row: Mapping[str, str], name: str) -> str:
    day = british_date(row[SNAPSHOT])
    if day is None:
        raise SchemaDrift(f"{SNAPSHOT} of row {row['_source_row']} of {name} is empty", rule="date", expected="18/02/2025", found="nothing", action=_LOOK)
    return day.isoformat()


_LOOK = "open the archived file and compare it with the dataset's contract"

DATASET = Dataset(
    slug="approved_qualifications",
    title="Qualifications approved for funding",
    publisher="Department for Education",
    landing_page="https://www.qualifications.education.gov.uk/",
    licence="OGL-UK-3.0",
    attribution="Source: Department for Education, qualifications approved for funding, licensed under the Open Government Licence v3.0.",
    description=(
        "Qualifications that public money may pay for, by funding offer, with the days between which each approval holds. Copy the address of the list's "
        "CSV from its page into OBSERVATORY_APPROVED_QUALIFICATIONS_URL; without it the dataset is skipped. Traps: approvals that ended years ago stay in "
        "the list as available, so compare the dates; numbers have no obliques; the list is made from a dated copy of Ofqual's register, not from today's."
    ),
    hosts=("www.qualifications.education.gov.uk",),
    cadence=dt.timedelta(days=122),
    publication_delay=dt.timedelta(days=31),
    tables=(QUALIFICATIONS, OFFERS),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence="The file of February 2025 read whole; the address of its download was never seen, so the operator sets it.",
    options=(OPTION,),
)
