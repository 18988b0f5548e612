with

source as (

    select * from {{ source('raw', 'dfe__apprenticeships_by_subject') }}

),

renamed as (

    select
        -- ids
        time_period,
        geographic_level,
        area_code,
        area_name,
        apps_level,
        ssa_tier_1,

        -- a release of spring holds a year to date under the code of a full year, and full years appear from October on
        not coalesce(is_part_year, cast(_known_from as date) < make_date(cast(left(time_period, 4) as integer) + 1, 10, 1)) as is_full_year,

        -- numerics
        starts,
        starts_status,
        achievements,
        achievements_status,
        {{ release_columns() }}

    from source

)

select * from renamed
