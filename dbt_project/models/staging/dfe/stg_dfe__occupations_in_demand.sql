with

source as (

    select * from {{ source('raw', 'dfe__occupations_in_demand') }}

),

renamed as (

    select
        -- ids
        time_period,
        soc_code,
        title,
        category,
        indicator,

        -- booleans
        is_index,

        -- numerics
        value,
        status,
        {{ release_columns() }}

    from source

)

select * from renamed
