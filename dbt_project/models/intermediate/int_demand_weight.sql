with

employment as (

    select * from {{ ref('int_employment') }}
    where known_to is null

),

openings as (

    select * from {{ ref('int_openings') }}
    where known_to is null and breakdown = 'occupation_sub_major'

),

new_adverts as (

    select * from {{ ref('int_new_adverts') }}

),

latest as (

    select
        area_code,
        boundary_version,
        max(period_end) as period_end

    from employment
    where breakdown = 'occupation_sub_major'
    group by 1, 2

),

stock as (

    select
        employment.*,
        max(case when employment.breakdown = 'total' then employment.value end) over (
            partition by employment.area_code, employment.boundary_version
        ) as total

    from employment
    inner join latest using (area_code, boundary_version, period_end)

),

weights as (

    select
        area_code,
        boundary_version,
        'stock' as basis,
        period_label,
        soc_code,
        value as weight,
        standard_error,
        status,
        period_start,
        period_end,
        total

    from stock
    where soc_code is not null

    union all

    select
        area_code,
        boundary_version,
        'openings' as basis,
        period_label,
        subgroup as soc_code,
        case when status in ('ok', 'low_reliability', 'partial') then openings_per_year end as weight,
        cast(null as double) as standard_error,
        status,
        period_start,
        period_end,
        -- of openings on another version of the area, the share both have is seen
        sum(greatest(openings_per_year, 0)) over (partition by area_code, boundary_version) / coalesce(coverage, 1) as total

    from openings

    union all

    -- adverts carry no industry, so they are not reweighted to the vacancy survey's industries
    select
        area_code,
        boundary_version,
        'flow_ads' as basis,
        period_label,
        soc_code,
        weight,
        standard_error,
        status,
        period_start,
        period_end,
        total_weight as total

    from new_adverts

)

select
    area_code,
    boundary_version,
    basis,
    period_label,
    soc_code,
    weight,
    standard_error,
    status,
    period_start,
    period_end,
    coalesce(total, sum(weight) over (partition by area_code, boundary_version, basis)) as total_weight

from weights
