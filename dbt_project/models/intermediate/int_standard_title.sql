with

standards as (

    select * from {{ ref('stg_skills_england__standards') }}
    where known_to is null

),

current_standards as (

    select * from {{ ref('int_current_standard') }}

),

job_titles as (

    select * from {{ ref('stg_skills_england__job_titles') }}
    where known_to is null

)

select distinct
    standards.reference,
    standards.version,
    standards.title,
    standards.level,
    standards.overview,
    job_titles.job_title

from standards
inner join current_standards using (reference, version)
left join job_titles using (reference, version)
