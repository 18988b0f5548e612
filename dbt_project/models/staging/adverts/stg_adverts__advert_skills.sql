with

source as (

    select * from {{ source('raw', 'adverts__advert_skills') }}

),

renamed as (

    select
        -- ids
        month,
        area_code,
        soc_code,
        skill,

        -- numerics
        adverts,
        {{ release_columns() }}

    from source

)

select * from renamed
