with

links as (

    select * from {{ ref('int_statement_link') }}
    where not is_not_ksb and weight is not null and level in ('area', 'group')

),

-- what a statement's mass goes by within a kind and level: its first link that counts, else why there is none;
-- a text nobody could place may be knowledge or a skill, so it counts in both, as in the tallies
placed as (

    select
        links.statement_id,
        links.side,
        links.unit_code,
        links.weight,
        links.level,
        kinds.kind,
        links.method,
        coalesce(links.band, 'abstain') as band,
        links.is_sample

    from links
    inner join (values ('knowledge'), ('skill'), ('behaviour')) as kinds (kind)
        on coalesce(links.kind = kinds.kind, kinds.kind <> 'behaviour')
    where links.side = 'supply' or kinds.kind <> 'behaviour'
    qualify row_number() over (partition by links.statement_id, links.level, kinds.kind order by links.is_counted desc, links.rank) = 1

),

members as (

    select * from {{ ref('int_unit_membership') }}

),

weights as (

    select * from {{ ref('int_area_weight') }}

),

-- the share of a standard's or a unit group's work
units as (

    select
        side,
        unit_code,
        kind,
        level,
        method,
        band,
        count(*) as statements,
        sum(weight order by statement_id) as weight

    from placed
    group by 1, 2, 3, 4, 5, 6

),

incidences as (

    select
        units.side,
        members.member_of,
        units.kind,
        units.level,
        units.method,
        units.band,
        sum(units.statements) as statements,
        sum(units.weight / members.unit_weight * members.share order by units.unit_code) as mass

    from units
    inner join members on units.side = members.side and units.unit_code = members.unit_code
    group by 1, 2, 3, 4, 5, 6

),

known as (

    select distinct
        side,
        member_of

    from members

),

heard as (

    select
        weights.side,
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        weights.period_label,
        incidences.kind,
        incidences.level,
        incidences.method,
        incidences.band,
        cast(sum(incidences.statements) as bigint) as statements,
        sum(incidences.mass * weights.weight order by weights.member_of) as mass

    from weights
    inner join incidences on weights.side = incidences.side and weights.member_of = incidences.member_of
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

),

kinds_heard as (

    select
        side,
        area_code,
        boundary_version,
        basis,
        period_label,
        kind,
        level,
        sum(mass order by method, band) as mass

    from heard
    group by 1, 2, 3, 4, 5, 6, 7

),

hearing as (

    select
        weights.side,
        weights.area_code,
        weights.boundary_version,
        weights.basis,
        weights.period_label,
        sum(weights.weight order by weights.member_of) filter (where known.member_of is not null) as heard,
        sum(weights.weight order by weights.member_of) filter (where known.member_of is null) as unheard

    from weights
    left join known on weights.side = known.side and weights.member_of = known.member_of
    group by 1, 2, 3, 4, 5

),

-- of what an occupation does or a standard teaches nothing is known without its statements: taken to divide among the kinds as the others do
unheard as (

    select
        kinds_heard.side,
        kinds_heard.area_code,
        kinds_heard.boundary_version,
        kinds_heard.basis,
        kinds_heard.period_label,
        kinds_heard.kind,
        kinds_heard.level,
        'no_statements' as method,
        'abstain' as band,
        cast(0 as bigint) as statements,
        hearing.unheard * kinds_heard.mass / hearing.heard as mass

    from kinds_heard
    inner join hearing
        on
            kinds_heard.side = hearing.side
            and kinds_heard.area_code = hearing.area_code
            and kinds_heard.boundary_version = hearing.boundary_version
            and kinds_heard.basis = hearing.basis
            and kinds_heard.period_label is not distinct from hearing.period_label

),

unioned as (

    select * from heard

    union all by name

    select * from unheard

    union all by name

    -- the texts as they are, whoever works or learns where
    select
        side,
        cast(null as varchar) as area_code,
        cast(null as varchar) as boundary_version,
        'texts' as basis,
        cast(null as varchar) as period_label,
        kind,
        level,
        method,
        band,
        count(*) as statements,
        sum(weight order by statement_id) as mass

    from placed
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

)

select
    side,
    area_code,
    boundary_version,
    basis,
    period_label,
    kind,
    level,
    method,
    band,
    statements,
    round(mass, 6) as mass,
    round(
        mass / sum(mass) over (
            partition by side, area_code, boundary_version, basis, period_label, kind, level
            order by method, band
            rows between unbounded preceding and unbounded following
        ),
        12
    ) as share,
    (select bool_or(is_sample) from placed) as is_sample

from unioned
where mass > 0
