{#- What is certain of a count: the ends of its rounding or suppression, or, where a published number has none, half the unit it is rounded to. -#}
{% macro certain_lower(rounding) -%}
case when interval_kind = 'bound' then coalesce(lower, 0) when value >= {{ rounding }} then value - {{ rounding }} else 0 end
{%- endmacro %}

{% macro certain_upper(rounding) -%}
case when interval_kind = 'bound' then upper else value + {{ rounding }} end
{%- endmacro %}

{#- Bounds of figures that are no number, intersected with what publishers say of a whole and of its other parts (metrics, 5.9).

    A part is what the whole leaves to it: at most the whole's most less what the others are at least, at least the whole's least less what the others
    are at most. A whole lies between the sums of its parts' ends. What is a whole and its parts is seed published_partition: the members of a breakdown
    within an area, and the districts of an area that has a figure of its own. All are counts, so that none is under 0. The seed is not taken on trust:
    a release in which parts exceed their whole is not taken as disjoint, one in which they fall short of it not as exhaustive, and the end that needs it
    is left as it was. Each pass is sound whatever the order; the second carries what the first found in districts into sums over them.

    cells: relation with the columns of int_indicator and row_key
    Gives those columns with lower, upper, interval_kind, value, status and sources as tightened, and untightened_lower, untightened_upper and breaches:
    how many wholes this row is of that their parts contradict, and whether its own bounds would have been empty. Published numbers stay as they are. -#}
{% macro within_published_totals(cells) -%}
{%- set passes = [1, 2] -%}
{%- set group_columns = ['measure_basis', 'area_code', 'boundary_version', 'period_start', 'period_end', 'release_id'] -%}
partitions as (

    select * from {{ ref('published_partition') }}

),

-- one version of a district, should there be several of its code
part_areas as (

    select
        places.area_code as whole_code,
        places.boundary_version as whole_version,
        districts.area_code,
        districts.boundary_version,
        places.places

    from {{ ref('int_area_place') }} as places
    inner join (
        select
            area_code,
            max(boundary_version) as boundary_version

        from {{ ref('area') }}
        where area_type = 'LAD'
        group by 1
    ) as districts on places.place_code = districts.area_code
    where places.places > 1

),

bounds_0 as (

    select
        row_key,
        metric,
        breakdown,
        subgroup,
        {{ group_columns | join(',\n        ') }},
        status in ('c', 'low', 'partial') and value is null as is_open,
        {{ certain_lower('rounding') }} as lower,
        {{ certain_upper('rounding') }} as upper

    from {{ cells }}
    inner join (select metric, max(rounding) as rounding from partitions group by 1) as roundings using (metric)

),

members as (

    select
        bounds_0.row_key,
        partitions.metric,
        partitions.dimension,
        bounds_0.measure_basis,
        bounds_0.release_id,
        hash(partitions.dimension, bounds_0.metric, {% for column in group_columns %}bounds_0.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) as group_id,
        bounds_0.breakdown = 'total' as is_whole,
        partitions.is_exhaustive,
        coalesce(partitions.parts, 0) as parts_expected

    from bounds_0
    inner join partitions
        on
            bounds_0.metric = partitions.metric
            and (bounds_0.breakdown = partitions.dimension or (bounds_0.breakdown = 'total' and partitions.dimension <> 'district'))

    union all

    select
        bounds_0.row_key,
        partitions.metric,
        partitions.dimension,
        bounds_0.measure_basis,
        bounds_0.release_id,
        hash(
            'district', bounds_0.metric, bounds_0.measure_basis, wholes.area_code, wholes.boundary_version, bounds_0.period_start, bounds_0.period_end,
            bounds_0.release_id, bounds_0.breakdown, bounds_0.subgroup
        ) as group_id,
        wholes.is_whole,
        partitions.is_exhaustive,
        wholes.places as parts_expected

    from bounds_0
    inner join partitions on bounds_0.metric = partitions.metric and partitions.dimension = 'district'
    inner join (
        select
            whole_code as area_code,
            whole_version as boundary_version,
            area_code as member_code,
            boundary_version as member_version,
            false as is_whole,
            places

        from part_areas

        union all

        select distinct
            whole_code,
            whole_version,
            whole_code,
            whole_version,
            true,
            places

        from part_areas
    ) as wholes on bounds_0.area_code = wholes.member_code and bounds_0.boundary_version = wholes.member_version

),

{% for pass in passes -%}
{%- set before = pass - 1 -%}
-- pass {{ pass }}: what each whole says against the sums of its parts
sums_{{ pass }} as (

    select
        members.metric,
        members.dimension,
        members.measure_basis,
        members.release_id,
        members.group_id,
        max(case when members.is_whole then bounds.lower end) as whole_lower,
        max(case when members.is_whole then bounds.upper end) as whole_upper,
        sum(case when not members.is_whole then bounds.lower end) as parts_lower,
        coalesce(sum(case when not members.is_whole then bounds.upper end), 0) as parts_upper,
        count(case when not members.is_whole and bounds.upper is null then 1 end) as parts_unbounded,
        count(case when not members.is_whole then 1 end) >= max(members.parts_expected) as has_all_parts,
        bool_and(members.is_exhaustive) as is_exhaustive

    from members
    inner join bounds_{{ before }} as bounds using (row_key)
    group by members.metric, members.dimension, members.measure_basis, members.release_id, members.group_id
    having bool_or(members.is_whole) and bool_or(not members.is_whole)

),

contradicted_{{ pass }} as (

    select
        *,
        coalesce(parts_lower > whole_upper + 1e-6, false) as is_over_full,
        coalesce(is_exhaustive and has_all_parts and parts_unbounded = 0 and parts_upper < whole_lower - 1e-6, false) as is_under_full

    from sums_{{ pass }}

),

groups_{{ pass }} as (

    select
        *,
        not bool_or(is_over_full) over release as is_disjoint_here,
        is_exhaustive and has_all_parts and not bool_or(is_under_full) over release as is_exhaustive_here

    from contradicted_{{ pass }}
    window release as (partition by metric, dimension, measure_basis, release_id)

),

narrowed_{{ pass }} as (

    select
        members.row_key,
        members.group_id,
        bounds.lower,
        bounds.upper,
        case
            when members.is_whole then case when groups.is_disjoint_here then groups.parts_lower end
            when groups.is_exhaustive_here and groups.parts_unbounded = (bounds.upper is null)::integer
                then groups.whole_lower - (groups.parts_upper - coalesce(bounds.upper, 0))
        end as group_lower,
        case
            when members.is_whole then case when groups.is_exhaustive_here and groups.parts_unbounded = 0 then groups.parts_upper end
            when groups.is_disjoint_here then groups.whole_upper - (groups.parts_lower - bounds.lower)
        end as group_upper

    from members
    inner join bounds_{{ before }} as bounds using (row_key)
    inner join groups_{{ pass }} as groups using (group_id)
    where bounds.is_open

),

intersected_{{ pass }} as (

    select
        row_key,
        greatest(any_value(lower), max(group_lower)) as lower,
        least(any_value(upper), min(group_upper)) as upper,
        coalesce(greatest(any_value(lower), max(group_lower)) > least(any_value(upper), min(group_upper)) + 1e-6, false) as is_empty,
        list(group_id) filter (where group_lower > lower + 1e-6 or group_upper < coalesce(upper, 'infinity') - 1e-6) as group_ids

    from narrowed_{{ pass }}
    group by row_key

),

bounds_{{ pass }} as (

    select
        bounds.* replace (
            case when intersected.is_empty is false then intersected.lower else bounds.lower end as lower,
            -- greatest() passes over NULL, so nothing above would become the lower end
            case
                when intersected.is_empty is false and intersected.upper is not null then greatest(intersected.upper, intersected.lower)
                else bounds.upper
            end as upper
        )

    from bounds_{{ before }} as bounds
    left join intersected_{{ pass }} as intersected using (row_key)

),

{% endfor -%}
witnesses as (

    select
        used.row_key,
        list(distinct cell order by cell) as sources

    from (
        {% for pass in passes -%}
        select
            row_key,
            unnest(group_ids) as group_id

        from intersected_{{ pass }}
        where not is_empty
        {{ 'union' if not loop.last }}
        {% endfor %}
    ) as used
    inner join members using (group_id)
    inner join (
        select
            row_key,
            unnest(sources) as cell

        from {{ cells }}
    ) as cited on members.row_key = cited.row_key
    group by used.row_key

),

breaches as (

    select
        row_key,
        count(*) as breaches

    from (
        select members.row_key
        from members
        inner join contradicted_1 as contradicted using (group_id)
        where members.is_whole and (contradicted.is_over_full or contradicted.is_under_full)
        {% for pass in passes -%}
        union all
        select row_key from intersected_{{ pass }}
        where is_empty
        {% endfor %}
    ) as broken
    group by row_key

),

within_totals as (

    select
        cells.* replace (
            case when witnesses.row_key is not null then bounds.lower else cells.lower end as lower,
            case when witnesses.row_key is not null then bounds.upper else cells.upper end as upper,
            case when witnesses.row_key is not null then 'bound' else cells.interval_kind end as interval_kind,
            case
                when witnesses.row_key is not null and cells.status = 'partial' then {{ point_of('bounds.lower', 'bounds.upper') }}
                else cells.value
            end as value,
            case
                when witnesses.row_key is not null and cells.status = 'partial' and {{ point_of('bounds.lower', 'bounds.upper') }} is not null then 'ok'
                else cells.status
            end as status,
            coalesce(witnesses.sources, cells.sources) as sources
        ),
        cells.lower as untightened_lower,
        cells.upper as untightened_upper,
        coalesce(breaches.breaches, 0) as breaches

    from {{ cells }} as cells
    left join bounds_{{ passes | last }} as bounds using (row_key)
    -- what a publisher hid for confidentiality is not worked out for it: fewer than four numbers to choose from, and the bounds stay as they were
    left join witnesses
        on
            cells.row_key = witnesses.row_key
            and not (cells.status in ('c', 'low') and coalesce(bounds.upper - bounds.lower < 3, false))
    left join breaches on cells.row_key = breaches.row_key

)
{%- endmacro %}
