with

source as (

    select * from {{ source('raw', 'skills_england__statements') }}

),

renamed as (

    select
        -- ids: the publisher's GUID is unique within a standard's version only
        case
            when starts_with(statement_id, reference || '|') then statement_id
            else concat_ws('|', reference, version, kind, statement_id)
        end as statement_id,
        reference,
        version,
        kind,
        position,
        label,

        -- text
        text,
        {{ release_columns() }}

    from source

)

select * from renamed
