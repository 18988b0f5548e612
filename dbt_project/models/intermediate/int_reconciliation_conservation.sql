{#- Where a publisher gives both a whole and its parts. Beside the seed's, those that nothing is suppressed in, with half the unit they are rounded to:
    projections are not rounded, cells of the census are perturbed. And those whose parts leave some of the whole out: the survey's who did not answer. -#}
{%- set further = {
    ('employment_projection', 0): ['broad_sector', 'industry', 'occupation_major', 'occupation_sub_major', 'qualification'],
    ('net_change', 0): ['occupation_sub_major'],
    ('replacement_demand', 0): ['occupation_sub_major'],
    ('total_requirement', 0): ['occupation_sub_major'],
    ('census_occupation', 3): ['occupation_major'],
    ('census_qualification', 3): ['qualification'],
} -%}
{%- set at_most = {
    ('employment', 50): ['industry', 'occupation_sub_major'],
    ('jobs', 0): ['industry', 'industry_section'],
    ('apprenticeship_starts', 0): ['sector_subject_area'],
} -%}

with

partitions as (

    select
        metric,
        dimension as breakdown,
        is_exhaustive,
        parts as least_members,
        coalesce(rounding, 0) as rounding

    from {{ ref('published_partition') }}
    where dimension <> 'district'

    {%- for is_exhaustive, given in ((true, further), (false, at_most)) %}
    {%- for (metric, rounding), breakdowns in given.items() %}
    {%- for breakdown in breakdowns %}

    union all

    select '{{ metric }}', '{{ breakdown }}', {{ is_exhaustive }}, null, {{ rounding }}
    {%- endfor %}{% endfor %}{% endfor %}

),

{% set grain = ['metric', 'measure_basis', 'area_code', 'boundary_version', 'period_start', 'period_end', 'period_label', 'release_id'] -%}
-- what a figure may differ by from what was rounded to it; of jobs, whose rounding grows with the figure and is not stated, a fortieth up to 500
cells as (

    select
        indicators.*,
        case
            when interval_kind = 'bound' then greatest(upper - value, value - lower, 0)
            when metric = 'jobs' then least(500, greatest(2.5, value / 40))
            else roundings.rounding
        end as half_unit

    from {{ ref('int_indicator') }} as indicators
    inner join (select metric, max(rounding) as rounding from partitions group by 1) as roundings using (metric)
    where indicators.known_to is null

),

parts as (

    select
        {{ grain | join(', ') }},
        breakdown,
        count(*) as members,
        count(value) as named,
        sum(case when value is null then coalesce(lower, 0) else value - half_unit end order by subgroup) as least,
        sum(value + half_unit order by subgroup) as most,
        sum(value order by subgroup) as total

    from cells
    where breakdown <> 'total'
    group by all

),

compared as (

    select
        parts.*,
        wholes.value as whole,
        wholes.known_from,
        wholes.is_sample,
        greatest(
            parts.least - (wholes.value + wholes.half_unit),
            case
                when
                    partitions.is_exhaustive
                    and parts.named = parts.members
                    and parts.members >= coalesce(partitions.least_members, 0)
                    then (wholes.value - wholes.half_unit) - parts.most
                else 0
            end
        ) > 1e-6 * greatest(abs(wholes.value), 1) as is_broken,
        abs(parts.total - wholes.value) as difference

    from parts
    inner join partitions on parts.metric = partitions.metric and parts.breakdown = partitions.breakdown
    inner join cells as wholes
        on {% for column in grain %}parts.{{ column }} is not distinct from wholes.{{ column }}{{ '\n        and ' if not loop.last }}{% endfor %}
    where wholes.breakdown = 'total' and wholes.value is not null

)

select
    'conservation' as check_name,
    'conservation' as dimension,
    'warn' as severity,
    release_id,
    'marts.fct_indicator' as relation,
    metric || coalesce(' (' || measure_basis || ')', '') || ' by ' || breakdown as subject,
    max(known_from) as known_from,
    count(*) as checked,
    count(*) filter (where is_broken) as broken,
    'the members of ' || breakdown || ' agree with the published total of ' || metric || ' within rounding' as expected,
    list(
        {
            'area_code': area_code,
            'boundary_version': boundary_version,
            'period': period_label,
            'parts': round(total, 3),
            'total': round(whole, 3),
            'named': named,
            'members': members
        }
        order by difference / greatest(abs(whole), 1) desc, area_code, boundary_version, period_end, period_start
    ) filter (where is_broken) as examples,
    bool_or(is_sample) as is_sample

from compared
group by release_id, metric, measure_basis, breakdown
