with

source as (

    select * from {{ source('raw', 'nomis__census_2021') }}

),

renamed as (

    select
        -- ids
        topic,
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        category,
        category_label,

        -- numerics
        value,
        status,

        -- dates: Census Day
        date_name as period_label,
        make_date(cast(date_code as integer), 3, 21) as period_start,
        make_date(cast(date_code as integer), 3, 21) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
