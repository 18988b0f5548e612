with

source as (

    select * from {{ source('raw', 'skills_england__job_titles') }}

),

renamed as (

    select
        reference,
        version,
        position,
        job_title,
        source as job_title_source,
        {{ release_columns() }}

    from source

)

select * from renamed
