"""The Python assets between dbt models: statement matching, standards to occupations, and the gap's Monte-Carlo intervals.

Belongs here: reading their inputs from the warehouse, calling the domain code in ksb/, keeping the result as Parquet.
Does not belong here: how a statement is matched or an interval is drawn (observatory_assets.ksb).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from observatory_assets.datasets import all_datasets
from observatory_assets.ksb.matcher import MATCHER_VERSION, THRESHOLD_VERSION
from observatory_assets.ksb.occupations import OCCUPATIONS_VERSION
from observatory_assets.ksb.uncertainty import METHOD_VERSION as UNCERTAINTY_VERSION
from observatory_assets.warehouse import REBUILD, relation_version
from resources.observatory import Observatory

if TYPE_CHECKING:
    import pyarrow as pa

Inputs = Mapping[str, "pa.Table"]


def _derived(
    name: str, tables: Mapping[str, str], reads: Sequence[str], seeds: Sequence[str], code_version: str, compute: Callable[[Observatory, Inputs], Inputs]
) -> dg.AssetsDefinition:
    """A multi-asset that turns intermediate tables into derived ones.

    Args:
        name: op name.
        tables: derived table -> description.
        reads: intermediate tables read from the warehouse.
        seeds: dbt seeds the domain code reads as CSV.
        code_version: changes when the same inputs would give another result.
        compute: inputs by name -> outputs by name.
    """

    @dg.multi_asset(
        name=name,
        specs=[
            dg.AssetSpec(
                ["derived", table],
                deps=[*(["intermediate", read] for read in reads), *(["seeds", seed] for seed in seeds)],
                group_name="derived",
                kinds={"python", "parquet"},
                owners=["team:data-science"],
                description=description,
                code_version=code_version,
                automation_condition=REBUILD,
            )
            for table, description in tables.items()
        ],
    )
    def _asset(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[dg.MaterializeResult]:
        warehouse = observatory.warehouse
        with warehouse.writer(name):
            with warehouse.connect(read_only=True) as connection:
                inputs = {read: connection.execute(f"select * from intermediate.{read}").to_arrow_table() for read in reads}
            outputs = compute(observatory, inputs)
            hashes = warehouse.write_derived(outputs)
            with warehouse.connect() as connection:
                warehouse.register(connection, all_datasets(), warehouse.pin(context.run.run_id, all_datasets()))
                for table in tables:
                    count, _ = relation_version(connection, "derived", table)
                    yield dg.MaterializeResult(
                        asset_key=["derived", table],
                        data_version=dg.DataVersion(hashes[table][:16]),
                        metadata={
                            "dagster/row_count": count,
                            "dagster/column_schema": dg.TableSchema(columns=[dg.TableColumn(field.name, str(field.type)) for field in outputs[table].schema]),
                            "read": {read: inputs[read].num_rows for read in reads},
                        },
                    )

    return _asset


def _match(observatory: Observatory, inputs: Inputs) -> Inputs:
    from observatory_assets.ksb.matcher import match_statements
    from observatory_assets.ksb.model import load_embedder
    from observatory_assets.ksb.taxonomy import load_overrides, load_taxonomy

    seeds = observatory.settings.seeds
    taxonomy = load_taxonomy(seeds)
    return {
        "ksb_match": match_statements(
            inputs["int_ksb_statement_text"],
            taxonomy=taxonomy,
            embedder=load_embedder(observatory.settings.embedding_model),
            overrides=load_overrides(seeds, taxonomy),
            cache_path=observatory.lake.root / "derived" / "embeddings.parquet",
        )
    }


def _occupations(observatory: Observatory, inputs: Inputs) -> Inputs:
    import pyarrow.compute as pc

    from observatory_assets.ksb.occupations import load_occupation_overrides, match_standards

    standards, titles = inputs["int_standard_title"], inputs["int_occupation_title"]
    is_group = pc.equal(titles["source"], "unit_group")
    return {
        "standard_occupation": match_standards(
            standards.select(["reference", "title"]),
            standards.select(["reference", "job_title"]),
            titles.filter(is_group),
            titles.filter(pc.invert(is_group)).rename_columns({"title": "job_title"}),
            load_occupation_overrides(observatory.settings.seeds),
        )
    }


def _simulate(observatory: Observatory, inputs: Inputs) -> Inputs:
    from observatory_assets.ksb.uncertainty import simulate_gap

    gap, mismatch = simulate_gap(
        inputs["int_demand_weight"],
        inputs["int_demand_incidence"],
        inputs["int_supply_weight"],
        inputs["int_supply_incidence"],
        draws=observatory.settings.simulation_draws,
        seed=observatory.settings.simulation_seed,
    )
    return {"ksb_simulation": gap, "mismatch_simulation": mismatch}


def build_ksb_assets() -> list[dg.AssetsDefinition]:
    """Matching, occupations and simulation, in the order they run."""
    return [
        _derived(
            "match_statements",
            {"ksb_match": "One row per distinct statement text, kind given and rank: the KSB area it was matched to, how, and how sure."},
            ["int_ksb_statement_text"],
            ["ksb_area", "ksb_prototype", "ksb_cue_rule", "ksb_override"],
            f"{MATCHER_VERSION}/{THRESHOLD_VERSION}",
            _match,
        ),
        _derived(
            "match_standards",
            {"standard_occupation": "One row per apprenticeship standard and rank: the SOC 2020 unit group its job titles name, or an abstention."},
            ["int_standard_title", "int_occupation_title"],
            ["standard_occupation_override"],
            OCCUPATIONS_VERSION,
            _occupations,
        ),
        _derived(
            "simulate_gap",
            {
                "ksb_simulation": "One row per area, bases, period and KSB: simulated intervals of shares, gap and rank.",
                "mismatch_simulation": "One row per area, bases, period and kind: the mismatch index with its simulated interval.",
            },
            ["int_demand_weight", "int_demand_incidence", "int_supply_weight", "int_supply_incidence"],
            [],
            UNCERTAINTY_VERSION,
            _simulate,
        ),
    ]
