with

source as (

    select * from {{ source('raw', 'skills_england__occupations') }}

),

renamed as (

    select
        -- ids
        std_code,

        -- text
        standard_reference,
        name,
        version,
        status,
        route,
        pathway,
        cluster,
        technical_level,
        soc2020_code,
        soc2020_description,

        -- numerics
        level,

        -- dates and timestamps
        status_last_updated,
        {{ release_columns() }}

    from source

)

select * from renamed
