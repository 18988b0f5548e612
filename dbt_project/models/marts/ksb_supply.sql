with

weights as (

    select * from {{ ref('int_supply_weight') }}
    where achievements is not null

),

incidence as (

    select * from {{ ref('int_supply_incidence') }}

),

tallies as (

    select * from {{ ref('int_statement_tally') }}
    where side = 'supply'

),

ksbs as (

    select * from {{ ref('dim_ksb') }}

),

lineage as (

    select
        basis,
        kind,
        {{ lineage() }}

    from {{ ref('int_ksb_lineage') }}
    group by 1, 2

),

-- per area and kind, what each standard's achievements stand for: a standard whose statements are not held is all unnamed,
-- one that has statements but none of this kind holds no mass of the kind
masses as (

    select
        weights.*,
        kinds.kind,
        case when tallies.unit_code is null then 0 else tallies.named / nullif(tallies.named + tallies.unnamed, 0) end as named_share

    from weights
    cross join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
    left join tallies on weights.reference = tallies.unit_code and kinds.kind = tallies.kind

),

covered as (

    select
        area_code,
        boundary_version,
        basis,
        period_label,
        period_start,
        period_end,
        kind,
        round(sum(achievements * named_share order by reference) / nullif(sum(achievements), 0), 12) as coverage

    from masses
    where named_share is not null
    group by all

),

volumes as (

    select
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        incidence.kind,
        incidence.ksb_id,
        sum(weights.achievements * incidence.incidence) as estimate,
        sum(weights.lower * incidence.incidence) as lower,
        sum(weights.upper * incidence.incidence) as upper,
        bool_and(weights.is_complete) as is_complete,
        count(*) as base

    from weights
    inner join incidence on weights.reference = incidence.reference
    group by all

    union all

    select
        area_code,
        boundary_version,
        basis,
        kind,
        'unmapped.' || kind as ksb_id,
        sum(achievements * (1 - named_share) order by reference) as estimate,
        sum(lower * (1 - named_share) order by reference) as lower,
        sum(upper * (1 - named_share) order by reference) as upper,
        bool_and(is_complete) as is_complete,
        count(*) as base

    from masses
    where named_share is not null
    group by all

),

shared as (

    select
        *,
        case
            when ksb_id not like 'unmapped.%' then
                estimate / nullif(
                    sum(case when ksb_id not like 'unmapped.%' then estimate end) over (
                        partition by area_code, boundary_version, basis, kind
                    ), 0
                )
        end as share,
        case when is_complete and upper - lower <= 0.05 * estimate then estimate end as volume

    from volumes

),

final as (

    select
        -- grain
        shared.ksb_id,
        shared.kind,
        shared.area_code,
        shared.boundary_version,
        'all' as sector,
        shared.basis,
        'apprenticeships' as provision,
        covered.period_start,
        covered.period_end,
        covered.period_label,

        -- numbers
        round(shared.volume, 6) as volume,
        round(shared.share, 12) as share,
        round(shared.volume, 6) as value,
        round(shared.lower, 6) as lower,
        -- what a missing district adds is unknown
        case when shared.is_complete then round(shared.upper, 6) end as upper,
        'bound' as interval_kind,
        cast(shared.base as double) as base,
        case
            when shared.volume is not null and covered.coverage >= {{ var('coverage_gate') }} then 'ok'
            else 'partial'
        end as status,
        covered.coverage,
        'achievements' as unit,

        -- provenance
        '{{ var("method_version") }}' as method_version,
        ksbs.taxonomy_version,
        lineage.known_from,
        lineage.known_to,
        lineage.release_id,
        lineage.is_sample

    from shared
    inner join covered
        on
            shared.area_code = covered.area_code
            and shared.boundary_version = covered.boundary_version
            and shared.basis = covered.basis
            and shared.kind = covered.kind
    inner join ksbs on shared.ksb_id = ksbs.ksb_id
    inner join lineage on shared.basis = lineage.basis and shared.kind = lineage.kind

)

select * from final
