with

claims as (

    select * from {{ ref('stated_claim') }}

),

readings as (

    select * from {{ ref('claim_reading') }}

),

-- sum_of_parts
sums as (

    select
        claim_id,
        sum(number order by position) as recomputed_value,
        replace(string_agg({{ claim_number('number') }}, ' + ' order by position), '+ -', '- ') || ' = ' || {{ claim_number('sum(number)') }} as finding

    from readings
    where role = 'part'
    group by claim_id

),

-- count_of_parts: a claim with no part is one whose parts are not there
counts as (

    select
        claims.claim_id,
        count(readings.position) as recomputed_value,
        count(readings.position) || ' found'
        || coalesce(' (' || string_agg(readings.reading, ', ' order by readings.position) || ')', '') as finding

    from claims
    left join readings on claims.claim_id = readings.claim_id and readings.role = 'part'
    where claims.check_id = 'count_of_parts'
    group by claims.claim_id

),

-- readings: the same thing said in more than one way
wordings as (

    select
        claim_id,
        count(distinct lower(trim(reading))) as recomputed_value,
        string_agg(coalesce('L' || line || ': ', '') || reading, '; ' order by position)
        || ': ' || count(distinct lower(trim(reading))) || ' readings' as finding

    from readings
    where role = 'reading'
    group by claim_id

),

-- working_weeks: Mondays to Fridays, five to a week
days as (

    select
        claim_id,
        first_day,
        last_day,
        unnest(generate_series(first_day, last_day, interval 1 day)) as day

    from readings
    where role = 'range'

),

weeks as (

    select
        claim_id,
        count(*) / 5 as recomputed_value,
        count(*) || ' weekdays from ' || min(first_day) || ' to ' || max(last_day) || ' = ' || {{ claim_number('count(*) / 5') }} || ' weeks' as finding

    from days
    where isodow(day) <= 5
    group by claim_id

),

-- detectable_difference: of two shares of one half, each of its own number of answers
pairs as (

    select
        claim_id,
        98 * sqrt(sum(1 / number order by position)) as recomputed_value,
        'with ' || string_agg({{ claim_number('number') }} || ' ' || reading, ' and ' order by position)
        || ' only a difference of ' || {{ claim_number('98 * sqrt(sum(1 / number order by position))') }}
        || ' percentage points or more can be told from chance' as finding

    from readings
    where role = 'base'
    group by claim_id

),

computed as (

    select
        *,
        'sum_of_parts' as check_id,
        'sum of the numbers in claim_reading' as evidence

    from sums

    union all by name

    select
        *,
        'count_of_parts' as check_id,
        'number of parts in claim_reading' as evidence

    from counts

    union all by name

    select
        *,
        'readings' as check_id,
        'number of different readings in claim_reading' as evidence

    from wordings

    union all by name

    select
        *,
        'working_weeks' as check_id,
        'weekdays of the range in claim_reading / 5' as evidence

    from weeks

    union all by name

    select
        *,
        'detectable_difference' as check_id,
        '1.96 sqrt(0.25/n1 + 0.25/n2)' as evidence

    from pairs

),

described as (

    select
        claims.claim_id,
        computed.check_id <> 'detectable_difference' as is_held,
        computed.recomputed_value,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'none' as interval_kind,
        claims.base,
        computed.finding,
        computed.evidence,
        {{ claim_of_text() }}

    from computed
    inner join claims on computed.claim_id = claims.claim_id and computed.check_id = claims.check_id

)

select {{ claim_finding_columns() }}

from described
