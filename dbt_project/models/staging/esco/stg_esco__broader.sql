with

source as (

    select * from {{ source('raw', 'esco__broader') }}

),

renamed as (

    select
        -- ids
        concept_uri,
        broader_uri,

        -- strings
        concept_type,
        broader_type,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
