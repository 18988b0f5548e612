with

statements as (

    select * from {{ ref('int_ksb_statement') }}

),

matches as (

    select * from {{ source('derived', 'ksb_match') }}

),

linked as (

    select
        statements.*,
        cast(coalesce(matches.rank, 1) as bigint) as rank,
        coalesce(matches.kind, statements.kind_given) as kind,
        matches.ksb_id,
        coalesce(matches.method, 'abstain') as method,
        coalesce(matches.method in {{ counted_methods() }} and matches.ksb_id is not null, false) as is_counted,
        -- a reviewer who rejects every KSB says that the text is none, as the matcher says of pay, hours and the like
        coalesce(
            matches.ksb_id is null
            and (matches.method = 'override' or (matches.method = 'abstain' and starts_with(matches.reason, 'not a KSB'))),
            false
        ) as is_not_ksb,
        matches.rule_id,
        matches.cue_span,
        cast(matches.score as double) as score,
        cast(matches.dense_score as double) as dense_score,
        cast(matches.lexical_score as double) as lexical_score,
        matches.runner_up_id,
        cast(matches.margin as double) as margin,
        matches.band,
        matches.reviewed_by,
        matches.reason,
        matches.threshold_version,
        matches.taxonomy_version,
        matches.model_name,
        matches.model_sha256,
        matches.matcher_version

    from statements
    left join matches
        on
            statements.text_sha256 = matches.text_sha256
            and statements.kind_given is not distinct from matches.kind_given

)

select * from linked
