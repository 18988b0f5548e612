with

source as (

    select * from {{ source('raw', 'nomis__business_counts') }}

),

renamed as (

    select
        -- ids
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        unit,
        industry_code,
        industry_label,
        size_band,
        size_band_name,

        -- numerics
        value,
        status,

        -- dates: the register is counted in March
        date_name as period_label,
        make_date(cast(date_code as integer), 3, 1) as period_start,
        make_date(cast(date_code as integer), 3, 31) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
