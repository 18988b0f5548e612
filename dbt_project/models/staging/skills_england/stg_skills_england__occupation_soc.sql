with

source as (

    select * from {{ source('raw', 'skills_england__occupation_soc') }}

),

renamed as (

    select
        -- ids
        std_code,
        position,

        -- text
        standard_reference,
        named_by,
        soc2020_code,
        sub_unit_group,
        description,

        -- booleans
        is_primary,
        {{ release_columns() }}

    from source

)

select * from renamed
