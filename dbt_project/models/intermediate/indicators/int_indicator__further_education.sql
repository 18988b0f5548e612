with

places as (

    select * from {{ ref('stg_dfe__fe_geography') }}

),

aims as (

    select * from {{ ref('stg_dfe__fe_aims_by_subject') }}

),

areas as (

    select * from {{ ref('area') }}

),

-- one dimension at a time; rows that cross two are left in staging
learners as (

    select
        *,
        case
            when age_summary <> 'Total' then 'age'
            when provision_type <> 'Further education and skills' then 'provision'
            when level_or_type <> 'Further education and skills: Total' then 'level'
            else 'total'
        end as breakdown,
        case
            when age_summary <> 'Total' then age_summary
            when provision_type <> 'Further education and skills' then replace(level_or_type, ': Total', '')
            else replace(level_or_type, 'Further education and skills: ', '')
        end as subgroup

    from places
    where
        (age_summary <> 'Total')::integer
        + (provision_type <> 'Further education and skills')::integer
        + (level_or_type not like '%: Total')::integer
        <= 1

),

learner_cells as (

    {% for measure, counted in [('participation', 'participation'), ('achievements', 'learner_achievements')] -%}
    select
        'fe_{{ measure }}' as metric,
        breakdown,
        subgroup,
        area_code as place_code,
        time_period,
        is_full_year,
        {{ counted }} as value,
        {{ counted }}_status as status,
        {{ rounded_lower(counted, counted ~ '_status') }} as people_lower,
        {{ rounded_upper(counted, counted ~ '_status') }} as people_upper,
        population_estimate as population_lower,
        population_estimate as population_upper,
        {{ counted }}_rate_per_100000_population as rate,
        {{ counted }}_rate_per_100000_population_status as rate_status,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from learners
    {% if not loop.last %}union all

    {% endif %}
    {%- endfor %}
),

aim_cells as (

    {% for measure in ['enrolments', 'achievements'] -%}
    select
        'fe_aim_{{ measure }}' as metric,
        case
            when ssa_tier_1 <> 'Total' then 'sector_subject_area'
            when notional_nvq_level <> 'Total' then 'level'
            else 'total'
        end as breakdown,
        case when ssa_tier_1 <> 'Total' then ssa_tier_1 else notional_nvq_level end as subgroup,
        area_code as place_code,
        time_period,
        is_full_year,
        {{ measure }} as value,
        {{ measure }}_status as status,
        {{ rounded_lower(measure, measure ~ '_status') }} as people_lower,
        {{ rounded_upper(measure, measure ~ '_status') }} as people_upper,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from aims
    where ssa_tier_1 = 'Total' or notional_nvq_level = 'Total'
    {% if not loop.last %}union all

    {% endif %}
    {%- endfor %}
),

learner_sums as (

    {{ area_sums(
        'learner_cells',
        'dfe__fe_geography',
        ['metric', 'breakdown', 'subgroup', 'time_period', 'is_full_year'],
        ['people', 'population'],
    ) }}

),

-- the file leaves out what nobody enrolled in
aim_sums as (

    {{ area_sums(
        'aim_cells',
        'dfe__fe_aims_by_subject',
        ['metric', 'breakdown', 'subgroup', 'time_period', 'is_full_year'],
        ['people'],
        present_by=['metric', 'time_period'],
    ) }}

),

-- a plan area's own figure, where DfE gives one, is better than any sum of rounded districts
own as (

    select distinct
        release_id,
        time_period,
        place_code

    from learner_cells

),

unpublished as (

    select learner_sums.*
    from learner_sums
    left join own
        on
            learner_sums.release_id = own.release_id
            and learner_sums.time_period = own.time_period
            and learner_sums.area_code = own.place_code
    where own.place_code is null

),

published as (

    select
        metric,
        breakdown,
        subgroup,
        place_code,
        time_period,
        is_full_year,
        value,
        status,
        people_lower as lower,
        people_upper as upper,
        null as base,
        {{ cited('dfe__fe_geography') }} as sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from learner_cells

    union all

    select
        metric || '_per_100000' as metric,
        breakdown,
        subgroup,
        place_code,
        time_period,
        is_full_year,
        rate as value,
        rate_status as status,
        -- rates are whole numbers made of unrounded counts; where there is none, the count still bounds it
        case when rate is not null then greatest(rate - 0.5, 0) else 100000 * people_lower / nullif(population_lower, 0) end as lower,
        case when rate is not null then rate + 0.5 else 100000 * people_upper / nullif(population_lower, 0) end as upper,
        population_lower as base,
        {{ cited('dfe__fe_geography') }} as sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from learner_cells

    union all

    select
        metric,
        breakdown,
        subgroup,
        place_code,
        time_period,
        is_full_year,
        value,
        status,
        people_lower as lower,
        people_upper as upper,
        null as base,
        {{ cited('dfe__fe_aims_by_subject') }} as sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from aim_cells

),

summed as (

    select
        metric,
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        time_period,
        is_full_year,
        people_lower as lower,
        people_upper as upper,
        null as base,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from unpublished

    union all

    select
        metric || '_per_100000' as metric,
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        time_period,
        is_full_year,
        100000 * people_lower / nullif(population_upper, 0) as lower,
        100000 * people_upper / nullif(population_upper, 0) as upper,
        population_upper as base,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from unpublished

    union all

    select
        metric,
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        time_period,
        is_full_year,
        people_lower as lower,
        people_upper as upper,
        null as base,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from aim_sums

),

unioned as (

    select
        published.* exclude (place_code),
        areas.area_code,
        areas.boundary_version

    from published
    inner join areas on published.place_code = areas.area_code

    union all by name

    select
        *,
        {{ point_of('lower', 'upper') }} as value,
        case
            when lower is null and upper is null then 'x'
            when {{ point_of('lower', 'upper') }} is null then 'partial'
            else 'ok'
        end as status

    from summed

),

dated as (

    select
        *,
        subgroup as subgroup_label,
        null as measure_basis,
        {{ academic_year_start('time_period') }} as period_start,
        {{ academic_year_end('time_period') }} as period_end,
        left(time_period, 4) || '/' || right(time_period, 2)
        || case when is_full_year then '' else ' year to date' end as period_label,
        case when lower is null and upper is null then 'none' else 'bound' end as interval_kind,
        null as coverage

    from unioned

)

select {{ indicator_columns() }}

from dated
