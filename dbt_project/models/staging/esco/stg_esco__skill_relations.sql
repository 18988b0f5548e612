with

source as (

    select * from {{ source('raw', 'esco__skill_relations') }}

),

renamed as (

    select
        -- ids
        skill_uri,
        related_uri,
        relation,

        -- strings
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
