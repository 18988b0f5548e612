with

source as (

    select * from {{ source('raw', 'uk_ssc__sub_unit_group_tasks') }}

),

renamed as (

    select
        -- ids
        sug_code,
        task_id,

        -- strings
        soc_code,
        scheme_version,

        -- numerics
        relatedness,
        relatedness_status,
        {{ release_columns() }}

    from source

)

select * from renamed
