{#- Indicators of a DfE destination measure: published rates of districts, regions and England, and for the areas made of districts the sum of the people
    over the sum of the cohorts. A suppressed count is anything from 0 to its cohort, since others are suppressed with a small one.

    relation: staging model of the destinations
    metric, raw_table: its names
    with_levels: whether figures are also by level of qualification -#}
{% macro destination_rates(relation, metric, raw_table, with_levels=false) -%}
with

outcomes as (

    select
        *,
        case
            when topic <> 'total' then topic
            {% if with_levels -%}
            when cohort_level_group <> 'Total' then 'level'
            {% endif -%}
            when destination <> 'overall' then 'destination'
            else 'total'
        end as breakdown,
        case
            when topic <> 'total' then characteristic
            {% if with_levels -%}
            when cohort_level_group <> 'Total' then cohort_level_group
            {% endif -%}
            when destination <> 'overall' then destination
            else 'Total'
        end as subgroup

    from {{ relation }}
    where destination in ('overall', 'education', 'apprenticeship', 'employment')

),

labelled as (

    select
        *,
        case subgroup
            when 'education' then 'Sustained education'
            when 'apprenticeship' then 'Sustained apprenticeship'
            when 'employment' then 'Sustained employment'
            else subgroup
        end as subgroup_label

    from outcomes

),

cells as (

    select
        breakdown,
        subgroup,
        subgroup_label,
        time_period,
        area_code as place_code,
        coalesce(pupil_count, if(pupil_count_status = 'low', 1, 0)) as pupils_lower,
        coalesce(pupil_count, if(pupil_count_status = 'low', 4, cohort_count)) as pupils_upper,
        cohort_count as cohort_lower,
        cohort_count as cohort_upper,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from labelled

),

sums as (

    {{ area_sums('cells', raw_table, ['breakdown', 'subgroup', 'subgroup_label', 'time_period'], ['pupils', 'cohort']) }}

),

rates as (

    -- no cohort is known where a district is missing, and without it no rate
    select
        *,
        100 * pupils_lower / nullif(cohort_upper, 0) as rate_lower,
        100 * pupils_upper / nullif(cohort_upper, 0) as rate_upper

    from sums

),

published as (

    select
        labelled.breakdown,
        labelled.subgroup,
        labelled.subgroup_label,
        labelled.area_code,
        areas.boundary_version,
        labelled.time_period,
        labelled.pupil_percent as value,
        labelled.pupil_percent_status as status,
        -- percentages have one decimal; `low` is above 0 and under 0.5
        -- (greatest() and least() pass over NULL, so a missing percentage would be bounded by 0 and 100)
        case
            when labelled.pupil_percent_status = 'low' then 0
            when labelled.pupil_percent is not null then greatest(labelled.pupil_percent - 0.05, 0)
        end as lower,
        case
            when labelled.pupil_percent_status = 'low' then 0.5
            when labelled.pupil_percent is not null then least(labelled.pupil_percent + 0.05, 100)
        end as upper,
        labelled.cohort_count as base,
        labelled.release_id,
        labelled.is_sample,
        labelled.known_from,
        labelled.known_to,
        {{ cited(raw_table, 'labelled') }} as sources

    from labelled
    inner join {{ ref('area') }} as areas on labelled.area_code = areas.area_code

    union all

    select
        breakdown,
        subgroup,
        subgroup_label,
        area_code,
        boundary_version,
        time_period,
        {{ point_of('rate_lower', 'rate_upper') }} as value,
        case
            when rate_upper is null then 'x'
            when {{ point_of('rate_lower', 'rate_upper') }} is null then 'partial'
            else 'ok'
        end as status,
        rate_lower as lower,
        rate_upper as upper,
        cohort_upper as base,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources

    from rates

),

dated as (

    select
        *,
        '{{ metric }}' as metric,
        null as measure_basis,
        {{ academic_year_start('time_period') }} as period_start,
        {{ academic_year_end('time_period') }} as period_end,
        left(time_period, 4) || '/' || right(time_period, 2) as period_label,
        case when lower is null then 'none' else 'bound' end as interval_kind,
        null as coverage

    from published

)

select {{ indicator_columns() }}

from dated
{%- endmacro %}
