with

source as (

    select * from {{ source('raw', 'uk_ssc__skills') }}

),

renamed as (

    select
        -- ids
        skill,
        skill_group,

        -- strings
        skill_code,
        definition,
        skill_area,
        skill_domain,
        scheme_version,
        {{ release_columns() }}

    from source

)

select * from renamed
