with

source as (

    select * from {{ source('raw', 'ons__soc2020_job_titles') }}

),

renamed as (

    select
        soc_code,
        position,
        job_title,
        {{ release_columns() }}

    from source

)

select * from renamed
