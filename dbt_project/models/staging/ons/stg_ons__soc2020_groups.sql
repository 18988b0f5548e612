with

source as (

    select * from {{ source('raw', 'ons__soc2020_groups') }}

),

renamed as (

    select
        soc_code,
        level,
        parent_code,
        title,
        description,
        entry_routes,
        {{ release_columns() }}

    from source

)

select * from renamed
