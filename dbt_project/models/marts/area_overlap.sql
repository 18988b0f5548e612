with

overlap as (

    select * from {{ ref('int_area_overlap') }}

)

select * from overlap
