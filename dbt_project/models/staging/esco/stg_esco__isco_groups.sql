with

source as (

    select * from {{ source('raw', 'esco__isco_groups') }}

),

renamed as (

    select
        -- ids
        uri,

        -- strings
        code,
        label,
        description,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
