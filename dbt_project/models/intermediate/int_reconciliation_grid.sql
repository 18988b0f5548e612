with

areas as (

    select * from {{ ref('area') }}

),

-- the newest period a metric has of each area, suppressed figures included: a status is an answer
newest as (

    select
        indicators.metric,
        indicators.measure_basis,
        indicators.release_id,
        indicators.area_code,
        indicators.boundary_version,
        areas.area_type,
        max(indicators.period_end) as period_end,
        max(indicators.known_from) as known_from,
        bool_or(indicators.is_sample) as is_sample

    from {{ ref('int_indicator') }} as indicators
    inner join areas on indicators.area_code = areas.area_code and indicators.boundary_version = areas.boundary_version
    where indicators.known_to is null
    group by all

),

metrics as (

    select
        metric,
        measure_basis,
        release_id,
        max(period_end) as period_end,
        max(known_from) as known_from,
        bool_or(is_sample) as is_sample

    from newest
    group by all

),

-- of each kind of area a metric is given for at all, every area of the seeds
grid as (

    select
        metrics.*,
        areas.area_code,
        areas.boundary_version,
        newest.period_end as area_period_end

    from metrics
    inner join (select distinct metric, measure_basis, release_id, area_type from newest) as kinds
        on
            metrics.metric = kinds.metric
            and metrics.measure_basis is not distinct from kinds.measure_basis
            and metrics.release_id = kinds.release_id
    inner join areas on kinds.area_type = areas.area_type
    left join newest
        on
            metrics.metric = newest.metric
            and metrics.measure_basis is not distinct from newest.measure_basis
            and metrics.release_id = newest.release_id
            and areas.area_code = newest.area_code
            and areas.boundary_version = newest.boundary_version

)

select
    'area_period_grid' as check_name,
    'completeness' as dimension,
    'warn' as severity,
    release_id,
    'marts.fct_indicator' as relation,
    metric || coalesce(' (' || measure_basis || ')', '') as subject,
    max(known_from) as known_from,
    count(*) as checked,
    count(*) filter (where area_period_end is distinct from period_end) as broken,
    'every area has the newest period, which ends on ' || strftime(max(period_end), '%Y-%m-%d') as expected,
    list(
        {
            'area_code': area_code,
            'boundary_version': boundary_version,
            'reason': coalesce('its newest period ends on ' || strftime(area_period_end, '%Y-%m-%d'), 'the release gives nothing of this area')
        }
        order by area_code, boundary_version
    ) filter (where area_period_end is distinct from period_end) as examples,
    bool_or(is_sample) as is_sample

from grid
group by release_id, metric, measure_basis
