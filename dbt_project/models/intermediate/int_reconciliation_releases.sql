with

releases as (

    select
        *,
        lag(release_id) over (partition by dataset order by known_from, release_id) as release_before,
        lag(rows) over (partition by dataset order by known_from, release_id) as rows_before

    from {{ ref('stg_observatory__release') }}

),

-- the newest period of each metric, release by release
periods as (

    select
        metric,
        measure_basis,
        release_id,
        max(period_end) as period_end

    from {{ ref('int_indicator') }}
    group by all

),

period_order as (

    select
        'period_order' as check_name,
        'freshness' as dimension,
        'newest period by metric' as subject,
        releases.release_id,
        releases.known_from,
        releases.is_sample,
        count(*) as checked,
        count(*) filter (where periods.period_end < before.period_end) as broken,
        'no metric ends earlier than in the release before' as expected,
        list(
            {'item': periods.metric, 'before': cast(before.period_end as varchar), 'now': cast(periods.period_end as varchar)}
            order by periods.metric, periods.measure_basis
        ) filter (where periods.period_end < before.period_end) as examples

    from releases
    inner join periods on releases.release_id = periods.release_id
    inner join periods as before
        on
            releases.release_before = before.release_id
            and periods.metric = before.metric
            and periods.measure_basis is not distinct from before.measure_basis
    group by all

),

volume as (

    select
        'release_volume' as check_name,
        'volume' as dimension,
        'rows of the release' as subject,
        release_id,
        known_from,
        is_sample,
        1 as checked,
        case when rows < 0.9 * rows_before then 1 else 0 end as broken,
        'at least 90% of the ' || rows_before || ' rows of the release before' as expected,
        case
            when rows < 0.9 * rows_before then [{'item': release_id, 'before': cast(rows_before as varchar), 'now': cast(rows as varchar)}]
        end as examples

    from releases
    where release_before is not null

)

select * from period_order

union all

select * from volume
