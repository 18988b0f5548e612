with

source as (

    select * from {{ source('raw', 'uk_ssc__onet_tasks') }}

),

renamed as (

    select
        -- ids
        onet_task_id,
        task_id,

        -- strings
        scheme_version,

        -- numerics
        similarity,
        similarity_status,
        {{ release_columns() }}

    from source

)

select * from renamed
