with

source as (

    select * from {{ source('raw', 'skills_england__duties') }}

),

renamed as (

    select
        reference,
        version,
        position,
        duty_id,
        is_core,
        text,
        {{ release_columns() }}

    from source

)

select * from renamed
