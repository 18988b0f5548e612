with

source as (

    select * from {{ source('raw', 'skills_england__standards') }}

),

renamed as (

    select
        -- ids
        reference,
        version,
        lars_code,

        -- text
        title,
        status,
        route,
        ssa1,
        ssa2,
        overview,
        standard_page_url,

        -- numerics
        level,
        typical_duration_months,
        max_funding_gbp,

        -- booleans
        skills_only,

        -- dates and timestamps
        approved_for_delivery,
        changed_date,
        last_updated,
        {{ release_columns() }}

    from source

)

select * from renamed
