with

activity as (

    select * from {{ ref('stg_nomis__aps_activity') }}

),

rates as (

    select * from {{ ref('stg_nomis__aps_rates') }}

),

places as (

    select distinct
        area_code,
        boundary_version,
        places

    from {{ ref('int_area_place') }}

),

counts as (

    select
        activity,
        area_code,
        boundary_version,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ estimate_and_confidence() }},
        {{ cited_all('nomis__aps_activity', 'activity') }} as sources

    from activity
    group by all

),

-- numerator over denominator. The half-width of the numerator over the denominator stands for the rate's: numerator and denominator
-- move together, so it is too wide where most are in the numerator (4.0 points of an employment rate of 73.4 in 2017-18), never too narrow
fractions as (

    select
        fraction.rate,
        numerators.area_code,
        numerators.boundary_version,
        numerators.period_start,
        numerators.release_id,
        100 * numerators.value / nullif(denominators.value, 0) as value,
        100 * numerators.confidence / nullif(denominators.value, 0) as confidence,
        denominators.value as base,
        case
            when numerators.value is null then numerators.status
            when denominators.value is null then denominators.status
            when denominators.value = 0 then 'z'
            when numerators.confidence_status = 'u' then 'u'
            else numerators.status
        end as status,
        list_concat(numerators.sources, denominators.sources) as sources

    from (
        values
        ('economic_activity_rate', 'economically_active', 'population'),
        ('employment_rate', 'employment', 'population'),
        ('unemployment_rate', 'unemployment', 'economically_active'),
        ('inactivity_rate', 'inactivity', 'population'),
        ('self_employment_rate', 'self_employment', 'population')
    ) as fraction (rate, numerator, denominator)
    inner join counts as numerators on fraction.numerator = numerators.activity
    inner join counts as denominators
        on
            fraction.denominator = denominators.activity
            and numerators.area_code = denominators.area_code
            and numerators.boundary_version = denominators.boundary_version
            and numerators.period_start = denominators.period_start
            and numerators.release_id = denominators.release_id

),

published as (

    select
        rate,
        area_code,
        boundary_version,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        {{ estimate_and_confidence('rate') }},
        max(case when measure = 'denominator' then value end) as base,
        {{ cited_all('nomis__aps_rates', 'rates') }} as sources

    from rates
    group by all

),

-- a user-defined area's rate is believed only where it agrees with its counts, which are rounded to 100: Nomis might have added percentages up
chosen as (

    select
        published.rate,
        published.area_code,
        published.boundary_version,
        published.period_label,
        published.period_start,
        published.period_end,
        published.release_id,
        published.is_sample,
        published.known_from,
        published.known_to,
        case when own.is_published then published.value else fractions.value end as value,
        case when own.is_published then published.confidence else fractions.confidence end as confidence,
        case when own.is_published then published.base else fractions.base end as base,
        case
            when not own.is_published then fractions.status
            when published.value is not null and published.confidence_status = 'u' then 'u'
            else published.status
        end as status,
        case when own.is_published then published.sources else list_concat(published.sources, fractions.sources) end as sources

    from published
    inner join places using (area_code, boundary_version)
    inner join fractions using (rate, area_code, boundary_version, period_start, release_id)
    cross join lateral (
        select places.places = 1 or coalesce(abs(published.value - fractions.value) <= 0.2, false) as is_published
    ) as own

),

unioned as (

    select
        rate as metric,
        area_code,
        boundary_version,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        value,
        confidence,
        base,
        status,
        100 as most,
        sources

    from chosen

    union all

    select
        activity as metric,
        area_code,
        boundary_version,
        period_label,
        period_start,
        period_end,
        release_id,
        is_sample,
        known_from,
        known_to,
        value,
        confidence,
        null as base,
        case when value is not null and confidence_status = 'u' then 'u' else status end as status,
        null as most,
        sources

    from counts
    where activity in ('unemployment', 'inactivity', 'self_employment')

),

shaped as (

    select
        metric,
        'total' as breakdown,
        'Total' as subgroup,
        'Total' as subgroup_label,
        null as measure_basis,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        value,
        case
            -- greatest() and least() pass over NULL, so a missing half-width would give 0 and 100
            when value is not null and confidence is not null then greatest(value - confidence, 0)
            when status = 'low' and most is null then 0
        end as lower,
        case
            when value is not null and confidence is not null then least(value + confidence, most)
            -- `low` means under 500 people in this survey
            when status = 'low' and most is null then 500
        end as upper,
        case
            when value is not null and confidence is not null then 'sampling'
            when status = 'low' and most is null then 'bound'
            else 'none'
        end as interval_kind,
        base,
        -- an estimate whose half-width is above a fifth of it is unreliable, whether or not the publisher says so
        case when value is not null and confidence > 0.2 * value then 'u' else status end as status,
        null as coverage,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources

    from unioned

)

select {{ indicator_columns() }}

from shaped
