with

source as (

    select * from {{ source('raw', 'dfe__fe_geography') }}

),

renamed as (

    select
        -- ids
        time_period,
        geographic_level,
        area_code,
        area_name,
        provision_type,
        level_or_type,
        age_summary,

        -- a release of spring holds a year to date under the code of a full year, and full years appear from October on
        not coalesce(is_part_year, cast(_known_from as date) < make_date(cast(left(time_period, 4) as integer) + 1, 10, 1)) as is_full_year,

        -- numerics
        participation,
        participation_status,
        learner_achievements,
        learner_achievements_status,
        population_estimate,
        population_estimate_status,
        participation_rate_per_100000_population,
        participation_rate_per_100000_population_status,
        learner_achievements_rate_per_100000_population,
        learner_achievements_rate_per_100000_population_status,
        {{ release_columns() }}

    from source

)

select * from renamed
