with

achievements as (

    select * from {{ ref('int_apprenticeship') }}
    where known_to is null and breakdown = 'standard'

),

-- a year to date is used only where no full year is out yet
latest_year as (

    select time_period

    from achievements
    order by is_full_year desc, time_period desc
    limit 1

),

weights as (

    select
        achievements.area_code,
        achievements.boundary_version,
        'attained' as basis,
        achievements.period_label,
        achievements.subgroup as reference,
        achievements.estimate as achievements,
        achievements.lower,
        -- the simulation draws between the bounds of the districts that are there
        2 * achievements.estimate - achievements.lower as upper,
        achievements.status,
        achievements.is_complete,
        achievements.period_start,
        achievements.period_end

    from achievements
    inner join latest_year on achievements.time_period = latest_year.time_period

)

select * from weights
