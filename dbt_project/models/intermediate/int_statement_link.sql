with

statements as (

    select * from {{ ref('int_ksb_statement') }}

),

matches as (

    select * from {{ source('derived', 'ksb_match') }}

),

links as (

    select * from {{ source('derived', 'ksb_link') }}

),

uk_ssc as (

    select * from {{ ref('int_uk_ssc_skill') }}

),

skill_groups as (

    select distinct
        skill_group,
        group_slug

    from uk_ssc

),

matched as (

    select
        statements.*,
        'area' as level,
        cast(coalesce(matches.rank, 1) as bigint) as rank,
        coalesce(matches.kind, statements.kind_given) as kind,
        matches.ksb_id,
        -- a catch-all is evidence only where the text's own UK-SSC group says that it is about an occupation's work; never the knowledge a task is
        -- supposed to draw on, which comes after its own links: counted, it made four fifths of demand technical knowledge, a gap of measurement alone
        case
            when matches.method = 'default' and matches.rank = 1 and matches.kind <> 'behaviour' and links.level in ('skill', 'group') then 'link'
            else coalesce(matches.method, 'abstain')
        end as method,
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
        matches.reviewed_at,
        case
            when matches.method = 'default' and matches.rank = 1 and matches.kind <> 'behaviour' and links.level in ('skill', 'group')
                then 'no named area, but the text is about the UK-SSC group ' || links.skill_group
            else matches.reason
        end as reason,
        matches.threshold_version,
        matches.taxonomy_version,
        matches.model_name,
        matches.model_sha256,
        matches.tokenizer_sha256,
        matches.matcher_version

    from statements
    left join matches
        on
            statements.text_sha256 = matches.text_sha256
            and statements.kind_given is not distinct from matches.kind_given
    left join links
        on
            statements.text_sha256 = links.text_sha256
            and statements.kind_given is not distinct from links.kind_given

),

-- what the first link of a text says of the text: its kind, or that it is no KSB
first_links as (

    select
        statement_id,
        kind,
        is_not_ksb

    from matched
    where rank = 1

),

area_links as (

    select
        statement_id,
        max(rank) as links

    from matched
    group by 1

),

-- a task or a title is done with the skill and draws on the knowledge of its group; a statement whose kind is given is of that kind alone
grouped as (

    select
        statements.*,
        'group' as level,
        area_links.links + row_number() over (partition by statements.statement_id order by kinds.kind desc) as rank,
        kinds.kind,
        case when links.level in ('skill', 'group') then kinds.kind || '.uk_ssc.' || skill_groups.group_slug end as ksb_id,
        case when links.level in ('skill', 'group') then links.method else 'abstain' end as method,
        first_links.is_not_ksb,
        cast(null as varchar) as rule_id,
        cast(null as varchar) as cue_span,
        links.score,
        links.dense_score,
        links.lexical_score,
        kinds.kind || '.uk_ssc.' || runner_ups.group_slug as runner_up_id,
        links.margin,
        links.band,
        cast(null as varchar) as reviewed_by,
        cast(null as timestamp with time zone) as reviewed_at,
        links.reason,
        links.link_threshold_version as threshold_version,
        links.scheme || ' ' || links.scheme_version as taxonomy_version,
        links.model_name,
        links.model_sha256,
        links.tokenizer_sha256,
        links.linker_version as matcher_version

    from statements
    inner join first_links on statements.statement_id = first_links.statement_id
    inner join area_links on statements.statement_id = area_links.statement_id
    inner join links
        on
            statements.text_sha256 = links.text_sha256
            and statements.kind_given is not distinct from links.kind_given
    inner join (values ('knowledge'), ('skill')) as kinds (kind)
        on coalesce(statements.kind_given = kinds.kind, first_links.kind is distinct from 'behaviour')
    left join skill_groups on links.skill_group = skill_groups.skill_group
    left join skill_groups as runner_ups on links.runner_up_group = runner_ups.skill_group
    where not first_links.is_not_ksb

),

skills as (

    select
        grouped.* exclude (level, rank, ksb_id),
        'skill' as level,
        grouped.rank + 2 as rank,
        uk_ssc.skill_ksb_id as ksb_id

    from grouped
    inner join links
        on
            grouped.text_sha256 = links.text_sha256
            and grouped.kind_given is not distinct from links.kind_given
    inner join uk_ssc on links.skill = uk_ssc.skill and links.skill_group = uk_ssc.skill_group
    where grouped.kind = 'skill' and links.level = 'skill'

),

unioned as (

    select * from matched
    union all by name
    select * from grouped
    union all by name
    select * from skills

)

select
    *,
    coalesce(method in {{ counted_methods() }} and ksb_id is not null, false) as is_counted

from unioned
