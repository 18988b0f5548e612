with

standards as (

    select * from {{ ref('stg_skills_england__standards') }}
    where known_to is null

),

current_standards as (

    select * from {{ ref('int_current_standard') }}

),

counted as (

    select
        reference,
        version,
        count(*) filter (where kind = 'knowledge') as knowledge_statements,
        count(*) filter (where kind = 'skill') as skill_statements,
        count(*) filter (where kind = 'behaviour') as behaviour_statements

    from {{ ref('stg_skills_england__statements') }}
    where known_to is null
    group by 1, 2

),

duties as (

    select
        reference,
        version,
        count(*) as duties

    from {{ ref('stg_skills_england__duties') }}
    where known_to is null
    group by 1, 2

)

select
    standards.reference,
    standards.version,
    current_standards.reference is not null as is_current,
    standards.lars_code,
    standards.title,
    standards.status,
    standards.level,
    standards.route,
    standards.ssa1,
    standards.ssa2,
    standards.typical_duration_months,
    standards.max_funding_gbp,
    standards.skills_only,
    coalesce(counted.knowledge_statements, 0) as knowledge_statements,
    coalesce(counted.skill_statements, 0) as skill_statements,
    coalesce(counted.behaviour_statements, 0) as behaviour_statements,
    coalesce(duties.duties, 0) as duties,
    standards.standard_page_url,
    standards.approved_for_delivery,
    standards.changed_date,
    standards.last_updated,
    standards.release_id,
    standards.is_sample

from standards
left join current_standards using (reference, version)
left join counted using (reference, version)
left join duties using (reference, version)
