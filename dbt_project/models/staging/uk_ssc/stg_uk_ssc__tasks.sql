with

source as (

    select * from {{ source('raw', 'uk_ssc__tasks') }}

),

renamed as (

    select
        -- ids
        task_id,

        -- strings
        task,
        skill_code,
        scheme_version,
        {{ release_columns() }}

    from source

)

select * from renamed
