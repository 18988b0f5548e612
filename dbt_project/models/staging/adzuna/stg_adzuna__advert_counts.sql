with

source as (

    select * from {{ source('raw', 'adzuna__advert_counts') }}

),

renamed as (

    select
        -- ids
        area_code,
        term,

        -- text
        place,
        sub_major,
        status,

        -- numerics
        value,

        -- dates and timestamps
        cast(counted_on as date) as counted_on,
        {{ release_columns() }}

    from source

)

select * from renamed
