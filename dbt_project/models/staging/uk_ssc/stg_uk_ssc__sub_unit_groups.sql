with

source as (

    select * from {{ source('raw', 'uk_ssc__sub_unit_groups') }}

),

renamed as (

    select
        -- ids
        sug_code,

        -- strings
        soc_code,
        title,
        description,
        scheme_version,
        {{ release_columns() }}

    from source

)

select * from renamed
