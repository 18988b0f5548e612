with

measures as (

    select * from {{ ref('int_in_demand_indicator') }}

),

occupations as (

    select
        soc_code,
        title

    from {{ ref('stg_ons__soc2020_groups') }}
    where known_to is null and level = 'sub_major' and title not ilike '%n.e.c.%'

),

-- the newest period of the area's adverts; where it has none, that of its projections
periods as (

    select
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label

    from measures
    qualify
        row_number() over (
            partition by area_code, boundary_version
            order by indicator = 'openings_rate', period_start desc, indicator
        ) = 1

),

current_values as (

    select
        measures.*,
        periods.period_start as now_start

    from measures
    inner join periods using (area_code, boundary_version)
    inner join occupations on measures.soc_code = occupations.soc_code
    where measures.indicator = 'openings_rate' or measures.period_end = periods.period_end

),

-- periods that ended before the newest one began: they have no month in common with it
own_history as (

    select
        measures.indicator,
        measures.area_code,
        measures.boundary_version,
        measures.soc_code,
        median(measures.value) as middle,
        1.4826 * mad(measures.value) as spread

    from measures
    inner join periods on measures.area_code = periods.area_code and measures.boundary_version = periods.boundary_version
    where measures.indicator <> 'openings_rate' and measures.period_end < periods.period_start
    group by 1, 2, 3, 4
    having count(*) >= 12

),

other_occupations as (

    select
        indicator,
        area_code,
        boundary_version,
        median(value) as middle,
        1.4826 * mad(value) as spread

    from current_values
    group by 1, 2, 3
    having count(*) >= 5

),

scaled as (

    select
        current_values.*,
        case when own_history.spread > 0 then 'own history' else 'other occupations' end as compared_with,
        case
            when own_history.spread > 0 then (current_values.value - own_history.middle) / own_history.spread
            when other_occupations.spread > 0 then (current_values.value - other_occupations.middle) / other_occupations.spread
        end as z

    from current_values
    left join own_history using (indicator, area_code, boundary_version, soc_code)
    left join other_occupations
        on
            current_values.indicator = other_occupations.indicator
            and current_values.area_code = other_occupations.area_code
            and current_values.boundary_version = other_occupations.boundary_version

),

-- equal weights, then each indicator's in turn halved and half as much again
scenarios (scenario, changed, factor) as (

    values
    ('equal', 'none', 1.0),
    ('advert_density x 0.5', 'advert_density', 0.5), ('advert_density x 1.5', 'advert_density', 1.5),
    ('advert_growth x 0.5', 'advert_growth', 0.5), ('advert_growth x 1.5', 'advert_growth', 1.5),
    ('openings_rate x 0.5', 'openings_rate', 0.5), ('openings_rate x 1.5', 'openings_rate', 1.5)

),

indices as (

    select
        scaled.area_code,
        scaled.boundary_version,
        scaled.soc_code,
        scenarios.scenario,
        round(
            sum(if(scaled.indicator = scenarios.changed, scenarios.factor, 1) * scaled.z order by scaled.indicator)
            / sum(if(scaled.indicator = scenarios.changed, scenarios.factor, 1) order by scaled.indicator), 9
        ) as index

    from scaled
    cross join scenarios
    where scaled.z is not null
    group by 1, 2, 3, 4
    having count(*) >= 3

),

limits as (

    select
        area_code,
        boundary_version,
        scenario,
        quantile_cont(index, 0.75) + 1.5 * (quantile_cont(index, 0.75) - quantile_cont(index, 0.25)) as outlier_from,
        avg(index order by soc_code) as mean_index

    from indices
    group by 1, 2, 3

),

categorised as (

    select
        indices.*,
        case
            when indices.index > limits.outlier_from then 'critical'
            when indices.index > limits.mean_index then 'elevated'
            else 'not_high'
        end as category

    from indices
    inner join limits using (area_code, boundary_version, scenario)

),

sensitivities as (

    select
        area_code,
        boundary_version,
        soc_code,
        max(case when scenario = 'equal' then index end) as index,
        max(case when scenario = 'equal' then category end) as category,
        min(index) as index_lowest,
        max(index) as index_highest,
        string_agg(distinct category, ', ' order by category) as categories

    from categorised
    group by 1, 2, 3

),

described as (

    select
        scaled.area_code,
        scaled.boundary_version,
        scaled.soc_code,
        count(scaled.z) as indicators,
        {% for indicator in ['advert_density', 'advert_growth', 'openings_rate'] -%}
        max(case when scaled.indicator = '{{ indicator }}' then scaled.value end) as {{ indicator }},
        round(max(case when scaled.indicator = '{{ indicator }}' then scaled.z end), 9) as {{ indicator }}_z,
        {% endfor -%}
        string_agg(scaled.indicator || ': ' || scaled.compared_with, ', ' order by scaled.indicator) filter (where scaled.z is not null) as compared_with,
        bool_or(scaled.status = 'partial') as is_partial,
        bool_or(scaled.status = 'u') as is_unreliable,
        bool_or(scaled.status = 'low_reliability') as is_low,
        max(scaled.known_from) as known_from,
        array_to_string(list_sort(list_distinct(flatten(list(string_split(scaled.release_id, ','))))), ',') as release_id,
        bool_or(scaled.is_sample) as is_sample

    from scaled
    group by 1, 2, 3

)

select
    {{ row_key([
        'described.soc_code',
        'described.area_code',
        'described.boundary_version'
    ]) }} as row_key,

    -- grain
    described.soc_code,
    occupations.title as label,
    described.area_code,
    described.boundary_version,
    periods.period_start,
    periods.period_end,
    periods.period_label,

    -- numbers
    sensitivities.index as in_demand_index,
    coalesce(sensitivities.category, 'too_few') as category,
    described.indicators || ' of 5' as indicators_used,
    sensitivities.index_lowest,
    sensitivities.index_highest,
    sensitivities.categories,
    described.advert_density,
    described.advert_density_z,
    described.advert_growth,
    described.advert_growth_z,
    described.openings_rate,
    described.openings_rate_z,
    described.compared_with,
    'Local adaptation, not DfE''s occupations in demand; measures demand, not shortage' as caveat,
    sensitivities.index as value,
    cast(null as double) as lower,
    cast(null as double) as upper,
    'none' as interval_kind,
    cast(described.indicators as double) as base,
    case
        when sensitivities.index is null then 'x'
        when described.is_partial then 'partial'
        when described.is_unreliable then 'u'
        when described.is_low then 'low_reliability'
        else 'ok'
    end as status,
    cast(null as double) as coverage,
    'mean of robust z-scores' as unit,

    -- provenance
    '{{ var("method_version") }}' as method_version,
    described.known_from,
    cast(null as timestamp with time zone) as known_to,
    described.release_id,
    described.is_sample

from described
inner join periods on described.area_code = periods.area_code and described.boundary_version = periods.boundary_version
inner join occupations on described.soc_code = occupations.soc_code
left join sensitivities
    on
        described.area_code = sensitivities.area_code
        and described.boundary_version = sensitivities.boundary_version
        and described.soc_code = sensitivities.soc_code
