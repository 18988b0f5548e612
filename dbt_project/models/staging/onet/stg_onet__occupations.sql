with

source as (

    select * from {{ source('raw', 'onet__occupations') }}

),

renamed as (

    select
        -- ids
        onet_soc_code,

        -- strings
        title,
        description,
        {{ release_columns() }}

    from source

)

select * from renamed
