with

indicators as (

    select * from {{ ref('int_indicator') }}

),

metrics as (

    select * from {{ ref('metric') }}

),

-- one row a release and area at most
fits as (

    select
        release_id,
        area_code,
        boundary_version,
        boundary_fit

    from {{ ref('int_area_fit') }}
    where boundary_fit <> 'exact'

),

joined as (

    select
        indicators.row_key,

        -- grain
        indicators.metric,
        indicators.measure_basis,
        indicators.breakdown,
        indicators.subgroup,
        indicators.subgroup_label,
        indicators.area_code,
        indicators.boundary_version,
        coalesce(fits.boundary_fit, 'exact') as boundary_fit,
        indicators.period_start,
        indicators.period_end,
        indicators.period_label,

        -- numbers
        case when indicators.status in {{ statuses_with_value() }} then indicators.value end as value,
        indicators.lower,
        indicators.upper,
        indicators.interval_kind,
        indicators.base,
        indicators.status,
        indicators.coverage,
        metrics.unit,

        -- provenance
        '{{ var("method_version") }}' as method_version,
        indicators.known_from,
        indicators.known_to,
        indicators.release_id,
        indicators.is_sample

    from indicators
    inner join metrics on indicators.metric = metrics.metric
    left join fits
        on
            indicators.release_id = fits.release_id
            and indicators.area_code = fits.area_code
            and indicators.boundary_version = fits.boundary_version

)

select * from joined
