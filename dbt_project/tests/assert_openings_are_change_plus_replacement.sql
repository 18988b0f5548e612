-- A failure means that openings a year times years is not net change plus replacement demand, or that a number under 1,000 jobs was published.
{{ config(meta={'dagster': {'ref': {'name': 'forecast_demand'}}}) }}

select *

from {{ ref('forecast_demand') }}
where
    grain = 'occupation'
    and (
        abs(value * (extract(year from period_end) - extract(year from period_start)) - (net_change + replacement_demand)) > 1e-3
        or abs(employment_base + net_change - employment_horizon) > 1e-3 * greatest(employment_base, 1)
        or least(employment_base, employment_horizon) < 1000
        or (value is null) <> (reliability = 'not_published')
    )
