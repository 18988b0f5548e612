with

current_standards as (

    select * from {{ ref('int_current_standard') }}

),

standards as (

    select
        statements.statement_id,
        'supply' as side,
        'apprenticeship_standard' as source,
        statements.kind as kind_given,
        statements.reference as unit_code,
        statements.version,
        statements.position,
        cast(1 as double) as weight,
        statements.text,
        'skills_england__statements' as raw_table,
        statements.source_file,
        statements.source_row,
        statements.release_id,
        statements.is_sample,
        statements.known_from

    from {{ ref('stg_skills_england__statements') }} as statements
    inner join current_standards
        on
            statements.reference = current_standards.reference
            and statements.version = current_standards.version
    where statements.known_to is null

),

foundations as (

    select
        concat_ws('|', reference, version, kind, statement_id) as statement_id,
        'supply' as side,
        'foundation_apprenticeship' as source,
        kind as kind_given,
        reference as unit_code,
        version,
        position,
        cast(1 as double) as weight,
        text,
        'skills_england__foundation_statements' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from

    from {{ ref('stg_skills_england__foundation_statements') }}
    where known_to is null and kind in ('knowledge', 'skill', 'behaviour')

),

-- what a qualification is about, by its title; achievements are not published by qualification, so it weighs nothing
qualifications as (

    select
        concat_ws('|', 'qualification', qualification_number_plain) as statement_id,
        'supply' as side,
        'qualification' as source,
        cast(null as varchar) as kind_given,
        qualification_number_plain as unit_code,
        cast(null as varchar) as version,
        cast(1 as bigint) as position,
        cast(null as double) as weight,
        name as text,
        'dfe__approved_qualifications' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from

    from {{ ref('stg_dfe__approved_qualifications') }}
    where known_to is null
    qualify row_number() over (partition by qualification_number_plain order by snapshot_date desc, source_row) = 1

),

soc_tasks as (

    select
        concat_ws('|', 'soc2020', soc_code, position) as statement_id,
        'demand' as side,
        'soc2020_task' as source,
        cast(null as varchar) as kind_given,
        soc_code as unit_code,
        cast(null as varchar) as version,
        position,
        cast(1 as double) as weight,
        task as text,
        'ons__soc2020_tasks' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from

    from {{ ref('stg_ons__soc2020_tasks') }}
    where known_to is null

),

sub_unit_groups as (

    select
        soc_code,
        count(distinct sug_code) as groups

    from {{ ref('stg_uk_ssc__sub_unit_group_tasks') }}
    where known_to is null
    group by 1

),

-- a task of one sub-unit group in three is a third as much of the unit group's work
relations as (

    select
        relations.soc_code,
        relations.task_id,
        sum(relations.relatedness) / 100 / any_value(sub_unit_groups.groups) as weight

    from {{ ref('stg_uk_ssc__sub_unit_group_tasks') }} as relations
    inner join sub_unit_groups on relations.soc_code = sub_unit_groups.soc_code
    where relations.known_to is null and relations.relatedness_status = 'ok'
    group by 1, 2

),

uk_ssc_tasks as (

    select
        concat_ws('|', 'uk_ssc', relations.soc_code, tasks.task_id) as statement_id,
        'demand' as side,
        'uk_ssc_task' as source,
        cast(null as varchar) as kind_given,
        relations.soc_code as unit_code,
        tasks.scheme_version as version,
        row_number() over (partition by relations.soc_code order by relations.weight desc, tasks.task_id) as position,
        round(relations.weight, 12) as weight,
        tasks.task as text,
        'uk_ssc__tasks' as raw_table,
        tasks.source_file,
        tasks.source_row,
        tasks.release_id,
        tasks.is_sample,
        tasks.known_from

    from relations
    inner join {{ ref('stg_uk_ssc__tasks') }} as tasks on relations.task_id = tasks.task_id
    where tasks.known_to is null and relations.weight > 0

),

-- adverts are read sentence by sentence, and shown, but weigh nothing: how often the matcher misses or invents a KSB in them is not known well enough
-- to correct for
sentences as (

    select
        *,
        regexp_split_to_array(text, '[.!?;•]\s+') as parts,
        generate_subscripts(regexp_split_to_array(text, '[.!?;•]\s+'), 1) as position

    from {{ ref('stg_adverts__advert_texts') }}
    where known_to is null

),

adverts as (

    select
        concat_ws('|', 'advert', area_code, soc_code, month, text_sha256, position) as statement_id,
        'demand' as side,
        'advert' as source,
        cast(null as varchar) as kind_given,
        soc_code as unit_code,
        cast(null as varchar) as version,
        position,
        cast(null as double) as weight,
        trim(parts[position]) as text,
        'adverts__advert_texts' as raw_table,
        source_file,
        source_row,
        release_id,
        is_sample,
        known_from

    from sentences

),

unioned as (

    select * from standards
    union all
    select * from foundations
    union all
    select * from qualifications
    union all
    select * from soc_tasks
    union all
    select * from uk_ssc_tasks
    union all
    select * from adverts

)

select
    *,
    sha256(text) as text_sha256

from unioned
where length(text) > 0
