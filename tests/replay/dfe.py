"""Real files of Explore Education Statistics, read as releases are.

Belongs here: one function per recorded file of data/ees. Does not belong here: constructed files, or what the rows should be.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from observatory_assets.datasets import (
    apprenticeships,
    attainment_16_to_25,
    further_education,
    ks4_destinations,
    ks5_destinations,
    occupations_in_demand,
)
from observatory_assets.publishers import education_api as api
from tests.datasets.fetched import payload, read

STANDARD_HEADER = "year,learner_home_lad_code,learner_home_lad,age_summary,apps_level,ssa_tier_1,st_code,std_fwk_name,achievements\n"


def kirklees(path: Path) -> dict[str, int]:
    """Apprenticeships by district; the ZIP by standard that belongs to a release has no row here."""
    with tempfile.TemporaryDirectory() as folder:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as archive:
            archive.writestr("by_standard.csv", STANDARD_HEADER)
        district = payload(path, holds="by_district", updated="2026-03-26T09:30:13.7836669Z")
        standard = payload(Path(folder) / "by_standard_1.zip", body.getvalue(), holds="by_standard", updated="2026-03-26T09:30:13.7836669Z")
        return {name: table.num_rows for name, table in read(apprenticeships.DATASET, [district, standard]).items()}


def data_sets(path: Path) -> dict[str, int]:
    """The data sets of a release as the table tool lists them; both files are found among them by title and by what they hold."""
    listed = [{"title": one["name"], "fileId": one["file"]["id"], "meta": one} for one in json.loads(path.read_text())["subjects"]]
    untitled = [one | {"title": ""} for one in listed]
    for choose in (apprenticeships.choose_data_set, apprenticeships.choose_subject_set):
        assert choose({"dataSets": listed})["fileId"] == choose({"dataSets": untitled})["fileId"]
    return {"data sets": len(listed)}


def key_stage_4(path: Path) -> dict[str, int]:
    """The national wide file of before 2026."""
    wide = payload(path, holds="wide", areas=json.dumps({"NAT": ["E92000001"]}))
    return {name: table.num_rows for name, table in read(ks4_destinations.DATASET, [wide]).items()}


def publications(path: Path) -> dict[str, int]:
    """The publications there were in April 2026; every one a dataset here asks for is among them."""
    slugs = {publication["slug"] for theme in json.loads(path.read_text()) for publication in theme["publications"]}
    modules = (apprenticeships, attainment_16_to_25, further_education, occupations_in_demand)
    assert {*(module.PUBLICATION for module in modules), ks4_destinations.STUDY.publication, ks5_destinations.STUDY.publication} <= slugs
    return {"publications": len(slugs)}


def contract(path: Path) -> dict[str, int]:
    """The public API's own contract: every address the client asks and every member it needs is in it."""
    document = json.loads(path.read_text())
    paths, schemas = document["paths"], document["components"]["schemas"]
    addresses = (api.data_set_url("{dataSetId}"), api.meta_url("{dataSetId}", "1"), api.query_url("{dataSetId}", "1"), api.csv_url("{dataSetId}", "1"))
    addresses += (api.changes_url("{dataSetId}", "{dataSetVersion}"), api.publication_data_sets_url("{publicationId}", 1))
    for address in addresses:
        assert "/v1" + address.removeprefix(api.API).partition("?")[0] in paths, address
    assert "post" in paths["/v1/data-sets/{dataSetId}/query"]
    for schema, members in (
        ("PagingViewModel", {"totalResults", "totalPages"}),
        ("DataSetViewModel", {"latestVersion", "supersedingDataSetId", "title"}),
        ("DataSetLatestVersionViewModel", {"version", "published"}),
        ("DataSetMetaViewModel", {"filters", "indicators", "geographicLevels", "locations"}),
        ("DataSetQueryResultViewModel", {"timePeriod", "geographicLevel", "locations", "filters", "values"}),
        ("FilterOptionsViewModel", {"id", "column", "label", "options"}),
        ("DataSetVersionChangesViewModel", {"majorChanges"}),
        ("WarningViewModel", {"code", "detail"}),
    ):
        assert members <= set(schemas[schema]["properties"]), schema
    return {"paths": len(paths)}


REPLAYS: dict[str, Callable[[Path], dict[str, int]]] = {
    "ees/apprenticeships-kirklees-2025-26.csv": kirklees,
    "ees/ees_apprenticeships_release_2025-26_subjects.json": data_sets,
    "ees/ees_ks4_nat_202223.csv": key_stage_4,
    "ees/ees_publication_tree_2026-04.json": publications,
    "ees/openapi-v1.json": contract,
}
