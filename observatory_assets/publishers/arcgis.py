"""The ONS Open Geography portal: finding a service by name, asking its layer page by page, and reading the answer.

Belongs here: what is true of every look-up and boundary there. Does not belong here: which service a dataset wants, or what its columns mean.
Service and column names carry a year and change without notice, so both are found by pattern. Errors arrive as HTTP 200, and the
catalogue of services is sometimes empty under load.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from resources.errors import SchemaDrift, TransientFetchError, UnexpectedPayload

if TYPE_CHECKING:
    from resources.http import HttpClient

HOST = "services1.arcgis.com"
SERVICES = f"https://{HOST}/ESMARspQHYMw9BZ9/arcgis/rest/services"
CATALOGUE = f"{SERVICES}?f=json"
PAGE_ROWS = 2_000
"""Records an answer holds at most; a layer may say fewer."""
ATTRIBUTION = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. Contains OS data © Crown copyright and database right {year}."
)


@dataclass(frozen=True)
class Layer:
    """The first layer of a service: its column names, page size and last edit (UTC), the last two as far as it states them."""

    service: str
    columns: tuple[str, ...]
    page_rows: int
    edited_at: dt.datetime | None

    def column(self, pattern: str) -> str:
        """The one column that matches in full.

        Raises:
            SchemaDrift: none or several do.
        """
        return one_column(self.columns, pattern, self.service)


def find_services(http: HttpClient, pattern: re.Pattern[str]) -> list[str]:
    """Names of the services that match in full, as the catalogue lists them.

    Raises:
        TransientFetchError: the catalogue came without services, as it does under load.
        SchemaDrift: services, but none that matches.
        UnexpectedPayload: an error instead of a catalogue.
    """
    listed = checked(http.get_json(CATALOGUE), CATALOGUE).get("services")
    # In folders of a server names carry the folder; the portal has none today.
    names = [str(service.get("name", "")).rpartition("/")[2] for service in listed or () if isinstance(service, Mapping)]
    if not names:
        raise TransientFetchError(
            "the catalogue of Open Geography came empty", rule="catalogue", expected="some 3,700 services", found=listed, action="it is asked again by itself"
        )
    found = [name for name in names if pattern.fullmatch(name)]
    if not found:
        raise SchemaDrift(
            "Open Geography has no such service",
            rule="service_found",
            expected=pattern.pattern,
            found=f"{len(names):,} services, none of that name",
            action="search the portal; if ONS names its services otherwise now, correct the pattern",
        )
    return found


def fetch_layer(http: HttpClient, service: str) -> Layer:
    """What a service's layer says of itself.

    Raises:
        SchemaDrift: it names no columns.
        UnexpectedPayload: an error instead of a layer.
    """
    url = f"{SERVICES}/{service}/FeatureServer/0?f=json"
    layer = checked(http.get_json(url), url)
    fields = layer.get("fields")
    columns = tuple(str(field.get("name")) for field in fields if isinstance(field, Mapping)) if isinstance(fields, list) else ()
    if not columns:
        raise SchemaDrift(f"layer {service} names no columns", rule="arcgis_layer", expected="fields[{name}]", found=fields, action=_LOOK)
    rows, edited = layer.get("maxRecordCount"), (layer.get("editingInfo") or {}).get("lastEditDate")
    return Layer(
        service,
        columns,
        min(rows, PAGE_ROWS) if isinstance(rows, int) and rows > 0 else PAGE_ROWS,
        dt.datetime.fromtimestamp(edited / 1000, dt.timezone.utc) if isinstance(edited, int) and 0 < edited < 1e14 else None,
    )


def query_url(service: str, **parameters: str | int) -> str:
    """Address of a question to a service's first layer."""
    asked = "&".join(f"{name}={quote(str(value), safe='*,')}" for name, value in parameters.items())
    return f"{SERVICES}/{service}/FeatureServer/0/query?{asked}"


def count(http: HttpClient, service: str, where: str) -> int:
    """How many records a condition holds for.

    Raises:
        SchemaDrift: the answer is no count.
        UnexpectedPayload: an error instead of an answer.
    """
    url = query_url(service, where=where, returnCountOnly="true", f="json")
    counted = checked(http.get_json(url), url).get("count")
    if type(counted) is not int or counted < 0:
        raise SchemaDrift(f"{service} did not count its records", rule="arcgis_count", expected="count", found=counted, action=_LOOK)
    return counted


def page_urls(layer: Layer, where: str, records: int, **parameters: str | int) -> list[str]:
    """Addresses of the pages that together hold ``records`` records."""
    return [
        query_url(layer.service, where=where, outFields="*", **parameters, resultOffset=offset, resultRecordCount=layer.page_rows)
        for offset in range(0, max(records, 1), layer.page_rows)
    ]


def checked(document: Any, name: str) -> Mapping[str, Any]:
    """An answer, once it is known to be none of the errors that come as HTTP 200.

    Raises:
        UnexpectedPayload: an error, or no JSON object.
    """
    if not isinstance(document, Mapping) or "error" in document:
        raise UnexpectedPayload(
            f"{name} is an error, not data", rule="arcgis_error", expected="a JSON object without `error`", found=document, action="open the address"
        )
    return document


def read_pages(pages: Sequence[tuple[str, Path]], records: int) -> Iterator[tuple[str, int, Mapping[str, Any], Mapping[str, Any]]]:
    """Records of an answer, page after page.

    Args:
        pages: (name, file) in the order asked; JSON or GeoJSON.
        records: how many there must be in all.

    Yields:
        Name of the page, the record's place in it from 0, the record (a ``feature``), and the whole page.

    Raises:
        UnexpectedPayload: an error or no JSON.
        SchemaDrift: no records, records without attributes, or not as many as counted.
    """
    read = 0
    more = False
    for name, path in pages:
        try:
            document = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise UnexpectedPayload(f"{name} is not JSON", rule="json", expected="a JSON document", found=str(error), action="fetch it again") from error
        features = checked(document, name).get("features")
        if not isinstance(features, list) or not all(isinstance(feature, Mapping) and isinstance(attributes(feature), Mapping) for feature in features):
            raise SchemaDrift(
                f"{name} has no list of records", rule="arcgis_features", expected="features[{attributes or properties}]", found=features, action=_LOOK
            )
        # At the root of JSON, under `properties` of GeoJSON.
        stated = document.get("properties")
        more = bool(document.get("exceededTransferLimit") or (isinstance(stated, Mapping) and stated.get("exceededTransferLimit")))
        for place, feature in enumerate(features):
            yield name, place, feature, document
        read += len(features)
    if read != records or more:
        raise SchemaDrift(
            "the pages are not the whole answer",
            rule="record_count",
            expected=f"{records:,} records, and no more after the last page",
            found=f"{read:,} records{', and more to come' if more else ''} in {len(pages)} page(s)",
            action="the layer's page size or its records changed while it was asked; fetch again",
        )


def attributes(feature: Mapping[str, Any]) -> Any:
    """A record's columns: `attributes` in JSON, `properties` in GeoJSON."""
    return feature.get("attributes", feature.get("properties"))


def one_column(columns: Collection[str], pattern: str, name: str) -> str:
    """The one column name that matches in full, whatever its case.

    Raises:
        SchemaDrift: none or several do.
    """
    found = [column for column in columns if re.fullmatch(pattern, column, re.IGNORECASE)]
    if len(found) != 1:
        raise SchemaDrift(
            f"{name} has not one column like {pattern}",
            rule="columns",
            expected=pattern,
            found=sorted(columns),
            action="look at the service; if ONS renamed its columns, correct the pattern",
        )
    return found[0]


_LOOK = "open the service's address in a browser and compare it with the dataset's contract"
