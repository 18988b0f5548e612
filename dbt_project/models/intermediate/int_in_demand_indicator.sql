with

indicators as (

    select * from {{ ref('int_indicator') }}
    where known_to is null

),

employment as (

    select * from {{ ref('int_employment') }}
    where known_to is null and soc_code is not null and value > 0

),

openings as (

    select * from {{ ref('int_openings') }}
    where known_to is null and breakdown = 'occupation_sub_major'

),

-- adverts of one counting only; what is withheld is left out of a sum, which then is partial
adverts as (

    select
        *,
        coalesce(value, lower) as adverts

    from indicators
    where
        metric = 'online_job_adverts_3_month_mean'
        and measure_basis in ('new_adverts', 'live_snapshot')
        and breakdown = 'occupation_sub_major'
        and subgroup <> 'Unknown'

),

densities as (

    select
        'advert_density' as indicator,
        adverts.area_code,
        adverts.boundary_version,
        adverts.subgroup as soc_code,
        adverts.period_start,
        adverts.period_end,
        adverts.period_label,
        -- employment of the latest twelve months that had ended
        adverts.adverts / employment.value as value,
        case when adverts.status = 'ok' then employment.status else adverts.status end as status,
        greatest(adverts.known_from, employment.known_from) as known_from,
        least(adverts.release_id, employment.release_id) || ',' || greatest(adverts.release_id, employment.release_id) as release_id,
        adverts.is_sample or employment.is_sample as is_sample

    from adverts
    asof inner join employment
        on
            adverts.area_code = employment.area_code
            and adverts.boundary_version = employment.boundary_version
            and adverts.subgroup = employment.soc_code
            and adverts.period_end >= employment.period_end

),

-- against the same three months a year before, so that the season cancels
growths as (

    select
        'advert_growth' as indicator,
        later.area_code,
        later.boundary_version,
        later.subgroup as soc_code,
        later.period_start,
        later.period_end,
        later.period_label,
        case when later.adverts > 0 and earlier.adverts > 0 then ln(later.adverts / earlier.adverts) end as value,
        case when later.status = 'ok' then earlier.status else later.status end as status,
        later.known_from,
        later.release_id,
        later.is_sample or earlier.is_sample as is_sample

    from adverts as later
    inner join adverts as earlier
        on
            later.area_code = earlier.area_code
            and later.boundary_version = earlier.boundary_version
            and later.subgroup = earlier.subgroup
            and later.measure_basis = earlier.measure_basis
            and earlier.period_start = later.period_start - interval 12 month

),

rates as (

    select
        'openings_rate' as indicator,
        area_code,
        boundary_version,
        subgroup as soc_code,
        period_start,
        period_end,
        period_label,
        case when employment_base > 0 then openings_per_year / employment_base end as value,
        status,
        known_from,
        release_id,
        is_sample

    from openings

),

unioned as (

    select * from densities

    union all

    select * from growths

    union all

    select * from rates

)

select
    indicator,
    area_code,
    boundary_version,
    soc_code,
    period_start,
    period_end,
    period_label,
    round(value, 12) as value,
    status,
    known_from,
    release_id,
    is_sample

from unioned
where value is not null and status in {{ statuses_with_value() }}
