"""Skills England's occupational maps: occupations with their SOC 2020 codes, place on the map, job titles, products and statements.

Belongs here: the API's list and single answers as tables; it is the only public source that ties standards to SOC codes.
Does not belong here: standards themselves (apprenticeship_standards), or choosing one SOC code for a standard.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from observatory_assets.datasets.contract import Column, Credential, Dataset, Lookup, Marker, Payload, Resource, Table
from observatory_assets.ksb.text import clean
from observatory_assets.publishers import skills_england
from observatory_assets.publishers.tabular import UTF8_BOM, instant, without_release
from resources.errors import SchemaDrift, UnexpectedPayload

if TYPE_CHECKING:
    import pyarrow as pa

OPTION = "occupational_maps_key"
HOST = "occupational-maps-api.skillsengland.education.gov.uk"
BASE = f"https://{HOST}/api/v1"
LIST = f"{BASE}/Occupations"
EXPAND = ",".join(f"occupation.{part}" for part in ("soc", "maphierarchy", "typicaljobtitles", "products", "dutiesKSB"))
"""Only what the tables need: an occupation's answer is then about 50 kB, most of it duties, which cannot be had without."""

KINDS = {"knowledge": ("knowledges", "knowledgeId", "K"), "skill": ("skills", "skillId", "S"), "behaviour": ("behaviours", "behaviourId", "B")}
_CODE_PATTERN = r"[A-Z]{2,4}\d{4}[A-Z]*"
_LABEL = re.compile(r"[KSB]\d+")

_CODE = Column("std_code", "string", "Code of the occupation, OCC0499; a letter at its end marks one of its options.", nullable=False, pattern=_CODE_PATTERN)
_REFERENCE = Column("standard_reference", "string", "The standard of the same number, ST0124 for OCC0124A; NULL for codes of another kind.", pattern=r"ST\d{4}")
_POSITION = Column("position", "integer", "Position in the occupation's list, from 1.", nullable=False, minimum=1)
_SOC = r"[1-9]\d{3}"

OCCUPATIONS = Table(
    name="skills_england__occupations",
    description="One row per occupation on the maps.",
    columns=(
        _CODE,
        _REFERENCE,
        Column("name", "string", "Name.", nullable=False),
        Column("level", "integer", "Level, 2 to 8.", minimum=0, maximum=8),
        Column("version", "string", "Version of the occupation."),
        Column("status", "string", "Approved occupation or another state, in words."),
        Column("status_last_updated", "date", "Day the state last changed."),
        Column("route", "string", "Occupational route."),
        Column("pathway", "string", "Pathway within the route."),
        Column("cluster", "string", "Cluster within the pathway."),
        Column("technical_level", "string", "Technical, higher technical or professional."),
        Column("soc2020_code", "string", "SOC 2020 unit group; NULL where the maps give none (0).", pattern=_SOC),
        Column("soc2020_description", "string", "Its title as the maps give it."),
    ),
    keys=("std_code",),
    minimum_rows=30,
)
SOC = Table(
    name="skills_england__occupation_soc",
    description="One row per occupation and SOC 2020 code it is given: its own unit group, then its sub-unit groups, which may lie in other unit groups.",
    columns=(
        _CODE,
        Column("position", "integer", "0 for the occupation's own unit group, from 1 for its sub-unit groups.", nullable=False, minimum=0),
        _REFERENCE,
        Column("named_by", "string", "What of the occupation names the code.", nullable=False, allowed=("occupation", "sub_unit_group")),
        Column("soc2020_code", "string", "SOC 2020 unit group.", nullable=False, pattern=_SOC),
        Column("sub_unit_group", "string", "Sub-unit group, 5231/99.", pattern=_SOC + r"/\d{2}"),
        Column("description", "string", "Its title."),
        Column("is_primary", "boolean", "The occupation's main code.", nullable=False),
    ),
    keys=("std_code", "position"),
)
JOB_TITLES = Table(
    name="skills_england__occupation_job_titles",
    description="One row per typical job title of an occupation, each title once.",
    columns=(_CODE, _POSITION, Column("job_title", "string", "Job title, plain text.", nullable=False), Column("is_green", "boolean", "Marked as green.")),
    keys=("std_code", "position"),
)
PRODUCTS = Table(
    name="skills_england__occupation_products",
    description="One row per product (apprenticeship, technical qualification …) that leads to an occupation.",
    columns=(
        _CODE,
        _POSITION,
        Column("product_code", "string", "Code of the product, ST0499 for an apprenticeship."),
        Column("name", "string", "Name."),
        Column("type", "string", "Kind of product, e.g. Apprenticeship."),
        Column("level", "integer", "Level.", minimum=0, maximum=8),
        Column("status", "string", "State in words."),
    ),
    keys=("std_code", "position"),
    minimum_rows=0,
)
STATEMENTS = Table(
    name="skills_england__occupation_statements",
    description="One row per knowledge, skill or behaviour statement of an occupation; entries without text are left out.",
    columns=(
        _CODE,
        Column("kind", "string", "knowledge, skill or behaviour.", nullable=False, allowed=tuple(KINDS)),
        _POSITION,
        Column("label", "string", "K1, S1, B1…", nullable=False, pattern=r"[KSB]\d+"),
        Column("statement_id", "string", "The publisher's GUID, or the label where it gives none.", nullable=False),
        Column("text", "string", "The statement as plain text.", nullable=False),
        Column("original_text", "string", "The statement as received.", nullable=False),
    ),
    keys=("std_code", "kind", "position"),
)
_TABLES = (OCCUPATIONS, SOC, JOB_TITLES, PRODUCTS, STATEMENTS)


def find_marker(lookup: Lookup) -> Marker:
    """Number of occupations, a digest of their codes, versions and states from the list, and the month.

    An edit that changes none of these is seen when the month turns: a full pull asks for every occupation one by one, 1,269
    requests and about 25 minutes at one a second, so it is not made every week for nothing.
    """
    listed = sorted(json.dumps([item.get(name) for name in ("stdCode", "versionNo", "statusName", "statusLastUpdated")]) for item in list_occupations(lookup))
    digest = hashlib.sha256("\n".join(listed).encode()).hexdigest()[:16]
    return Marker(f"{len(listed)}|{digest}|{dt.datetime.now(dt.timezone.utc):%Y-%m}")


def find_resources(lookup: Lookup, marker: Marker) -> list[Resource]:
    """One request per occupation of the list."""
    codes = sorted(item["stdCode"] for item in list_occupations(lookup))
    return [
        Resource(f"{code}.json", f"{LIST}/{code}?expand={EXPAND}", starts_with=(b"{", UTF8_BOM + b"{"), labels={"code": code, "of": str(len(codes))})
        for code in codes
    ]


def list_occupations(lookup: Lookup) -> list[Mapping[str, Any]]:
    """The records of the list, which may be an array or an object that holds one; the API's answer was never seen.

    Raises:
        SchemaDrift: no list of objects each with a well-formed ``stdCode``, or one twice.
    """
    document = lookup.http.get_json(LIST)
    lists = [value for value in document.values() if isinstance(value, list)] if isinstance(document, dict) else [document]
    items = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else []
    codes = [item.get("stdCode") if isinstance(item, dict) else None for item in items]
    if not codes or not all(isinstance(code, str) and re.fullmatch(_CODE_PATTERN, code) for code in codes) or len(set(codes)) != len(codes):
        raise SchemaDrift(
            "the list of occupations cannot be read",
            rule="occupations",
            expected="one list of objects, each with its own stdCode like OCC0499",
            found=sorted(document) if isinstance(document, dict) else f"{len(items)} items, first {items[:1]}",
            action="open the address with the key; if the API's list changed, change list_occupations",
        )
    return items


def parse(payloads: Sequence[Payload]) -> Iterator[tuple[str, pa.Table]]:
    """All five tables, a batch each.

    Raises:
        UnexpectedPayload: an answer that is no JSON object.
        SchemaDrift: an answer about another occupation than asked, occupations missing, or a field of a type it has never had.
    """
    import pyarrow as pa

    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _TABLES}
    for payload in payloads:
        record = _read(payload)
        one = _Occupation(record, record["stdCode"], payload.name)
        rows[OCCUPATIONS.name].append(one.row())
        rows[SOC.name] += one.soc_codes()
        rows[JOB_TITLES.name] += one.job_titles()
        rows[PRODUCTS.name] += one.products()
        rows[STATEMENTS.name] += one.statements(KINDS)
    asked = {int(payload.labels["of"]) for payload in payloads if "of" in payload.labels}
    if asked - {len(payloads)}:
        raise SchemaDrift("not every occupation of the list is here", rule="codes_asked", expected=sorted(asked), found=len(payloads), action="fetch it again")
    yield from ((table.name, pa.Table.from_pylist(rows[table.name], without_release(table.arrow_schema()))) for table in _TABLES)


def _read(payload: Payload) -> Mapping[str, Any]:
    try:
        document = json.loads(payload.path.read_bytes().removeprefix(UTF8_BOM))
    except (ValueError, RecursionError) as error:
        raise UnexpectedPayload(f"{payload.name} is not whole JSON", rule="readable_json", found=str(error), action="fetch it again") from error
    code = document.get("stdCode") if isinstance(document, dict) else None
    wanted = payload.labels.get("code", code)
    if not isinstance(code, str) or code != wanted or not re.fullmatch(_CODE_PATTERN, code):
        raise SchemaDrift(
            f"{payload.name} is not about the occupation asked for", rule="codes_asked", expected=wanted or "a stdCode like OCC0499", found=code, action=_LOOK
        )
    return document


class _Occupation(skills_england.Record):
    """One occupation being read."""

    def __init__(self, record: Mapping[str, Any], code: str, source: str) -> None:
        self.record, self.index, self.source = record, 0, source
        self.reference, self.version = code, str(record.get("versionNo") or "")
        number = re.fullmatch(r"OCC(\d{4})[A-Z]*", code)
        self.standard = f"ST{number[1]}" if number else None

    def at(self, path: str) -> dict[str, Any]:
        return {"std_code": self.reference, "_source_file": self.source, "_source_row": path.removeprefix(".") or "$"}

    def inner(self, field: str) -> _Occupation:
        """A member that is an object, read like the occupation itself; a missing one has no members."""
        value = self.record.get(field)
        if value is not None and not isinstance(value, dict):
            raise self.drift(field, "an object", value)
        return _Occupation(value or {}, self.reference, self.source)

    def row(self) -> dict[str, Any]:
        hierarchy, soc = self.inner("mapHierarchy"), self.inner("soc")
        updated = instant(self.string(self.record, "statusLastUpdated", ""))
        return self.at("") | {
            "standard_reference": self.standard,
            "name": self.text("name") or self.reference,
            "level": self.whole("level"),
            "version": self.version or None,
            "status": self.text("statusName"),
            "status_last_updated": updated.date() if updated else None,
            "route": hierarchy.text("routeName"),
            "pathway": hierarchy.text("pathwayName"),
            "cluster": hierarchy.text("clusterName"),
            "technical_level": hierarchy.text("technicalLevelName"),
            "soc2020_code": soc.unit_group("soc2020Code"),
            "soc2020_description": soc.text("soc2020Description"),
        }

    def unit_group(self, field: str) -> str | None:
        code = self.whole(field)
        if code and not 1000 <= code <= 9999:
            raise self.drift(f"soc.{field}", "a SOC 2020 unit group or 0", code)
        return str(code) if code else None

    def soc_codes(self) -> Iterator[dict[str, Any]]:
        soc = self.inner("soc")
        own = soc.unit_group("soc2020Code")
        shared = {"standard_reference": self.standard}
        if own:
            yield (
                self.at(".soc.soc2020Code")
                | shared
                | {
                    "position": 0,
                    "named_by": "occupation",
                    "soc2020_code": own,
                    "sub_unit_group": None,
                    "description": soc.text("soc2020Description"),
                    "is_primary": True,
                }
            )
        for position, item in soc.items("soc2020SubUnitGroups"):
            code = soc.string(item, "code", "soc2020SubUnitGroups") or ""
            if not re.fullmatch(_SOC + r"/\d{2}", code):
                raise self.drift(f"soc.soc2020SubUnitGroups[{position - 1}].code", "a sub-unit group like 5231/99", code)
            yield (
                self.at(f".soc.soc2020SubUnitGroups[{position - 1}]")
                | shared
                | {
                    "position": position,
                    "named_by": "sub_unit_group",
                    "soc2020_code": code[:4],
                    "sub_unit_group": code,
                    "description": clean(soc.string(item, "description", "soc2020SubUnitGroups")) or None,
                    "is_primary": item.get("isPrimary") is True,
                }
            )

    def job_titles(self) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """Titles as texts or as objects with a name or a title: both have been described, neither seen."""
        seen: set[str] = set()
        for position, item in self.listed(self.record.get("typicalJobTitles"), "typicalJobTitles", (str, dict)):
            holder = item if isinstance(item, dict) else {"name": item}
            title = clean(self.string(holder, "name", "typicalJobTitles") or self.string(holder, "title", "typicalJobTitles"))
            if title and title.casefold() not in seen:
                seen.add(title.casefold())
                green = holder.get("isGreen")
                yield self.at(f".typicalJobTitles[{position - 1}]") | {
                    "position": len(seen),
                    "job_title": title,
                    "is_green": green if isinstance(green, bool) else None,
                }

    def products(self) -> Iterator[dict[str, Any]]:
        for position, item in self.items("products"):
            product = _Occupation(item, self.reference, self.source)
            yield self.at(f".products[{position - 1}]") | {
                "position": position,
                "product_code": product.text("productCode"),
                "name": product.text("name"),
                "type": product.text("typeName"),
                "level": product.whole("level"),
                "status": product.text("statusName"),
            }

    def statements(self, kinds: Mapping[str, tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
        """As in the list of standards, but here the id field holds the label (K1) and ``id`` the GUID; either way round is read."""
        for row, (field, id_field, letters) in ((row, kinds[row["kind"]]) for row in super().statements(kinds)):
            item = self.record[field][row["position"] - 1]
            given = [value for value in (self.string(item, "id", field), self.string(item, id_field, field)) if value]
            labels = [value for value in given if _LABEL.fullmatch(value) and value.startswith(letters)]
            label = labels[0] if labels else row["label"]
            yield row | {"label": label, "statement_id": next((value for value in given if value not in labels), label)}


_LOOK = "open the archived answer; if the API changed, change the parser"

DATASET = Dataset(
    slug="occupational_maps",
    title="Occupational maps: occupations, SOC 2020 codes and statements",
    publisher="Skills England",
    landing_page="https://occupational-maps.skillsengland.education.gov.uk/public-api/",
    licence="OGL-UK-3.0",
    attribution="Contains information from Skills England's occupational maps licensed under the Open Government Licence v3.0.",
    description=(
        "Every occupation of the maps (1,269 in July 2026) with the SOC 2020 unit group Skills England gives it, its place on the maps, job titles, products "
        "and statements; the only public source that ties standards to SOC codes. Needs a free key, asked for on the landing page and set as "
        "OBSERVATORY_OCCUPATIONAL_MAPS_KEY; without it the dataset is skipped. Occupations are asked one by one, so a full pull is about 1,300 requests "
        "and 25 minutes at one a second. An occupation with options shares its standard's number and adds a letter. Soc code 0 means none."
    ),
    hosts=(HOST,),
    cadence=dt.timedelta(days=31),
    publication_delay=dt.timedelta(days=31),
    tables=_TABLES,
    find_marker=find_marker,
    find_resources=find_resources,
    parse=parse,
    evidence=(
        "Address, key header, expansions and fields from a third party's client of 2026 and its rendering of one occupation; no answer seen as sent. The "
        "list's envelope, the shape of job titles and which id is the GUID are read either way."
    ),
    credentials=(Credential(OPTION, header="X-API-KEY"),),
)
