with

source as (

    select * from {{ source('raw', 'onet__ratings') }}

),

renamed as (

    select
        -- ids
        onet_soc_code,
        element_id,
        scale_id,

        -- strings
        domain,
        rated_in,
        rated_by,

        -- numerics
        value,
        status,
        respondents,
        standard_error,
        lower,
        upper,

        -- booleans
        recommend_suppress,
        not_relevant,
        {{ release_columns() }}

    from source

)

select * from renamed
