with

claims as (

    select * from {{ ref('stated_claim') }}

),

lines as (

    select
        claim_id,
        string_agg('L' || line, ', ' order by line) as reference

    from (
        select distinct
            claim_id,
            line

        from {{ ref('claim_reading') }}
        where line is not null
    ) as each_once
    group by claim_id

),

findings as (

    select * from {{ ref('int_claim_text') }}

    union all by name

    select * from {{ ref('int_claim_survey') }}

    union all by name

    select * from {{ ref('int_claim_sector') }}

    union all by name

    select * from {{ ref('int_claim_dataset') }}

),

-- what is claimed and what was found, each as a range; infinity where nothing limits it
ranges as (

    select
        claims.*,
        findings.* exclude (claim_id, base),
        coalesce(findings.base, claims.base) as base_n,
        coalesce(claims.stated_lower, case when claims.stated_upper is null then claims.stated_value end) as stated_from,
        coalesce(claims.stated_upper, case when claims.stated_lower is null then claims.stated_value end) as stated_to,
        coalesce(stated_from - claims.tolerance, cast('-inf' as double)) as allowed_from,
        coalesce(stated_to + claims.tolerance, cast('inf' as double)) as allowed_to,
        coalesce(findings.lower, findings.recomputed_value) as found_from,
        case
            when findings.interval_kind = 'bound' then coalesce(findings.upper, cast('inf' as double))
            else coalesce(findings.upper, findings.recomputed_value)
        end as found_to

    from claims
    left join findings on claims.claim_id = findings.claim_id

),

judged as (

    select
        *,
        case
            when is_sample then 'sample data'
            when not coalesce(is_held, false) or recomputed_value is null then 'not held'
            when found_to < allowed_from or found_from > allowed_to then 'outside'
            when found_from >= allowed_from and found_to <= allowed_to then 'inside'
            when isfinite(allowed_from) and isfinite(allowed_to) and isfinite(found_to) then 'overlap'
            else 'open'
        end as verdict

    from ranges

),

worded as (

    select
        *,
        case
            when stated_value is not null then {{ claim_number('stated_value') }}
            when stated_from is not null then 'at least ' || {{ claim_number('stated_from') }}
            when stated_to is not null then 'at most ' || {{ claim_number('stated_to') }}
        end as stated_in_words

    from judged

)

select
    {{ row_key(['worded.claim_id']) }} as row_key,

    -- grain
    worded.claim_id,

    -- what is claimed
    worded.section,
    lines.reference,
    worded.kind,
    worded.statement,
    worded.check_id,
    worded.stated_value,
    worded.stated_lower,
    worded.stated_upper,
    worded.unit,

    -- what was found
    worded.recomputed_value,
    worded.lower,
    worded.upper,
    worded.interval_kind,
    worded.base_n as base,
    round(worded.recomputed_value - worded.stated_value, 6) as difference,
    case
        when worded.verdict = 'outside' then 'contradicted'
        when worded.verdict in ('inside', 'overlap') then 'reproduced'
        else 'not_testable'
    end as status,
    case when worded.verdict = 'sample data' then 'sample data, which say nothing of the real figure: ' else '' end
    || coalesce(worded.finding, 'no recomputation')
    || case
        when worded.verdict = 'outside' then ', not ' || worded.stated_in_words
        when worded.verdict = 'inside' and worded.stated_value = worded.recomputed_value then ', as stated'
        when worded.verdict = 'inside' then ', within what is stated (' || worded.stated_in_words || ')'
        when worded.verdict = 'overlap' then '; the interval overlaps the stated range'
        when worded.verdict = 'open' and worded.interval_kind = 'bound' then '; the rest is not held, so no more is known than that'
        when worded.verdict = 'open' then ': not distinguishable from ' || {{ claim_number('coalesce(worded.stated_from, worded.stated_to)') }}
        else ''
    end
    || coalesce('. ' || worded.note, '') as reason,
    coalesce(worded.evidence, 'none') as evidence,
    worded.coverage,
    worded.area_code,
    worded.boundary_version,
    worded.period_label,

    -- provenance
    '{{ var("method_version") }}' as method_version,
    worded.known_from,
    cast(null as timestamp with time zone) as known_to,
    worded.release_id,
    coalesce(worded.is_sample, false) as is_sample

from worded
left join lines on worded.claim_id = lines.claim_id
