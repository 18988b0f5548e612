with

source as (

    select * from {{ source('raw', 'adverts__advert_counts') }}

),

renamed as (

    select
        -- ids
        month,
        area_code,
        soc_code,

        -- text
        status,

        -- numerics
        value,

        -- dates and timestamps
        extract_from,
        extract_to,
        {{ release_columns() }}

    from source

)

select * from renamed
