with

claims as (

    select * from {{ ref('stated_claim') }}

),

readings as (

    select * from {{ ref('claim_reading') }}

),

assumed as (

    select
        claim_id,
        min(number) filter (where role = 'assumed_count') as answers,
        list(number order by position) filter (where role = 'assumed_count') as counts,
        string_agg({{ claim_number('number') }}, ' and ' order by position) filter (where role = 'assumed_count') as counts_in_words,
        min(number) filter (where role = 'assumed_sd') as sd

    from readings
    group by claim_id

),

-- panel_share: nothing is recomputed; the interval is the one the stated share has at that many answers
share_intervals as (

    select
        claims.claim_id,
        assumed.answers,
        {{ wilson('assumed.answers / claims.base', 'claims.base') }}

    from claims
    inner join assumed on claims.claim_id = assumed.claim_id
    where claims.check_id = 'panel_share'

),

shares as (

    select
        claims.claim_id,
        cast(null as double) as recomputed_value,
        100 * share_intervals.lower as lower,
        100 * share_intervals.upper as upper,
        coalesce(
            {{ claim_number('share_intervals.answers') }} || ' of ' || {{ claim_number('claims.base') }} || ' answers would be '
            || {{ claim_number('100 * share_intervals.answers / claims.base') }} || '%, with a 95% interval of ' || {{ claim_number('100 * share_intervals.lower') }}
            || ' to ' || {{ claim_number('100 * share_intervals.upper') }} || '% as if the panel were a random sample that all answered', 'no share is stated'
        ) || '; the panel''s answers are not held' as finding,
        'Wilson interval of the count nearest to the words' as evidence

    from claims
    inner join share_intervals on claims.claim_id = share_intervals.claim_id

),

-- panel_mean: likewise, at an assumed spread of single answers
means as (

    select
        claims.claim_id,
        cast(null as double) as recomputed_value,
        claims.stated_value - 1.96 * assumed.sd / sqrt(claims.base) as lower,
        claims.stated_value + 1.96 * assumed.sd / sqrt(claims.base) as upper,
        coalesce(
            'with ' || {{ claim_number('claims.base') }} || ' answers and a standard deviation of ' || {{ claim_number('assumed.sd') }}
            || ' the score would be sure to within ' || format('{:.2f}', 1.96 * assumed.sd / sqrt(claims.base)) || '; ', ''
        ) || 'the panel''s answers are not held' as finding,
        'stated mean and 1.96 sd/sqrt(n)' as evidence

    from claims
    inner join assumed on claims.claim_id = assumed.claim_id
    where claims.check_id = 'panel_mean'

),

ranks as (

    select
        claim_id,
        cast(null as double) as recomputed_value,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'the panel''s answers are not held' as finding,
        'none: needs the panel''s answers' as evidence

    from claims
    where check_id = 'panel_rank'

),

-- paired_difference: two answers to one question, so of one multinomial; their shares move against each other
pairs as (

    select
        claims.claim_id,
        assumed.counts_in_words,
        claims.base as n,
        (assumed.counts[1] - assumed.counts[2]) / claims.base as gap,
        (assumed.counts[1] + assumed.counts[2]) / claims.base as both_shares

    from claims
    inner join assumed on claims.claim_id = assumed.claim_id
    where claims.check_id = 'paired_difference'

),

differences as (

    select
        claim_id,
        100 * gap as recomputed_value,
        100 * (gap - 1.96 * sqrt((both_shares - gap * gap) / n)) as lower,
        100 * (gap + 1.96 * sqrt((both_shares - gap * gap) / n)) as upper,
        counts_in_words || ' of ' || {{ claim_number('n') }} || ' answers are ' || format('{:+.1f}', 100 * gap) || ' percentage points apart, with a 95% interval of '
        || format('{:+.1f}', 100 * (gap - 1.96 * sqrt((both_shares - gap * gap) / n))) || ' to '
        || format('{:+.1f}', 100 * (gap + 1.96 * sqrt((both_shares - gap * gap) / n))) as finding,
        'p1 - p2 of one multinomial: 1.96 sqrt((p1 + p2 - (p1 - p2)^2)/n)' as evidence

    from pairs

),

-- not_held: no dataset of the observatory speaks of it
absent as (

    select
        claim_id,
        cast(null as double) as recomputed_value,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'nothing held speaks of it' as finding,
        'none' as evidence

    from claims
    where check_id = 'not_held'

),

unioned as (

    select * from shares

    union all by name

    select * from means

    union all by name

    select * from ranks

    union all by name

    select * from differences

    union all by name

    select * from absent

),

described as (

    select
        claims.claim_id,
        unioned.recomputed_value is not null as is_held,
        unioned.recomputed_value,
        unioned.lower,
        unioned.upper,
        case when unioned.lower is null then 'none' else 'sampling' end as interval_kind,
        claims.base,
        unioned.finding,
        unioned.evidence,
        {{ claim_of_text() }}

    from unioned
    inner join claims on unioned.claim_id = claims.claim_id

)

select {{ claim_finding_columns() }}

from described
