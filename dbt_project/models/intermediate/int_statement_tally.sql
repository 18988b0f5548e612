with

links as (

    select * from {{ ref('int_statement_link') }}
    where not is_not_ksb

),

named as (

    select distinct
        statement_id,
        kind

    from links
    where is_counted

),

-- the rest of each kind; a task nobody could place may be knowledge or a skill, so it counts against both
unnamed as (

    select distinct
        links.statement_id,
        kinds.kind

    from links
    inner join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
        on coalesce(links.kind = kinds.kind, kinds.kind <> 'behaviour')
    where
        not links.is_counted
        and not exists (
            select 1 from named
            where named.statement_id = links.statement_id and named.kind = kinds.kind
        )

),

texts as (

    select distinct
        statement_id,
        side,
        unit_code

    from links

),

tallied as (

    select
        texts.side,
        texts.unit_code,
        kinds.kind,
        count(*) as texts,
        count(named.statement_id) as named,
        count(unnamed.statement_id) as unnamed

    from texts
    cross join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
    left join named on texts.statement_id = named.statement_id and kinds.kind = named.kind
    left join unnamed on texts.statement_id = unnamed.statement_id and kinds.kind = unnamed.kind
    group by 1, 2, 3

)

select * from tallied
