with

source as (

    select * from {{ source('raw', 'nomis__bres') }}

),

renamed as (

    select
        -- ids
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        breakdown,
        industry_code,
        industry_label,
        employment_status,

        -- numerics
        value,
        status,

        -- dates: the survey is about a day of September
        date_name as period_label,
        make_date(cast(date_code as integer), 9, 1) as period_start,
        make_date(cast(date_code as integer), 9, 30) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
