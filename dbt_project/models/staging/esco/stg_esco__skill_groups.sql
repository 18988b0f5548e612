with

source as (

    select * from {{ source('raw', 'esco__skill_groups') }}

),

renamed as (

    select
        -- ids
        uri,

        -- strings
        code,
        label,
        alt_labels,
        description,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
