with

source as (

    select * from {{ source('raw', 'esco__skill_hierarchy') }}

),

renamed as (

    select
        -- ids
        uri,

        -- strings
        code,
        label,
        parent_uri,
        pillar,
        esco_version,

        -- numerics
        level,
        {{ release_columns() }}

    from source

)

select * from renamed
