with

standards as (

    select * from {{ ref('stg_skills_england__standards') }}

)

select
    reference,
    version

from standards
where known_to is null
-- the version apprentices start on now: the latest approved for delivery, else the latest ("1.10" comes after "1.9")
qualify
    row_number() over (
        partition by reference
        order by
            (lower(coalesce(status, '')) = 'approved for delivery')::integer desc,
            coalesce(try_cast(split_part(version, '.', 1) as integer), 0) desc,
            coalesce(try_cast(split_part(version, '.', 2) as integer), 0) desc
    ) = 1
