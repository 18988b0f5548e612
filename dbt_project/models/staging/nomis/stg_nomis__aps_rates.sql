with

source as (

    select * from {{ source('raw', 'nomis__aps_rates') }}

),

renamed as (

    select
        -- ids
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        rate,
        measure,

        -- numerics
        value,
        status,

        -- dates: the code names the last month of a year of interviews
        date_name as period_label,
        cast(cast(date_code || '-01' as date) - interval 11 month as date) as period_start,
        last_day(cast(date_code || '-01' as date)) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
