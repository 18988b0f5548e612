with

observations as (

    select * from {{ ref('stg_nomis__ashe') }}

),

estimates as (

    select
        basis as measure_basis,
        area_code,
        boundary_version,
        sex,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        max(case when measure = 'value' then value end) as value,
        max(case when measure = 'value' then status end) as status,
        -- ASHE withholds estimates whose coefficient of variation is 20% or more; above 50 the number would be something else, and the interval below 0
        max(case when measure = 'variation' and value <= 50 then value end) as variation,
        {{ cited_all('nomis__ashe', 'observations') }} as sources

    from observations
    group by all

),

shaped as (

    select
        *,
        'median_pay' as metric,
        case when sex = 'Total' then 'total' else 'sex' end as breakdown,
        sex as subgroup,
        sex as subgroup_label,
        value * (1 - 1.96 * variation / 100) as lower,
        value * (1 + 1.96 * variation / 100) as upper,
        case when value is not null and variation is not null then 'sampling' else 'none' end as interval_kind,
        null as base,
        null as coverage

    from estimates

)

select {{ indicator_columns() }}

from shaped
