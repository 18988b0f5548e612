with

source as (

    select * from {{ source('raw', 'onet__elements') }}

),

renamed as (

    select
        -- ids
        element_id,

        -- strings
        parent_id,
        name,
        description,
        {{ release_columns() }}

    from source

)

select * from renamed
