with

source as (

    select * from {{ source('raw', 'esco__collection_skills') }}

),

renamed as (

    select
        -- ids
        collection,
        skill_uri,

        -- strings
        label,
        skill_type,
        reuse_level,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
