with

source as (

    select * from {{ source('raw', 'ons__soc2020_tasks') }}

),

renamed as (

    select
        soc_code,
        position,
        task,
        {{ release_columns() }}

    from source

)

select * from renamed
