with

source as (

    select * from {{ source('raw', 'nomis__ashe') }}

),

renamed as (

    select
        -- ids
        basis,
        asked_area as area_code,
        asked_boundary_version as boundary_version,
        sex,
        measure,

        -- numerics
        value,
        status,

        -- dates: annual pay is that of the tax year which ended in the survey's April
        date_name as period_label,
        make_date(cast(date_code as integer) - 1, 4, 6) as period_start,
        make_date(cast(date_code as integer), 4, 5) as period_end,
        {{ release_columns() }}

    from source

)

select * from renamed
