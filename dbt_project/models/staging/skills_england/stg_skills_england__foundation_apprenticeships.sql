with

source as (

    select * from {{ source('raw', 'skills_england__foundation_apprenticeships') }}

),

renamed as (

    select
        -- ids
        reference,
        version,

        -- text
        title,
        status,
        route,
        ssa2,
        overview,
        page_url,

        -- numerics
        lars_code,
        level,
        typical_duration_months,
        max_funding_gbp,
        minimum_hours,

        -- dates and timestamps
        approved_for_delivery,
        last_updated,
        {{ release_columns() }}

    from source

)

select * from renamed
