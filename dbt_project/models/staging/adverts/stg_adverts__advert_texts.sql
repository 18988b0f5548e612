with

source as (

    select * from {{ source('raw', 'adverts__advert_texts') }}

),

renamed as (

    select
        -- ids
        month,
        area_code,
        soc_code,
        text_sha256,

        -- text
        text,

        -- numerics
        adverts,
        {{ release_columns() }}

    from source

)

select * from renamed
