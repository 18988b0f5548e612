with

statements as (

    select * from {{ ref('int_ksb_statement') }}
    where weight is not null

),

achievements as (

    select * from {{ ref('int_apprenticeship_cell') }}
    where known_to is null and breakdown = 'standard'

),

-- the year by which standards weigh, as in int_standard_subject
latest_year as (

    select time_period

    from achievements
    order by is_full_year desc, time_period desc
    limit 1

),

adverts as (

    select * from {{ ref('stg_ons__online_job_adverts') }}
    where known_to is null and measure_basis = 'new_adverts'

),

places as (

    select * from {{ ref('int_area_place') }}

),

by_place as (

    {{ adverts_by_place('adverts') }}

),

advert_years as (

    select distinct
        area_code,
        boundary_version,
        occupation_level,
        period_kind,
        period_start,
        period_end

    from {{ ref('int_new_adverts') }}

),

take_up as (

    select
        'standard_take_up' as relation,
        {{ provenance_key(['area_code', 'boundary_version', 'period_label', 'subgroup']) }} as key,
        'achievements' as raw_column,
        release_id,
        unnest(sources) as cell

    from {{ ref('int_apprenticeship') }}
    where known_to is null and metric = 'apprenticeship_achievements' and breakdown = 'standard'

    union all

    select
        'subject_take_up' as relation,
        {{ provenance_key(['area_code', 'boundary_version', 'provision', 'measure', 'period_label', 'reference']) }} as key,
        case measure when 'achievements' then 'achievements,ssa_tier_1' else measure || ',ssa_tier_1' end as raw_column,
        release_id,
        unnest(sources) as cell

    from {{ ref('int_supply_subject') }}

),

unioned as (

    -- what occupations do
    select
        'occupation_texts' as relation,
        unit_code as key,
        raw_table,
        'task' as raw_column,
        release_id,
        source_file,
        source_row

    from statements
    where side = 'demand'

    union all

    -- how much of an occupation's work a UK-SSC task is
    select
        'occupation_texts' as relation,
        soc_code as key,
        'uk_ssc__sub_unit_group_tasks' as raw_table,
        'relatedness' as raw_column,
        release_id,
        source_file,
        source_row

    from {{ ref('stg_uk_ssc__sub_unit_group_tasks') }}
    where known_to is null

    union all

    -- what standards teach
    select
        'standard_statements' as relation,
        {{ provenance_key(['unit_code', 'kind_given']) }} as key,
        raw_table,
        'text' as raw_column,
        release_id,
        source_file,
        source_row

    from statements
    where side = 'supply'

    union all

    -- by how many a standard was achieved, wherever they live
    select
        'standard_achievements' as relation,
        achievements.subgroup as key,
        achievements.raw_table,
        'achievements,ssa_tier_1' as raw_column,
        achievements.release_id,
        achievements.source_file,
        achievements.source_row

    from achievements
    inner join latest_year on achievements.time_period = latest_year.time_period

    union all

    -- which occupation a standard trains for: codes of its occupational map, and the title that is compared where there are none
    select
        'standard_occupation' as relation,
        standard_reference as key,
        'skills_england__occupation_soc' as raw_table,
        'soc2020_code' as raw_column,
        release_id,
        source_file,
        source_row

    from {{ ref('stg_skills_england__occupation_soc') }}
    where known_to is null and standard_reference is not null

    union all

    select
        standard_columns.relation,
        standards.reference as key,
        'skills_england__standards' as raw_table,
        standard_columns.raw_column,
        standards.release_id,
        standards.source_file,
        standards.source_row

    from {{ ref('stg_skills_england__standards') }} as standards
    inner join {{ ref('int_current_standard') }} as current_standards
        on standards.reference = current_standards.reference and standards.version = current_standards.version
    cross join (values ('standard_occupation', 'title'), ('standard_subject', 'ssa1,ssa2')) as standard_columns (relation, raw_column)
    where standards.known_to is null

    union all

    select
        relation,
        key,
        cell.raw_table,
        raw_column,
        release_id,
        cell.source_file,
        cell.source_row

    from take_up

    union all

    -- the year of adverts that weighs occupations, with the totals that say how much of it has none
    select
        'advert_year' as relation,
        {{ provenance_key(['advert_years.area_code', 'advert_years.boundary_version']) }} as key,
        'ons__online_job_adverts' as raw_table,
        'adverts' as raw_column,
        adverts.release_id,
        adverts.source_file,
        adverts.source_row

    from advert_years
    inner join places
        on advert_years.area_code = places.area_code and advert_years.boundary_version = places.boundary_version
    inner join by_place as adverts
        on
            places.place_code = adverts.place_code
            and (
                adverts.occupation_level = 'total'
                or (advert_years.occupation_level = adverts.occupation_level and advert_years.period_kind = adverts.period_kind)
            )
            and adverts.period_start >= advert_years.period_start
            and adverts.period_end <= advert_years.period_end

    union all

    -- every month of adverts by occupation, which quarters are made of
    select
        'advert_quarters' as relation,
        {{ provenance_key(['places.area_code', 'places.boundary_version']) }} as key,
        'ons__online_job_adverts' as raw_table,
        'adverts' as raw_column,
        adverts.release_id,
        adverts.source_file,
        adverts.source_row

    from adverts
    inner join places on adverts.area_code = places.place_code
    where adverts.period_kind = 'month' and adverts.occupation_level <> 'total' and adverts.soc_code <> 'Unknown'

    union all

    -- which skills make up the groups that KSBs are named after
    select
        'uk_ssc_skills' as relation,
        'current' as key,
        'uk_ssc__skills' as raw_table,
        'skill_group' as raw_column,
        release_id,
        source_file,
        source_row

    from {{ ref('stg_uk_ssc__skills') }}
    where known_to is null

)

-- one raw row may be met twice: a task of two sub-unit groups of an occupation
select distinct
    relation,
    key,
    raw_table,
    raw_column,
    release_id,
    source_file,
    source_row

from unioned
