with

openings as (

    select * from {{ ref('int_openings') }}
    where breakdown in ('occupation_sub_major', 'total')

),

incidence as (

    select * from {{ ref('int_demand_incidence') }}

),

named as (

    select * from {{ ref('int_demand_named') }}

),

ksbs as (

    select * from {{ ref('dim_ksb') }}

),

other_releases as (

    select
        kind,
        level,
        release_id,
        is_sample

    from {{ ref('int_ksb_lineage') }}
    where basis = 'openings' and input <> 'projection'

),

occupations as (

    select
        'occupation' as grain,
        subgroup as key,
        cast(null as varchar) as kind,
        cast(null as varchar) as level,
        subgroup_label as label,
        area_code,
        boundary_version,
        boundary_fit,
        period_label as horizon,
        release_id as vintage,
        period_start,
        period_end,
        horizon_year - base_year as years,
        employment_base,
        employment_horizon,
        net_change,
        replacement_demand,
        total_requirement,
        openings_per_year,
        status,
        coverage,
        cast(null as varchar) as taxonomy_version,
        release_id,
        is_sample,
        known_from,
        known_to

    from openings

),

-- only published occupations carry openings to KSBs; negative ones count as none
asked as (

    select
        *,
        greatest(openings_per_year, 0) as w,
        sum(greatest(openings_per_year, 0)) over (partition by release_id, area_code, boundary_version) as total

    from openings
    where breakdown = 'occupation_sub_major'

),

coverages as (

    select
        asked.release_id,
        asked.area_code,
        asked.boundary_version,
        named.kind,
        named.level,
        round(
            least(sum(asked.w) / nullif(max(asked.total), 0), 1)
            -- of openings on another version of the area, the share both have
            * coalesce(max(asked.coverage), 1)
            * sum(asked.w * named.named_share order by asked.subgroup)
            / nullif(sum(asked.w * (named.named_share + named.unnamed_share) order by asked.subgroup), 0), 12
        ) as coverage

    from asked
    inner join named on asked.subgroup = named.soc_code
    where asked.status in ('ok', 'low_reliability', 'partial')
    group by 1, 2, 3, 4, 5

),

ksb_volumes as (

    select
        'ksb' as grain,
        incidence.ksb_id as key,
        incidence.kind,
        incidence.level,
        any_value(ksbs.label) as label,
        asked.area_code,
        asked.boundary_version,
        asked.boundary_fit,
        asked.period_label as horizon,
        asked.release_id as vintage,
        asked.period_start,
        asked.period_end,
        asked.horizon_year - asked.base_year as years,
        -- in a fixed order, as in ksb_demand
        sum(asked.employment_base * incidence.incidence order by asked.subgroup) as employment_base,
        sum(asked.employment_horizon * incidence.incidence order by asked.subgroup) as employment_horizon,
        sum(asked.net_change * incidence.incidence order by asked.subgroup) as net_change,
        sum(asked.replacement_demand * incidence.incidence order by asked.subgroup) as replacement_demand,
        sum(asked.total_requirement * incidence.incidence order by asked.subgroup) as total_requirement,
        sum(asked.w * incidence.incidence order by asked.subgroup) as openings_per_year,
        any_value(ksbs.taxonomy_version) as taxonomy_version,
        asked.known_from,
        asked.known_to

    from asked
    inner join incidence on asked.subgroup = incidence.soc_code
    inner join ksbs on incidence.ksb_id = ksbs.ksb_id
    where asked.status in ('ok', 'low_reliability', 'partial')
    group by all

),

vintage_releases as (

    select
        vintages.vintage,
        other_kinds.kind,
        other_kinds.level,
        string_agg(distinct releases.release_id, ',' order by releases.release_id) as release_id,
        bool_or(releases.is_sample) as is_sample

    from (select distinct release_id as vintage, release_id, is_sample from asked) as vintages
    cross join (select distinct kind, level from other_releases) as other_kinds
    cross join lateral (
        select vintages.release_id, vintages.is_sample
        union all
        select release_id, is_sample from other_releases where other_releases.kind = other_kinds.kind and other_releases.level = other_kinds.level
    ) as releases
    group by 1, 2, 3

),

unioned as (

    select * from occupations

    union all

    select
        ksb_volumes.* exclude (taxonomy_version, known_from, known_to),
        case when coverages.coverage >= {{ var('coverage_gate') }} and ksb_volumes.boundary_fit = 'exact' then 'ok' else 'partial' end as status,
        coverages.coverage,
        ksb_volumes.taxonomy_version,
        vintage_releases.release_id,
        vintage_releases.is_sample,
        -- the vintage's own time: incidence is today's, whatever the vintage
        ksb_volumes.known_from,
        ksb_volumes.known_to

    from ksb_volumes
    inner join coverages
        on
            ksb_volumes.vintage = coverages.release_id
            and ksb_volumes.area_code = coverages.area_code
            and ksb_volumes.boundary_version = coverages.boundary_version
            and ksb_volumes.kind = coverages.kind
            and ksb_volumes.level = coverages.level
    inner join vintage_releases
        on
            ksb_volumes.vintage = vintage_releases.vintage
            and ksb_volumes.kind = vintage_releases.kind
            and ksb_volumes.level = vintage_releases.level

),

published as (

    select
        *,
        status in {{ statuses_with_value() }} as is_published

    from unioned

),

spread as (

    select
        *,
        case when is_published then round(openings_per_year, 6) end as value,
        -- how far publishers' own vintages lie apart; NULL for the first
        case
            when
                count(case when is_published then 1 end) over series > 1
                then round(
                    max(case when is_published then openings_per_year end) over series
                    - min(case when is_published then openings_per_year end) over series, 6
                )
        end as vintage_spread

    from published
    -- up to each vintage: what was published later was not known then
    window series as (
        partition by grain, key, area_code, boundary_version, horizon
        order by known_from, vintage
        rows between unbounded preceding and current row
    )

)

select
    {{ row_key(['grain', 'key', 'area_code', 'boundary_version', 'horizon', 'vintage']) }} as row_key,

    -- grain
    grain,
    key,
    kind,
    level,
    label,
    area_code,
    boundary_version,
    boundary_fit,
    horizon,
    vintage,
    period_start,
    period_end,
    horizon as period_label,

    -- numbers
    case when is_published then round(employment_base, 6) end as employment_base,
    case when is_published then round(employment_horizon, 6) end as employment_horizon,
    case when is_published then round(net_change, 6) end as net_change,
    case when is_published then round(replacement_demand, 6) end as replacement_demand,
    case when is_published then round(total_requirement, 6) end as total_requirement,
    value as openings_per_year,
    case
        when is_published and employment_base > 0 and employment_horizon > 0
            then round(power(employment_horizon / employment_base, 1.0 / years) - 1, 9)
    end as cagr,
    case
        when not is_published then 'not_published'
        when status = 'low_reliability' then 'low_reliability'
        else 'ok'
    end as reliability,
    vintage_spread,
    value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    'none' as interval_kind,
    cast(null as double) as base,
    status,
    coverage,
    'persons per year' as unit,

    -- provenance
    '{{ var("method_version") }}' as method_version,
    taxonomy_version,
    known_from,
    known_to,
    release_id,
    is_sample

from spread
