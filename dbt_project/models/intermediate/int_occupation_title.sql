with

groups as (

    select * from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'unit'

),

job_titles as (

    select * from {{ ref('stg_ons__soc2020_job_titles') }}
    where known_to is null

),

sub_unit_groups as (

    select * from {{ ref('stg_uk_ssc__sub_unit_groups') }}
    where known_to is null and title is not null

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

union

select
    soc_code,
    title,
    'sub_unit_group' as source

from sub_unit_groups
