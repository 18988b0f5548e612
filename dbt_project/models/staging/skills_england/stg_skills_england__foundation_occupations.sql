with

source as (

    select * from {{ source('raw', 'skills_england__foundation_occupations') }}

),

renamed as (

    select
        -- ids
        reference,
        version,
        position,

        -- text
        std_code,
        name,
        {{ release_columns() }}

    from source

)

select * from renamed
