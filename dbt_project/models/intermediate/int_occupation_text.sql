with

groups as (

    select * from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'unit' and description is not null

),

tasks as (

    select * from {{ ref('stg_ons__soc2020_tasks') }}
    where known_to is null

),

sub_unit_groups as (

    select * from {{ ref('stg_uk_ssc__sub_unit_groups') }}
    where known_to is null and description is not null

)

select
    soc_code,
    'description' as source,
    description as text

from groups

union

select
    soc_code,
    'task' as source,
    task as text

from tasks

union

select
    soc_code,
    'sub_unit_group' as source,
    concat_ws('. ', title, description) as text

from sub_unit_groups
