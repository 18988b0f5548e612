with

groups as (

    select * from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'unit'

),

job_titles as (

    select * from {{ ref('stg_ons__soc2020_job_titles') }}
    where known_to is null

)

select
    soc_code,
    title,
    'unit_group' as source

from groups

union

select
    soc_code,
    job_title as title,
    'job_title' as source

from job_titles
