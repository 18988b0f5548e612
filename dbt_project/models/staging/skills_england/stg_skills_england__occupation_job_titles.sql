with

source as (

    select * from {{ source('raw', 'skills_england__occupation_job_titles') }}

),

renamed as (

    select
        -- ids
        std_code,
        position,

        -- text
        job_title,

        -- booleans
        is_green,
        {{ release_columns() }}

    from source

)

select * from renamed
