"""Ofqual's Register of Regulated Qualifications: every regulated qualification, available or not.

Belongs here: which fields of the register are kept and how they are typed. Does not belong here: paging (publishers.ofqual), or
whether a qualification is funded (approved_qualifications).
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.publishers import headers, ofqual
from observatory_assets.publishers.tabular import UTF8_BOM, instant, without_release
from resources.errors import SchemaDrift

if TYPE_CHECKING:
    import pyarrow as pa

_FIELDS: tuple[tuple[str, Column], ...] = (
    ("qualificationNumber", Column("qualification_number", "string", "Number as Ofqual writes it, 603/1234/5.", nullable=False)),
    ("title", Column("title", "string", "Title.", nullable=False)),
    ("status", Column("status", "string", "Available to learners, No longer awarded, or another state of its life.", nullable=False)),
    ("organisationName", Column("organisation_name", "string", "Awarding organisation.")),
    ("organisationRecognitionNumber", Column("organisation_number", "string", "The organisation's recognition number, RN5353.")),
    ("type", Column("type", "string", "Kind of qualification, e.g. GCE A Level or End-Point Assessment.")),
    ("ssa", Column("ssa", "string", "Sector subject area, tier 2.")),
    ("level", Column("level", "string", "Level in words, Level 3 or Entry Level.")),
    ("subLevel", Column("sub_level", "string", "Sub-level of entry levels; None for the others.")),
    ("eqfLevel", Column("eqf_level", "string", "Level in the European Qualifications Framework.")),
    ("gradingType", Column("grading_type", "string", "Graded or Pass/Fail.")),
    ("totalCredits", Column("total_credits", "integer", "Credits; 0 and NULL both mean none.", minimum=0)),
    ("tqt", Column("total_qualification_time", "integer", "Total qualification time, hours.", minimum=0)),
    ("glh", Column("guided_learning_hours", "integer", "Guided learning hours.", minimum=0)),
    ("minimumGLH", Column("minimum_guided_learning_hours", "integer", "Fewest guided learning hours.", minimum=0)),
    ("maximumGLH", Column("maximum_guided_learning_hours", "integer", "Most guided learning hours.", minimum=0)),
    ("regulationStartDate", Column("regulation_start_date", "date", "First day regulated.")),
    ("operationalStartDate", Column("operational_start_date", "date", "First day learners can be registered.")),
    ("operationalEndDate", Column("operational_end_date", "date", "Last day learners can be registered.")),
    ("certificationEndDate", Column("certification_end_date", "date", "Last day certificates are given.")),
    ("reviewDate", Column("review_date", "date", "Day it is to be reviewed.")),
    ("offeredInEngland", Column("offered_in_england", "boolean", "Offered in England.")),
    ("apprenticeshipStandardReferenceNumber", Column("standard_reference", "string", "Apprenticeship standard it assesses, ST0001.")),
    ("apprenticeshipStandardTitle", Column("standard_title", "string", "Title of that standard.")),
    ("linkToSpecification", Column("specification_url", "string", "Page of the specification.")),
    ("lastUpdatedDate", Column("last_updated", "timestamp", "When the record was last updated, as stated, taken as UTC.")),
)
_NEEDED = ("qualificationNumber", "title", "status")

QUALIFICATIONS = Table(
    name="ofqual__qualifications",
    description="One row per regulated qualification, no longer awarded ones too.",
    columns=(
        *(column for _, column in _FIELDS),
        Column("qualification_number_plain", "string", "Number without obliques, by which other lists name it.", nullable=False, pattern=r"[0-9A-Z]+"),
        Column("assessment_methods", "string", "JSON list of the ways it is assessed; [] where none is given.", nullable=False),
    ),
    keys=("qualification_number_plain",),
    minimum_rows=100,
)


def find_marker(lookup: Lookup) -> Marker:
    """Count of all qualifications, count of those available to learners, and the ISO week.

    The register sends neither ETag nor Last-Modified and cannot be sorted by date, so an edit that keeps both counts is
    seen only when the week turns; the same pages fetched again are the same release.
    """
    counts = (ofqual.count(lookup.http), ofqual.count(lookup.http, availability=ofqual.AVAILABLE))
    return Marker(f"{counts[0]}|{counts[1]}|{headers.current_week(dt.datetime.now(dt.timezone.utc))}")


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """Every page, as large as the API lets it be: about 53 requests of 1.4 MB for 52,655 qualifications."""
    size, count = ofqual.page_size(lookup.http)
    pages = math.ceil(count / size)
    return [
        Resource(
            f"qualifications_{page:04}.json",
            ofqual.page_url(page, size),
            starts_with=(b"{", UTF8_BOM + b"{"),
            labels={"page": str(page), "pages": str(pages)},
        )
        for page in range(1, pages + 1)
    ]


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """One batch per page.

    Raises:
        UnexpectedPayload: a page that is no JSON, or pages that are not one whole list.
        SchemaDrift: a page of another shape, or a field of a type it has never had.
    """
    import pyarrow as pa

    schema = without_release(QUALIFICATIONS.arrow_schema())
    ordered = sorted(payloads, key=lambda payload: int(payload.labels.get("page", "1")))
    batch: list[dict[str, Any]] = []
    for name, index, row in ofqual.whole_list((payload.name, ofqual.read_file(payload.path, payload.name)) for payload in ordered):
        if batch and batch[-1]["_source_file"] != name:
            yield QUALIFICATIONS.name, pa.Table.from_pylist(batch, schema)
            batch = []
        batch.append(_row(row, name, index))
    yield QUALIFICATIONS.name, pa.Table.from_pylist(batch, schema)


def _row(row: Any, name: str, index: int) -> dict[str, Any]:
    where = f"results[{index}]"
    values = {column.name: _typed(row.get(field.lower()), column.type, f"{where}.{field} of {name}") for field, column in _FIELDS}
    if lacking := [field for field, column in _FIELDS if field in _NEEDED and values[column.name] is None]:
        raise SchemaDrift(f"{where} of {name} has no {', '.join(lacking)}", rule="columns", expected=list(_NEEDED), found=sorted(row), action=_LOOK)
    methods = row.get("assessmentmethods") or []
    if not isinstance(methods, list):
        raise _drift(f"{where}.assessmentMethods of {name}", "a list or null", methods)
    return values | {
        "qualification_number_plain": ofqual.plain(values["qualification_number"]),
        "assessment_methods": json.dumps([method for method in methods if isinstance(method, str)]),
        "_source_file": name,
        "_source_row": where,
    }


def _typed(value: Any, kind: str, where: str) -> Any:
    """A JSON value as its column's type; "" counts as null."""
    if value is None or value == "":
        return None
    if kind == "boolean":
        if isinstance(value, bool) or str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise _drift(where, "true, false or null", value)
    if kind == "integer":
        try:
            if isinstance(value, bool) or float(value) != int(float(value)) or abs(float(value)) >= 2**63:
                raise ValueError(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise _drift(where, "a whole number", value) from error
        return int(float(value))
    if not isinstance(value, str):
        raise _drift(where, "text", value)
    if kind == "string":
        return " ".join(value.split()) or None
    stated = instant(value)
    return stated.date() if stated and kind == "date" else stated


def _drift(where: str, expected: str, found: Any) -> SchemaDrift:
    return SchemaDrift(f"{where} is not {expected}", rule="field_type", expected=expected, found=found, action=_LOOK)


_LOOK = "open the archived page; if the register's fields changed, change the parser"


DATASET = Dataset(
    slug="ofqual_register",
    title="Register of Regulated Qualifications",
    publisher="Ofqual",
    landing_page="https://find-a-qualification.services.ofqual.gov.uk/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Ofqual's Register of Regulated Qualifications licensed under the Open Government Licence v3.0.",
    description=(
        "Every qualification Ofqual regulates with its organisation, type, level, sector subject area, hours and dates, and the apprenticeship standard "
        "an end-point assessment belongs to. It names no knowledge, skill or behaviour. A change that keeps the number of qualifications and of those "
        "available is noticed when the week turns. The list is read in pages: if it moves meanwhile, the release is refused and fetched again."
    ),
    hosts=(ofqual.HOST,),
    cadence=dt.timedelta(days=7),
    publication_delay=dt.timedelta(days=7),
    tables=(QUALIFICATIONS,),
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Routes, paging, order and field names read in the API's source code and README; no answer of the live service seen. The highest page size is "
        "asked for and taken from the refusal; keys are read in either case."
    ),
)
