with

source as (

    select * from {{ source('raw', 'skills_imperative__employment') }}

),

renamed as (

    select
        -- ids
        area_kind,
        area_name,
        breakdown,
        level,
        category_code,
        category_label,

        -- numerics
        year,
        employment_thousands * 1000 as employment,
        status,

        -- timestamps
        workbook_created,
        {{ release_columns() }}

    from source

)

select * from renamed
