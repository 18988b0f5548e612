with

gaps as (

    select * from {{ ref('ksb_gap') }}

),

simulation as (

    select * from {{ source('derived', 'mismatch_simulation') }}

),

indices as (

    select
        kind,
        level,
        area_code,
        boundary_version,
        sector,
        demand_basis,
        supply_basis,
        period_start,
        period_end,
        period_label,
        round(0.5 * sum(abs(demand_share - supply_share)), 10) as value,
        cast(count(*) as double) as base,
        min(coverage) as coverage,
        max(method_version) as method_version,
        max(taxonomy_version) as taxonomy_version,
        max(known_from) as known_from,
        max(known_to) as known_to,
        max(release_id) as release_id,
        bool_or(is_sample) as is_sample

    from gaps
    group by all

)

select
    {{ row_key([
        'indices.kind',
        'indices.level',
        'indices.area_code',
        'indices.boundary_version',
        'indices.sector',
        'indices.demand_basis',
        'indices.supply_basis'
    ]) }} as row_key,

    -- grain
    indices.kind,
    indices.level,
    indices.area_code,
    indices.boundary_version,
    indices.sector,
    indices.demand_basis,
    indices.supply_basis,
    indices.period_start,
    indices.period_end,
    indices.period_label,

    -- numbers
    indices.value as mismatch_index,
    indices.value,
    simulation.lower,
    simulation.upper,
    case when simulation.lower is null then 'none' else 'simulation' end as interval_kind,
    indices.base,
    case when indices.coverage >= {{ var('coverage_gate') }} then 'ok' else 'partial' end as status,
    indices.coverage,
    'index' as unit,

    -- provenance
    indices.method_version,
    indices.taxonomy_version,
    indices.known_from,
    indices.known_to,
    indices.release_id,
    indices.is_sample

from indices
left join simulation
    on
        indices.area_code = simulation.area_code
        and indices.boundary_version = simulation.boundary_version
        and indices.demand_basis = simulation.demand_basis
        and indices.supply_basis = simulation.supply_basis
        and indices.kind = simulation.kind
        and indices.level = simulation.level
