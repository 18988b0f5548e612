with

links as (

    select * from {{ ref('int_statement_link') }}
    where not is_not_ksb and weight is not null

),

named as (

    select distinct
        statement_id,
        level,
        kind

    from links
    where is_counted

),

-- the rest of each kind; a task nobody could place may be knowledge or a skill, so it counts against both
unnamed as (

    select distinct
        links.statement_id,
        links.level,
        kinds.kind

    from links
    inner join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
        on coalesce(links.kind = kinds.kind, kinds.kind <> 'behaviour')
    where
        not links.is_counted
        and not exists (
            select 1 from named
            where named.statement_id = links.statement_id and named.level = links.level and named.kind = kinds.kind
        )

),

texts as (

    select distinct
        statement_id,
        side,
        unit_code,
        weight

    from links

),

levels as (

    select * from (
        values ('area', 'knowledge'), ('area', 'skill'), ('area', 'behaviour'), ('group', 'knowledge'), ('group', 'skill')
    ) as levels (level, kind)

),

tallied as (

    select
        texts.side,
        texts.unit_code,
        levels.level,
        levels.kind,
        count(*) as texts,
        round(sum(texts.weight), 9) as weight,
        -- how many texts of equal weight say as much (Kish)
        round(power(sum(texts.weight), 2) / sum(power(texts.weight, 2)), 6) as effective_texts,
        round(coalesce(sum(texts.weight) filter (where named.statement_id is not null), 0), 9) as named,
        round(coalesce(sum(texts.weight) filter (where unnamed.statement_id is not null), 0), 9) as unnamed

    from texts
    cross join levels
    left join named on texts.statement_id = named.statement_id and levels.level = named.level and levels.kind = named.kind
    left join unnamed on texts.statement_id = unnamed.statement_id and levels.level = unnamed.level and levels.kind = unnamed.kind
    group by 1, 2, 3, 4

)

select * from tallied
