"""The Python assets between dbt models: statement matching, standards to occupations, the gap's Monte-Carlo intervals and what else is derived.

Belongs here: derivations as Dagster assets: reading their inputs from the warehouse, keeping the result as Parquet.
Does not belong here: which tables go where (derivations), or how a statement is matched or an interval is drawn (ksb/).
"""

from collections.abc import Iterator

import dagster as dg

from observatory_assets.datasets import all_datasets
from observatory_assets.derivations import Derivation, derivations
from observatory_assets.warehouse import REBUILD, relation_version
from resources.observatory import Observatory


def build_ksb_assets(observatory: Observatory) -> list[dg.AssetsDefinition]:
    """One multi-asset per derivation."""
    return [_asset_of(derivation) for derivation in derivations(observatory)]


def _asset_of(derivation: Derivation) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=derivation.name,
        specs=[
            dg.AssetSpec(
                ["derived", table],
                deps=[*(["intermediate", read] for read in derivation.reads), *(["seeds", seed] for seed in derivation.seeds)],
                group_name="derived",
                kinds={"python", "parquet"},
                owners=["team:data-science"],
                description=description,
                code_version=derivation.code_version,
                automation_condition=REBUILD,
            )
            for table, description in derivation.tables.items()
        ],
    )
    def _asset(context: dg.AssetExecutionContext, observatory: dg.ResourceParam[Observatory]) -> Iterator[dg.MaterializeResult]:
        warehouse = observatory.warehouse
        with warehouse.writer(derivation.name):
            with warehouse.connect(read_only=True) as connection:
                inputs = {read: connection.execute(f"select * from intermediate.{read}").to_arrow_table() for read in derivation.reads}
            outputs = derivation.compute(observatory, inputs)
            hashes = warehouse.write_derived(outputs)
            with warehouse.connect() as connection:
                warehouse.register(connection, all_datasets(), warehouse.pin(context.run.run_id, all_datasets()))
                for table in derivation.tables:
                    count, _ = relation_version(connection, "derived", table)
                    yield dg.MaterializeResult(
                        asset_key=["derived", table],
                        data_version=dg.DataVersion(hashes[table][:16]),
                        metadata={
                            "dagster/row_count": count,
                            "dagster/column_schema": dg.TableSchema(columns=[dg.TableColumn(field.name, str(field.type)) for field in outputs[table].schema]),
                            "read": {read: table.num_rows for read, table in inputs.items()},
                        },
                    )

    return _asset
