with

weights as (

    select * from {{ ref('int_supply_weight') }}
    where achievements is not null

),

provisions as (

    select * from weights

    union all

    select * replace ('all' as provision) from weights

),

incidence as (

    select * from {{ ref('int_supply_incidence') }}

),

named as (

    select * from {{ ref('int_supply_named') }}

),

ksbs as (

    select * from {{ ref('dim_ksb') }}

),

lineage as (

    select
        basis,
        kind,
        level,
        {{ lineage() }}

    from {{ ref('int_ksb_lineage') }}
    group by 1, 2, 3

),

with_statements as (

    select distinct reference

    from named

),

levels as (

    select distinct
        kind,
        level

    from named

),

-- per area and kind, what each standard's or subject's achievements stand for: one whose statements are not held is all unnamed,
-- one that has statements but none of this kind holds no mass of the kind
masses as (

    select
        provisions.*,
        levels.kind,
        levels.level,
        case when with_statements.reference is null then 0 else named.named_share end as named_share

    from provisions
    cross join levels
    left join with_statements on provisions.reference = with_statements.reference
    left join named
        on
            provisions.reference = named.reference
            and levels.kind = named.kind
            and levels.level = named.level

),

covered as (

    select
        area_code,
        boundary_version,
        basis,
        provision,
        period_label,
        period_start,
        period_end,
        kind,
        level,
        round(
            sum(achievements * named_share order by provision, reference, achievements)
            / nullif(sum(achievements order by provision, reference, achievements), 0), 12
        ) as coverage

    from masses
    where named_share is not null
    group by all

),

volumes as (

    select
        provisions.area_code,
        provisions.boundary_version,
        provisions.basis,
        provisions.provision,
        incidence.kind,
        incidence.level,
        incidence.ksb_id,
        sum(provisions.achievements * incidence.incidence order by provisions.reference, provisions.achievements) as estimate,
        sum(provisions.lower * incidence.incidence order by provisions.reference, provisions.achievements) as lower,
        sum(provisions.upper * incidence.incidence order by provisions.reference, provisions.achievements) as upper,
        -- the mean of a subject's standards is an estimate of what its other programmes teach: Var(A·p) = A²·p(1−p)/(n−1), as the simulation draws it
        1.96 * sqrt(coalesce(sum(
            case
                when incidence.n is not null
                    then power(provisions.achievements, 2) * incidence.incidence * (1 - incidence.incidence) / (greatest(incidence.n - 2, 1) + 1)
            end
            order by provisions.reference, provisions.achievements
        ), 0)) as half_width,
        bool_and(provisions.is_complete) as is_complete,
        bool_and(incidence.n is null) as is_bounded,
        count(*) as base

    from provisions
    inner join incidence on provisions.reference = incidence.reference
    group by all

    union all

    select
        area_code,
        boundary_version,
        basis,
        provision,
        kind,
        level,
        {{ unmapped_id('kind', 'level') }} as ksb_id,
        sum(achievements * (1 - named_share) order by reference, achievements) as estimate,
        sum(lower * (1 - named_share) order by reference, achievements) as lower,
        sum(upper * (1 - named_share) order by reference, achievements) as upper,
        0 as half_width,
        bool_and(is_complete) as is_complete,
        bool_and(method = 'standard') as is_bounded,
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
                        partition by area_code, boundary_version, basis, provision, kind, level
                        order by ksb_id
                        rows between unbounded preceding and unbounded following
                    ), 0
                )
        end as share,
        case when not is_bounded or (is_complete and upper - lower <= 0.05 * estimate) then estimate end as volume

    from volumes

),

final as (

    select
        {{ row_key([
            'shared.ksb_id',
            'shared.area_code',
            'shared.boundary_version',
            "'all'",
            'shared.basis',
            'shared.provision'
        ]) }} as row_key,

        -- grain
        shared.ksb_id,
        shared.kind,
        shared.level,
        shared.area_code,
        shared.boundary_version,
        'all' as sector,
        shared.basis,
        shared.provision,
        covered.period_start,
        covered.period_end,
        covered.period_label,

        -- numbers
        round(shared.volume, 6) as volume,
        round(shared.share, 12) as share,
        round(shared.volume, 6) as value,
        round(greatest(shared.lower - shared.half_width, 0), 6) as lower,
        -- what a missing district adds is unknown
        case when shared.is_complete then round(shared.upper + shared.half_width, 6) end as upper,
        case when shared.is_bounded then 'bound' else 'sampling' end as interval_kind,
        cast(shared.base as double) as base,
        case
            when shared.volume is not null and shared.is_complete and covered.coverage >= {{ var('coverage_gate') }} then 'ok'
            else 'partial'
        end as status,
        covered.coverage,
        case shared.basis when 'attained' then 'achievements' else 'starts and enrolments' end as unit,
        case when shared.is_bounded then 'standard' else 'ssa_mean' end as method,

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
            and shared.provision = covered.provision
            and shared.kind = covered.kind
            and shared.level = covered.level
    inner join ksbs on shared.ksb_id = ksbs.ksb_id
    inner join lineage
        on
            shared.basis = lineage.basis
            and shared.kind = lineage.kind
            and shared.level = lineage.level

)

select * from final
