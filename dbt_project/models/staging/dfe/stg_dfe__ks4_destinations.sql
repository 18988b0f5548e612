with

source as (

    select * from {{ source('raw', 'dfe__ks4_destinations') }}

),

renamed as (

    select
        -- ids
        time_period,
        geographic_level,
        area_code,
        area_name,
        topic,
        characteristic,
        destination,
        destination_label,
        data_version,
        data_set_version,

        -- numerics
        cohort_count,
        cohort_count_status,
        pupil_count,
        pupil_count_status,
        pupil_percent,
        pupil_percent_status,
        {{ release_columns() }}

    from source

)

select * from renamed
