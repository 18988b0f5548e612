with

source as (

    select * from {{ source('raw', 'nomis__aps_qualifications') }}

),

renamed as (

    select
        -- ids
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        framework,
        level,
        sex,
        age,
        measure,

        -- numerics
        value,
        status,

        -- dates
        date_name as period_label,
        make_date(cast(left(date_code, 4) as integer), 1, 1) as period_start,
        make_date(cast(left(date_code, 4) as integer), 12, 31) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
