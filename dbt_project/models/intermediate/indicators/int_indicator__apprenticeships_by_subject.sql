with

subjects as (

    select * from {{ ref('stg_dfe__apprenticeships_by_subject') }}

),

areas as (

    select * from {{ ref('area') }}

),

-- levels and totals are also in the file by district, for every year
cells as (

    {% for measure in ['starts', 'achievements'] -%}
    select
        'apprenticeship_{{ measure }}' as metric,
        ssa_tier_1 as subgroup,
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

    from subjects
    where apps_level = 'Total' and ssa_tier_1 <> 'Total'
    {% if not loop.last %}union all

    {% endif %}
    {%- endfor %}
),

sums as (

    {{ area_sums(
        'cells',
        'dfe__apprenticeships_by_subject',
        ['metric', 'subgroup', 'time_period', 'is_full_year'],
        ['people'],
        present_by=['metric', 'time_period'],
    ) }}

),

unioned as (

    select
        cells.metric,
        cells.subgroup,
        areas.area_code,
        areas.boundary_version,
        cells.time_period,
        cells.is_full_year,
        cells.value,
        cells.status,
        cells.people_lower as lower,
        cells.people_upper as upper,
        {{ cited('dfe__apprenticeships_by_subject', 'cells') }} as sources,
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
        time_period,
        is_full_year,
        {{ point_of('people_lower', 'people_upper') }} as value,
        case
            when people_lower is null and people_upper is null then 'x'
            when {{ point_of('people_lower', 'people_upper') }} is null then 'partial'
            else 'ok'
        end as status,
        people_lower as lower,
        people_upper as upper,
        sources,
        release_id,
        is_sample,
        known_from,
        known_to

    from sums

),

dated as (

    select
        *,
        'sector_subject_area' as breakdown,
        subgroup as subgroup_label,
        null as measure_basis,
        {{ academic_year_start('time_period') }} as period_start,
        {{ academic_year_end('time_period') }} as period_end,
        left(time_period, 4) || '/' || right(time_period, 2)
        || case when is_full_year then '' else ' year to date' end as period_label,
        case when lower is null and upper is null then 'none' else 'bound' end as interval_kind,
        null as base,
        null as coverage

    from unioned

)

select {{ indicator_columns() }}

from dated
