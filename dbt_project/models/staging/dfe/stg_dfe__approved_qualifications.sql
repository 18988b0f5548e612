with

source as (

    select * from {{ source('raw', 'dfe__approved_qualifications') }}

),

renamed as (

    select
        -- ids
        qualification_number_plain,

        -- text
        name,
        awarding_organisation,
        level,
        type,
        subcategory,
        ssa,
        status,
        awarding_organisation_url,

        -- dates and timestamps
        cast(snapshot_date as date) as snapshot_date,
        {{ release_columns() }}

    from source

)

select * from renamed
