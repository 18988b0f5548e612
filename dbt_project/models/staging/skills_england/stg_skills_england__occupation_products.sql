with

source as (

    select * from {{ source('raw', 'skills_england__occupation_products') }}

),

renamed as (

    select
        -- ids
        std_code,
        position,

        -- text
        product_code,
        name,
        type,
        status,

        -- numerics
        level,
        {{ release_columns() }}

    from source

)

select * from renamed
