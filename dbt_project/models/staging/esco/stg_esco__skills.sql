with

source as (

    select * from {{ source('raw', 'esco__skills') }}

),

renamed as (

    select
        -- ids
        uri,
        label,

        -- strings
        alt_labels,
        skill_type,
        reuse_level,
        definition,
        description,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
