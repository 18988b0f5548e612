with

by_district as (

    select * from {{ ref('stg_dfe__apprenticeships_by_district') }}

),

by_standard as (

    select * from {{ ref('stg_dfe__apprenticeship_achievements_by_standard') }}

),

-- one dimension at a time; rows that cross two are left in staging
one_dimension as (

    select
        *,
        case
            when age_summary <> 'Total' then 'age'
            when apps_level <> 'Total' then 'level'
            when sex <> 'Total' then 'sex'
            else 'total'
        end as breakdown,
        case
            when age_summary <> 'Total' then age_summary
            when apps_level <> 'Total' then apps_level
            else sex
        end as subgroup

    from by_district
    where (age_summary <> 'Total')::integer + (apps_level <> 'Total')::integer + (sex <> 'Total')::integer <= 1

),

long as (

    {% for measure in ['starts', 'achievements', 'participation'] -%}
    select
        'apprenticeship_{{ measure }}' as metric,
        breakdown,
        subgroup,
        subgroup as subgroup_label,
        area_code as place_code,
        time_period,
        is_full_year,
        {{ measure }} as value,
        {{ measure }}_status as status,
        'dfe__apprenticeships_by_district' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from one_dimension

    union all

    {% endfor -%}
    select
        'apprenticeship_achievements' as metric,
        'standard' as breakdown,
        coalesce(reference, 'framework') as subgroup,
        case when reference is null then 'Frameworks (no standard)' else standard_name end as subgroup_label,
        lad_code as place_code,
        time_period,
        is_full_year,
        achievements as value,
        achievements_status as status,
        'dfe__apprenticeship_achievements_by_standard' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from,
        known_to

    from (
        select *
        from by_standard
        where reference is not null or lower(standard_name) <> 'total'
        -- a total over ages or levels stands beside its parts in some files: it is taken where there is one, its parts where there is none
        qualify
            (age_summary = 'Total') = bool_or(age_summary = 'Total')
                over (partition by release_id, time_period, lad_code, reference)
    ) as ages
    qualify
        (apps_level = 'Total') = bool_or(apps_level = 'Total')
            over (partition by release_id, time_period, lad_code, reference)

),

bounded as (

    select
        *,
        -- volumes are rounded to 10 (so plus or minus 5); 1 to 4 is marked `low`, which leaves a published 0 a true 0
        case
            when status = 'low' then 1
            when status = 'c' then 0
            when value = 0 then 0
            when value is not null then greatest(value - 5, 0)
        end as lower,
        case
            when status in ('low', 'c') then 4
            when value = 0 then 0
            when value is not null then value + 5
        end as upper

    from long

)

select * from bounded
