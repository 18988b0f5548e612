with

observations as (

    select * from {{ ref('stg_nomis__aps_qualifications') }}

),

cells as (

    select
        area_code,
        boundary_version,
        framework,
        level,
        sex,
        age,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ estimate_and_confidence() }},
        {{ cited_all('nomis__aps_qualifications', 'observations') }} as sources

    from observations
    group by all

),

-- trade apprenticeships are at level 2 or 3: all of them are level 2 or above, and none is counted at level 3 or above, as DfE has it
rate_levels as (

    select *
    from (
        values
        ('no_qualifications_rate', ['none']),
        ('qualification_level_2_plus_rate', ['level_2', 'trade_apprenticeships', 'level_3', 'level_4_plus']),
        ('qualification_level_3_plus_rate', ['level_3', 'level_4_plus']),
        ('qualification_level_4_plus_rate', ['level_4_plus'])
    ) as rate (metric, levels)

),

summed as (

    select
        rate_levels.metric,
        cells.area_code,
        cells.boundary_version,
        cells.framework,
        cells.sex,
        cells.age,
        cells.period_label,
        cells.period_start,
        cells.period_end,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to,
        sum(case when list_contains(rate_levels.levels, cells.level) then cells.value end) as people,
        sum(cells.value) as base,
        -- levels are taken to be independent, which they are but for the sample's size
        sqrt(sum(case when list_contains(rate_levels.levels, cells.level) then power(cells.confidence, 2) end)) as confidence,
        bool_and(cells.value is not null) as is_whole,
        bool_and(cells.confidence is not null or not list_contains(rate_levels.levels, cells.level)) as has_confidence,
        bool_or(list_contains(rate_levels.levels, cells.level) and (cells.status = 'u' or cells.confidence_status = 'u')) as is_unreliable,
        -- the reason of a part without a number is the rate's
        max(case when cells.value is null then cells.status end) as reason,
        flatten(list(cells.sources order by cells.level)) as sources

    from cells
    cross join rate_levels
    group by all

),

shaped as (

    select
        metric,
        case
            when sex = 'Total' and age = '16-64' then 'total'
            when sex = 'Total' then 'age'
            when age = '16-64' then 'sex'
            else 'age_sex'
        end as breakdown,
        case
            when sex = 'Total' and age = '16-64' then 'Total'
            when sex = 'Total' then age
            when age = '16-64' then sex
            else age || ' | ' || sex
        end as subgroup,
        framework as measure_basis,
        area_code,
        boundary_version,
        period_label,
        period_start,
        period_end,
        case when is_whole and base > 0 then 100 * people / base end as value,
        case when is_whole and base > 0 and has_confidence then 100 * confidence / base end as confidence,
        case when is_whole then base end as base,
        case
            when not is_whole then reason
            when base = 0 then 'z'
            when is_unreliable or confidence > 0.2 * people then 'u'
            else 'ok'
        end as status,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources

    from summed

),

bounded as (

    select
        *,
        subgroup as subgroup_label,
        -- greatest() and least() pass over NULL, so a missing half-width would give 0 and 100
        case when confidence is not null then greatest(value - confidence, 0) end as lower,
        case when confidence is not null then least(value + confidence, 100) end as upper,
        case when confidence is not null then 'sampling' else 'none' end as interval_kind,
        null as coverage

    from shaped

)

select {{ indicator_columns() }}

from bounded
