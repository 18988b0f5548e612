with

indicators as (

    select * from {{ ref('int_indicator') }}

),

metrics as (

    select * from {{ ref('metric') }}

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

)

select * from joined
