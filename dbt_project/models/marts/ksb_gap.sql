with

demand as (

    select * from {{ ref('ksb_demand') }}
    where share is not null

),

supply as (

    select * from {{ ref('ksb_supply') }}
    where share is not null and provision = 'all'

),

simulation as (

    select * from {{ source('derived', 'ksb_simulation') }}

),

ksbs as (

    select * from {{ ref('dim_ksb') }}

),

-- what is compared: each demand basis of an area with each of its supply bases, within a kind
demand_groups as (

    select distinct area_code, boundary_version, sector, kind, level, basis, period_label, period_start, period_end, coverage
    from demand

),

supply_groups as (

    select distinct area_code, boundary_version, sector, kind, level, basis, period_label, coverage
    from supply

),

pairs as (

    select
        demand_groups.area_code,
        demand_groups.boundary_version,
        demand_groups.sector,
        demand_groups.kind,
        demand_groups.level,
        demand_groups.basis as demand_basis,
        supply_groups.basis as supply_basis,
        demand_groups.period_start,
        demand_groups.period_end,
        demand_groups.period_label as demand_period_label,
        supply_groups.period_label as supply_period_label,
        demand_groups.coverage as demand_coverage,
        supply_groups.coverage as supply_coverage

    from demand_groups
    inner join supply_groups
        on
            demand_groups.area_code = supply_groups.area_code
            and demand_groups.boundary_version = supply_groups.boundary_version
            and demand_groups.sector = supply_groups.sector
            and demand_groups.kind = supply_groups.kind
            and demand_groups.level = supply_groups.level

),

lineage as (

    select
        pairs.demand_basis,
        pairs.supply_basis,
        pairs.kind,
        pairs.level,
        {{ lineage() }}

    from (select distinct demand_basis, supply_basis, kind, level from pairs) as pairs
    inner join {{ ref('int_ksb_lineage') }} as inputs
        on
            pairs.kind = inputs.kind
            and pairs.level = inputs.level
            and inputs.basis in (pairs.demand_basis, pairs.supply_basis)
    group by 1, 2, 3, 4

),

-- a KSB on one side only has share 0 on the other
shares as (

    select
        pairs.*,
        ksbs.ksb_id,
        ksbs.taxonomy_version,
        coalesce(demand.share, 0) as demand_share,
        coalesce(supply.share, 0) as supply_share,
        least(pairs.demand_coverage, pairs.supply_coverage) as coverage

    from pairs
    inner join ksbs on pairs.kind = ksbs.kind and pairs.level = ksbs.level
    left join demand
        on
            pairs.area_code = demand.area_code
            and pairs.boundary_version = demand.boundary_version
            and pairs.sector = demand.sector
            and pairs.demand_basis = demand.basis
            and ksbs.ksb_id = demand.ksb_id
    left join supply
        on
            pairs.area_code = supply.area_code
            and pairs.boundary_version = supply.boundary_version
            and pairs.sector = supply.sector
            and pairs.supply_basis = supply.basis
            and ksbs.ksb_id = supply.ksb_id
    where demand.ksb_id is not null or supply.ksb_id is not null

),

gaps as (

    select
        *,
        round(100 * (demand_share - supply_share), 10) as gap_pp,
        case when demand_share > 0 and supply_share > 0 then round(ln(demand_share / supply_share), 9) end as log_ratio,
        case
            when coverage < {{ var('coverage_gate') }} then 'partial'
            when supply_share = 0 then 'no_supply'
            else 'ok'
        end as status

    from shares

),

final as (

    select
        {{ row_key([
            'gaps.ksb_id',
            'gaps.area_code',
            'gaps.boundary_version',
            'gaps.sector',
            'gaps.demand_basis',
            'gaps.supply_basis'
        ]) }} as row_key,

        -- grain
        gaps.ksb_id,
        gaps.kind,
        gaps.level,
        gaps.area_code,
        gaps.boundary_version,
        gaps.sector,
        gaps.demand_basis,
        gaps.supply_basis,
        gaps.period_start,
        gaps.period_end,
        gaps.demand_period_label || ' | ' || gaps.supply_period_label as period_label,

        -- numbers
        gaps.demand_share,
        simulation.demand_lower,
        simulation.demand_upper,
        gaps.demand_coverage,
        gaps.supply_share,
        simulation.supply_lower,
        simulation.supply_upper,
        gaps.supply_coverage,
        gaps.gap_pp,
        gaps.log_ratio,
        simulation.probability_gap_positive,
        simulation.p_value,
        simulation.q_value,
        cast(case when gaps.status <> 'partial' then simulation.rank end as double) as rank,
        cast(case when gaps.status <> 'partial' then simulation.rank_lower end as double) as rank_lower,
        cast(case when gaps.status <> 'partial' then simulation.rank_upper end as double) as rank_upper,
        gaps.status = 'ok'
        and coalesce((simulation.gap_lower > 0 or simulation.gap_upper < 0) and simulation.q_value <= {{ var('false_discovery_rate') }}, false) as robust,
        case when gaps.status in {{ statuses_with_value() }} then gaps.gap_pp end as value,
        simulation.gap_lower as lower,
        simulation.gap_upper as upper,
        case when simulation.gap_lower is null then 'none' else 'simulation' end as interval_kind,
        cast(simulation.draws as double) as base,
        gaps.status,
        gaps.coverage,
        'percentage points' as unit,

        -- provenance
        '{{ var("method_version") }}' || coalesce(' ' || simulation.method_version || ' seed ' || simulation.seed, '') as method_version,
        gaps.taxonomy_version,
        lineage.known_from,
        lineage.known_to,
        lineage.release_id,
        lineage.is_sample

    from gaps
    inner join lineage
        on
            gaps.demand_basis = lineage.demand_basis
            and gaps.supply_basis = lineage.supply_basis
            and gaps.kind = lineage.kind
            and gaps.level = lineage.level
    left join simulation
        on
            gaps.area_code = simulation.area_code
            and gaps.boundary_version = simulation.boundary_version
            and gaps.demand_basis = simulation.demand_basis
            and gaps.supply_basis = simulation.supply_basis
            and gaps.ksb_id = simulation.ksb_id

)

select * from final
