"""What Python derives between dbt's domains: for each step the tables it reads, those it writes, and the domain code called.

Belongs here: which tables go into which function of ksb/ and with which settings. Does not belong here: Dagster (ksb_assets), or how a
statement is matched, an interval drawn (observatory_assets.ksb).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from observatory_assets.ksb.bridge import BRIDGE_VERSION
from observatory_assets.ksb.grouped import GROUPED_VERSION, LINK_THRESHOLD_VERSION
from observatory_assets.ksb.horizon import HORIZON_VERSION
from observatory_assets.ksb.linker import LINKER_VERSION
from observatory_assets.ksb.matcher import MATCHER_VERSION, THRESHOLD_VERSION
from observatory_assets.ksb.occupations import OCCUPATIONS_VERSION
from observatory_assets.ksb.scorecard import fingerprint
from observatory_assets.ksb.uncertainty import METHOD_VERSION as UNCERTAINTY_VERSION
from resources.observatory import Observatory

if TYPE_CHECKING:
    import pyarrow as pa

Tables = Mapping[str, "pa.Table"]
OCCUPATION_INPUTS = ("int_standard_title", "int_occupation_title", "int_occupation_text", "int_standard_code")


class Derivation(NamedTuple):
    """One step.

    name: of the step. tables: derived table -> description. reads: intermediate tables it needs. seeds: dbt seeds the domain code reads as CSV.
    code_version: changes when the same inputs would give another result. compute: inputs by name -> derived tables by name.
    """

    name: str
    tables: Mapping[str, str]
    reads: Sequence[str]
    seeds: Sequence[str]
    code_version: str
    compute: Callable[[Observatory, Tables], Tables]


def _match(observatory: Observatory, inputs: Tables) -> Tables:
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


def _link(observatory: Observatory, inputs: Tables) -> Tables:
    from observatory_assets.ksb.grouped import link_statements
    from observatory_assets.ksb.model import load_embedder

    return {
        "ksb_link": link_statements(
            inputs["int_ksb_statement_text"],
            inputs["int_uk_ssc_skill"],
            embedder=load_embedder(observatory.settings.embedding_model),
            cache_path=observatory.lake.root / "derived" / "embeddings.parquet",
        )
    }


def _bridge(observatory: Observatory, inputs: Tables) -> Tables:
    from observatory_assets.ksb.bridge import bridge_edges

    return {"ksb_bridge_edge": bridge_edges(inputs["int_uk_ssc_skill_version"])}


def _evaluate(observatory: Observatory, _: Tables) -> Tables:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from observatory_assets.ksb.model import load_embedder
    from observatory_assets.ksb.scorecard import evaluated, kept, read_sets
    from observatory_assets.ksb.taxonomy import load_taxonomy
    from observatory_assets.linking import known_concepts
    from resources.files import write_bytes

    settings, derived = observatory.settings, observatory.lake.root / "derived"
    taxonomy = load_taxonomy(settings.seeds)
    sets = read_sets(settings.seeds, settings.labelled_folder, taxonomy, known_concepts(observatory))
    rows = evaluated(
        sets,
        taxonomy=taxonomy,
        embedder=load_embedder(settings.embedding_model),
        cache_path=derived / "embeddings.parquet",
        link_cache_path=derived / "link_embeddings.parquet",
    )
    # The trend must outlive the warehouse, which may be deleted and built again.
    history = derived / "ksb_evaluation.parquet"
    table = kept(rows, pq.read_table(history) if history.exists() else None, dt.datetime.now(dt.timezone.utc))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_bytes(history, sink.getvalue().to_pybytes())
    return {"ksb_evaluation": table}


def _occupations(observatory: Observatory, inputs: Tables) -> Tables:
    from observatory_assets.ksb.model import load_embedder
    from observatory_assets.ksb.occupations import load_occupation_overrides, match_standards

    return {
        "standard_occupation": match_standards(
            *(inputs[name] for name in OCCUPATION_INPUTS),
            load_occupation_overrides(observatory.settings.seeds),
            embedder=load_embedder(observatory.settings.embedding_model),
            cache_path=observatory.lake.root / "derived" / "occupation_embeddings.parquet",
        )
    }


def _simulate(observatory: Observatory, inputs: Tables) -> Tables:
    from observatory_assets.ksb.uncertainty import simulate_gap

    gap, mismatch = simulate_gap(
        inputs["int_demand_weight"],
        inputs["int_demand_incidence"],
        inputs["int_supply_total"],
        inputs["int_supply_incidence"],
        draws=observatory.settings.simulation_draws,
        seed=observatory.settings.simulation_seed,
    )
    return {"ksb_simulation": gap, "mismatch_simulation": mismatch}


def _scan(observatory: Observatory, inputs: Tables) -> Tables:
    from observatory_assets.ksb.horizon import scan_horizon

    return {"ksb_signal": scan_horizon(inputs["int_ksb_advert_quarter"], seed=observatory.settings.simulation_seed)}


def derivations(observatory: Observatory) -> list[Derivation]:
    """Matching, its evaluation, occupations, simulation and scan.

    Args:
        observatory: whose labelled sets count: one placed, corrected or taken away asks for another evaluation.
    """
    labelled = fingerprint(observatory.settings.labelled_folder)
    return [
        Derivation(
            "match_statements",
            {"ksb_match": "One row per distinct statement text, kind given and rank: the KSB area it was matched to, how, and how sure."},
            ["int_ksb_statement_text"],
            ["ksb_area", "ksb_prototype", "ksb_cue_rule", "ksb_override"],
            f"{MATCHER_VERSION}/{THRESHOLD_VERSION}",
            _match,
        ),
        Derivation(
            "link_statements",
            {"ksb_link": "One row per distinct statement text and kind given: the UK-SSC skill or group it was linked to, how, and how sure."},
            ["int_ksb_statement_text", "int_uk_ssc_skill"],
            [],
            f"{GROUPED_VERSION}/{LINK_THRESHOLD_VERSION}",
            _link,
        ),
        Derivation(
            "bridge_versions",
            {"ksb_bridge_edge": "One row per pair of consecutive versions of UK-SSC, concept and successor: the share of its mass that goes there."},
            ["int_uk_ssc_skill_version"],
            [],
            BRIDGE_VERSION,
            _bridge,
        ),
        Derivation(
            "evaluate_matching",
            {"ksb_evaluation": "One row per labelled set, kind, measure and evaluation: the matcher's and the linker's marks, and the gates they must reach."},
            [],
            ["ksb_area", "ksb_prototype", "ksb_cue_rule", "ksb_labelled"],
            "/".join((MATCHER_VERSION, THRESHOLD_VERSION, LINKER_VERSION, labelled)),
            _evaluate,
        ),
        Derivation(
            "match_standards",
            {"standard_occupation": "One row per apprenticeship standard and rank: the SOC 2020 unit group it trains for, or an abstention."},
            OCCUPATION_INPUTS,
            ["standard_occupation_override"],
            OCCUPATIONS_VERSION,
            _occupations,
        ),
        Derivation(
            "simulate_gap",
            {
                "ksb_simulation": "One row per area, bases, period and KSB: simulated intervals of shares, gap and rank.",
                "mismatch_simulation": "One row per area, bases, period and kind: the mismatch index with its simulated interval.",
            },
            ["int_demand_weight", "int_demand_incidence", "int_supply_total", "int_supply_incidence"],
            [],
            UNCERTAINTY_VERSION,
            _simulate,
        ),
        Derivation(
            "scan_horizon",
            {"ksb_signal": "One row per area, level and KSB: whether its share of adverts rose over a year beyond its own history; a signal, not a finding."},
            ["int_ksb_advert_quarter"],
            [],
            HORIZON_VERSION,
            _scan,
        ),
    ]
