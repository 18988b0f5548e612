{{ config(materialized='view') }}

-- a view over the mart, since publication stamps published_at into it after the build
with

releases as (

    select
        *,
        -- out before we first looked at the dataset: the age of an archive, not a delay of ours
        coalesce(released_at < min(detected_at) over (partition by dataset), false) as is_first_load

    from {{ ref('latency') }}

),

timed as (

    select
        releases.dataset,
        stages.stage,
        stages.stage_order,
        stages.from_release and releases.released_at is null as is_unstated,
        stages.from_release and releases.is_first_load as is_first_load,
        case stages.stage
            when 'released_to_detected' then releases.detect_minutes
            when 'detected_to_materialised' then releases.materialise_minutes
            when 'materialised_to_published' then releases.publish_minutes
            else date_diff('second', releases.released_at, releases.published_at) / 60
        end as minutes,
        releases.is_sample

    from releases
    cross join (
        values
        ('released_to_detected', 1, true),
        ('detected_to_materialised', 2, false),
        ('materialised_to_published', 3, false),
        ('released_to_published', 4, true)
    ) as stages (stage, stage_order, from_release)

)

select
    dataset,
    stage,
    count(*) as n_releases,
    count(minutes) filter (where not is_first_load) as n,
    count(*) filter (where is_unstated) as n_unstated,
    count(*) filter (where is_first_load) as n_first_load,
    count(*) filter (where minutes is null and not is_unstated and not is_first_load) as n_unfinished,
    quantile_cont(minutes, 0.5) filter (where not is_first_load) as p50_minutes,
    quantile_cont(minutes, 0.95) filter (where not is_first_load) as p95_minutes,
    max(minutes) filter (where not is_first_load) as max_minutes,
    bool_or(is_sample) as is_sample

from timed
group by dataset, stage, stage_order
order by dataset, stage_order
