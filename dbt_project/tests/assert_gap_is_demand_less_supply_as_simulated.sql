-- A failure means that a published gap is not the difference of its shares, is not the point its interval is about, or is ranked or called robust against the rules.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_gap'}}}) }}

with

gaps as (

    select * from {{ ref('ksb_gap') }}

),

simulation as (

    select * from {{ source('derived', 'ksb_simulation') }}

),

judged as (

    select
        gaps.*,
        case
            when abs(gaps.gap_pp - 100 * (gaps.demand_share - gaps.supply_share)) > 1e-6 then 'gap is demand less supply'
            when simulation.ksb_id is null then 'the gap was simulated'
            when
                abs(gaps.demand_share - simulation.demand_share) > 1e-6
                or abs(gaps.supply_share - simulation.supply_share) > 1e-6
                or abs(gaps.gap_pp - simulation.gap_pp) > 1e-6
                then 'the point is the simulation''s'
            when gaps.gap_pp < simulation.gap_lower - 1e-6 or gaps.gap_pp > simulation.gap_upper + 1e-6 then 'the point lies in its interval'
            when gaps.supply_share = 0 and gaps.log_ratio is not null then 'no ratio without supply'
            when least(gaps.demand_coverage, gaps.supply_coverage) < {{ var('coverage_gate') }} and gaps.rank is not null then 'no rank under the coverage gate'
            when gaps.robust and (gaps.status <> 'ok' or (gaps.lower <= 0 and gaps.upper >= 0) or gaps.q_value > {{ var('false_discovery_rate') }}) then 'robust gaps exclude 0'
            when gaps.rank < gaps.rank_lower or gaps.rank > gaps.rank_upper then 'the rank lies in its interval'
        end as broken_rule

    from gaps
    left join simulation
        on
            gaps.area_code = simulation.area_code
            and gaps.boundary_version = simulation.boundary_version
            and gaps.demand_basis = simulation.demand_basis
            and gaps.supply_basis = simulation.supply_basis
            and gaps.ksb_id = simulation.ksb_id

)

select * from judged
where broken_rule is not null
