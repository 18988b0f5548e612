with

source as (

    select * from {{ source('raw', 'skills_england__programmes') }}

),

renamed as (

    select
        -- ids
        reference,
        version,

        -- text
        programme_type,
        name,
        status,
        routes,
        integrated_degree,
        options,
        learning_aim_class_code,
        ssa2,
        eqa_provider,
        page_url,
        job_titles,
        overview,
        banners,

        -- numerics
        level,
        max_funding_gbp,
        typical_duration_months,
        minimum_hours,
        lars_code,

        -- booleans
        core_and_options,
        is_regulated,

        -- dates and timestamps
        approved_for_delivery,
        retired_date,
        withdrawn_date,
        last_updated,
        cast(as_of as date) as as_of,
        {{ release_columns() }}

    from source

)

select * from renamed
