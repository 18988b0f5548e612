with

source as (

    select * from {{ source('raw', 'esco__occupations') }}

),

renamed as (

    select
        -- ids
        uri,

        -- strings
        code,
        isco_group,
        label,
        alt_labels,
        description,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
