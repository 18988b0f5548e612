{#- What holds for every fact row; the rule it breaks is named. One query, because each dbt test costs 25-40 ms. -#}
{% test sound_fact(model) %}

with

facts as (

    select * from {{ model }}

),

areas as (

    select * from {{ ref('area') }}

),

judged as (

    select
        facts.*,
        case
            when facts.status is null or facts.status not in ('ok', 'u', 'low_reliability', 'low_base', 'partial', 'c', 'low', 'z', 'x', 'no_supply', 'nonfinite')
                then 'status is one of the vocabulary'
            when facts.status not in {{ statuses_with_value() }} and facts.value is not null then 'no value where the status carries none'
            when facts.status in {{ statuses_with_value() }} and facts.status <> 'partial' and facts.value is null
                then 'a value where the status carries one'
            when facts.status = 'partial' and facts.value is null and facts.lower is null then 'a partial row has a value or a bound'
            when
                not isfinite(coalesce(facts.value, 0))
                or not isfinite(coalesce(facts.lower, 0))
                or not isfinite(coalesce(facts.upper, 0))
                then 'numbers are finite'
            when facts.interval_kind not in ('sampling', 'bound', 'simulation', 'none') then 'interval_kind is one of the vocabulary'
            when (facts.interval_kind = 'none') <> (facts.lower is null) then 'an interval has a kind'
            when facts.lower > facts.upper + 1e-6 then 'lower is not above upper'
            when facts.value < facts.lower - 1e-6 or facts.value > facts.upper + 1e-6 then 'value lies in its interval'
            when facts.coverage not between 0 and 1 then 'coverage is a share'
            when facts.period_start > facts.period_end then 'the period does not end before it starts'
            when facts.known_to < facts.known_from then 'it is not replaced before it is known'
            when
                facts.unit is null or facts.period_start is null or facts.period_end is null or facts.period_label is null
                or facts.known_from is null or facts.release_id is null or facts.is_sample is null or facts.method_version is null
                then 'unit, period, provenance and sample mark are there'
            when areas.area_code is null then 'the area is known'
        end as broken_rule

    from facts
    left join areas on facts.area_code = areas.area_code and facts.boundary_version = areas.boundary_version

)

select * from judged
where broken_rule is not null

{% endtest %}
