with

source as (

    select * from {{ source('raw', 'skills_england__foundation_statements') }}

),

renamed as (

    select
        -- ids
        reference,
        version,
        kind,
        position,

        -- text
        label,
        statement_id,
        text,
        original_text,
        {{ release_columns() }}

    from source

)

select * from renamed
