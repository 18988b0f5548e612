with

attainment as (

    select * from {{ ref('stg_dfe__attainment_16_to_25') }}

),

areas as (

    select * from {{ ref('area') }}

),

-- `19 not 16` is a difference of two ages
by_age as (

    select
        *,
        'level_' || right(qualification_level, 1) || '_attainment_rate' as metric,
        right(age, 2) as subgroup,
        area_code as place_code,
        coalesce(reached, if(reached_status = 'low', 1, 0)) as reached_lower,
        coalesce(reached, if(reached_status = 'low', 4, cohort)) as reached_upper,
        cohort as cohort_lower,
        cohort as cohort_upper

    from attainment
    where
        breakdown_topic = 'Total'
        and breakdown = 'Total'
        and qualification_level in ('Level 2', 'Level 3')
        and regexp_full_match(age, '(by age )?[0-9]{2}')

),

-- where both files have an area, the counts by district are exact and those by authority rounded to 10
cells as (

    select * from by_age
    qualify
        row_number() over (
            partition by metric, subgroup, place_code, cohort_age_in, release_id
            order by series desc
        ) = 1

),

-- districts of one kind only: rounded authorities are not mixed with exact districts
district_cells as (

    select * from cells
    where series = 'district'

),

sums as (

    {{ area_sums('district_cells', 'dfe__attainment_16_to_25', ['metric', 'subgroup', 'cohort_age_in'], ['reached', 'cohort']) }}

),

rates as (

    select
        *,
        100 * reached_lower / nullif(cohort_upper, 0) as rate_lower,
        100 * reached_upper / nullif(cohort_upper, 0) as rate_upper

    from sums

),

unioned as (

    select
        cells.metric,
        cells.subgroup,
        areas.area_code,
        areas.boundary_version,
        cells.cohort_age_in,
        cells.percentage as value,
        cells.percentage_status as status,
        -- percentages have three decimals, made of unrounded counts
        null as lower,
        null as upper,
        cells.cohort as base,
        {{ cited('dfe__attainment_16_to_25', 'cells') }} as sources,
        cells.release_id,
        cells.is_sample,
        cells.known_from,
        cells.known_to

    from cells
    inner join areas on cells.place_code = areas.area_code

    union all

    select
        metric,
        subgroup,
        area_code,
        boundary_version,
        cohort_age_in,
        {{ point_of('rate_lower', 'rate_upper') }} as value,
        case
            when rate_upper is null then 'x'
            when {{ point_of('rate_lower', 'rate_upper') }} is null then 'partial'
            else 'ok'
        end as status,
        rate_lower as lower,
        rate_upper as upper,
        cohort_upper as base,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from rates

),

dated as (

    select
        *,
        'age' as breakdown,
        'By age ' || subgroup as subgroup_label,
        null as measure_basis,
        {{ academic_year_start('cohort_age_in') }} as period_start,
        {{ academic_year_end('cohort_age_in') }} as period_end,
        left(cohort_age_in, 4) || '/' || right(cohort_age_in, 2) as period_label,
        case when lower is null then 'none' else 'bound' end as interval_kind,
        null as coverage

    from unioned

)

select {{ indicator_columns() }}

from dated
