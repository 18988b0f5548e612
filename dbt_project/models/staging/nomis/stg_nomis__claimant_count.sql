with

source as (

    select * from {{ source('raw', 'nomis__claimant_count') }}

),

renamed as (

    select
        -- ids
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        measure,

        -- numerics
        value,
        status,

        -- dates
        date_name as period_label,
        cast(date_code || '-01' as date) as period_start,
        last_day(cast(date_code || '-01' as date)) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
