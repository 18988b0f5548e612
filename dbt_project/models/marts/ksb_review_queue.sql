with

-- a decision is about the one area of a text, so the first link is what is asked about
uncertain as (

    select * from {{ ref('int_statement_link') }}
    where
        level = 'area'
        and rank = 1
        and weight is not null
        and not is_not_ksb
        and (band = 'review' or method = 'abstain')

),

queue as (

    select
        text_sha256,
        kind_given,
        any_value(text) as text,
        any_value(kind) as kind,
        any_value(ksb_id) as ksb_id,
        any_value(method) as method,
        any_value(score) as score,
        any_value(runner_up_id) as runner_up_id,
        any_value(margin) as margin,
        any_value(band) as band,
        any_value(reason) as reason,
        any_value(taxonomy_version) as taxonomy_version,
        bool_or(is_sample) as is_sample

    from uncertain
    group by 1, 2

),

-- the part of a unit's statements that the text makes up
parts as (

    select
        uncertain.side,
        uncertain.text_sha256,
        uncertain.kind_given,
        uncertain.unit_code,
        sum(uncertain.weight order by uncertain.statement_id) as weight

    from uncertain
    group by 1, 2, 3, 4

),

used as (

    select
        text_sha256,
        kind_given,
        count(*) as units,
        array_to_string(list(side || ' ' || unit_code order by side, unit_code)[:5], ', ') as used_in

    from parts
    group by 1, 2

),

focus as (

    select distinct
        area_code,
        boundary_version

    from {{ ref('area') }}
    where role = 'focus'

),

weights as (

    select
        weights.*,
        sum(weights.weight) over (
            partition by weights.side, weights.area_code, weights.boundary_version, weights.basis, weights.period_label
            order by weights.member_of
            rows between unbounded preceding and unbounded following
        ) as total

    from {{ ref('int_area_weight') }} as weights
    inner join focus using (area_code, boundary_version)
    where weights.basis in ('stock', 'attained')

),

carried as (

    select
        parts.text_sha256,
        parts.kind_given,
        parts.side,
        weights.area_code,
        weights.boundary_version,
        sum(parts.weight / members.unit_weight * members.share * weights.weight / weights.total order by weights.member_of, parts.unit_code) as share

    from parts
    inner join {{ ref('int_unit_membership') }} as members on parts.side = members.side and parts.unit_code = members.unit_code
    inner join weights on members.side = weights.side and members.member_of = weights.member_of
    where weights.total > 0
    group by 1, 2, 3, 4, 5

),

influences as (

    select
        text_sha256,
        kind_given,
        max(share) filter (where side = 'demand') as demand_influence,
        max(share) filter (where side = 'supply') as supply_influence

    from carried
    group by 1, 2

)

select
    queue.text_sha256,
    queue.text,
    queue.kind_given,
    queue.kind,
    queue.ksb_id,
    queue.method,
    queue.score,
    queue.runner_up_id,
    queue.margin,
    queue.band,
    queue.reason,
    round(coalesce(influences.demand_influence, 0), 12) as demand_influence,
    round(coalesce(influences.supply_influence, 0), 12) as supply_influence,
    round(greatest(coalesce(influences.demand_influence, 0), coalesce(influences.supply_influence, 0)), 12) as influence,
    cast(used.units as bigint) as units,
    used.used_in,
    queue.taxonomy_version,
    queue.is_sample

from queue
inner join used on queue.text_sha256 = used.text_sha256 and queue.kind_given is not distinct from used.kind_given
left join influences on queue.text_sha256 = influences.text_sha256 and queue.kind_given is not distinct from influences.kind_given
