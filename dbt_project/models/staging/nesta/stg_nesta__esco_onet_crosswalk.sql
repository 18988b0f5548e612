with

source as (

    select * from {{ source('raw', 'nesta__esco_onet_crosswalk') }}

),

renamed as (

    select
        -- ids
        esco_uri,
        onet_soc_code,

        -- strings
        esco_label,
        isco_group,
        onet_label,
        job_titles,
        esco_version,
        onet_soc_version,
        nesta_id,

        -- numerics
        similarity,
        similarity_status,
        confidence,
        confidence_status,
        year,
        {{ release_columns() }}

    from source

)

select * from renamed
