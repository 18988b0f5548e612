with

source as (

    select * from {{ source('raw', 'dfe__attainment_16_to_25') }}

),

renamed as (

    select
        -- ids
        series,
        time_period,
        cohort_age_in,
        geographic_level,
        area_code,
        area_name,
        age,
        qualification_level,
        breakdown_topic,
        breakdown,

        -- numerics
        cohort,
        cohort_status,
        reached,
        reached_status,
        percentage,
        percentage_status,
        {{ release_columns() }}

    from source

)

select * from renamed
