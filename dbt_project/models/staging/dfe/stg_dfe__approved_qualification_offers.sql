with

source as (

    select * from {{ source('raw', 'dfe__approved_qualification_offers') }}

),

renamed as (

    select
        -- ids
        qualification_number_plain,
        offer,

        -- text
        notes,

        -- booleans
        is_available,

        -- dates and timestamps
        cast(snapshot_date as date) as snapshot_date,
        approval_start_date,
        approval_end_date,
        {{ release_columns() }}

    from source

)

select * from renamed
