with

source as (

    select * from {{ source('raw', 'esco__occupation_skills') }}

),

renamed as (

    select
        -- ids
        occupation_uri,
        skill_uri,
        relation,

        -- strings
        skill_type,
        esco_version,
        {{ release_columns() }}

    from source

)

select * from renamed
