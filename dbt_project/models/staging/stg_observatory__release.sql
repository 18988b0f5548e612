with

source as (

    select * from {{ source('raw', 'release') }}

),

renamed as (

    select
        -- ids
        release_id,
        dataset,
        previous_release_id,
        marker,

        -- text
        url,
        sha256,
        known_from_basis,

        -- numerics
        bytes,
        rows,

        -- booleans
        is_sample,

        -- timestamps
        known_from,
        known_to,
        released_at,
        detected_at,
        retrieved_at,
        materialised_at

    from source

)

select * from renamed
