with

source as (

    select * from {{ source('raw', 'skills_imperative__replacement_demand') }}

),

renamed as (

    select
        -- ids
        area_kind,
        area_name,
        level,
        occupation_code,
        occupation_label,

        -- numerics
        base_year,
        horizon_year,
        employment_base_thousands * 1000 as employment_base,
        employment_horizon_thousands * 1000 as employment_horizon,
        net_change_thousands * 1000 as net_change,
        replacement_demand_thousands * 1000 as replacement_demand,
        total_requirement_thousands * 1000 as total_requirement,
        replacement_demand_rate,
        status,

        -- timestamps
        workbook_created,
        {{ release_columns() }}

    from source

)

select * from renamed
