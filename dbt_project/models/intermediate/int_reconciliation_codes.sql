{#- mart, what is referred to, the code as the mart has it, the codes there are, which of the mart's rows -#}
{%- set places = "select area_code || '/' || boundary_version from " ~ ref('dim_area') -%}
{%- set occupations = 'select soc_code from ' ~ ref('dim_occupation') -%}
{%- set ksbs = 'select ksb_id from ' ~ ref('dim_ksb') -%}
{%- set sectors = 'select sector_id from ' ~ ref('dim_sector') -%}
{%- set place = "area_code || '/' || boundary_version" -%}
{%- set references = [
    ('fct_indicator', 'area', place, places, 'true'),
    ('fct_indicator', 'occupation', 'subgroup', occupations, "starts_with(breakdown, 'occupation_') and subgroup <> 'Unknown'"),
    ('ksb_demand', 'area', place, places, 'true'),
    ('ksb_demand', 'ksb', 'ksb_id', ksbs, 'true'),
    ('ksb_demand', 'sector', 'sector', sectors, 'true'),
    ('ksb_supply', 'area', place, places, 'true'),
    ('ksb_supply', 'ksb', 'ksb_id', ksbs, 'true'),
    ('ksb_supply', 'sector', 'sector', sectors, 'true'),
    ('ksb_gap', 'area', place, places, 'true'),
    ('ksb_gap', 'ksb', 'ksb_id', ksbs, 'true'),
    ('ksb_gap', 'sector', 'sector', sectors, 'true'),
    ('mismatch_index', 'area', place, places, 'true'),
    ('location_quotient', 'area', place, places, 'true'),
    ('location_quotient', 'ksb', 'item', ksbs, "item_kind = 'ksb'"),
    ('location_quotient', 'occupation', 'item', occupations, "item_kind = 'occupation'"),
    ('local_in_demand', 'area', place, places, 'true'),
    ('local_in_demand', 'occupation', 'soc_code', occupations, 'true'),
    ('forecast_demand', 'area', place, places, 'true'),
    ('forecast_demand', 'ksb', 'key', ksbs, "grain = 'ksb'"),
    ('forecast_demand', 'occupation', 'key', occupations, "grain = 'occupation' and key <> 'Total'"),
] -%}
{#- Areas, KSBs and sectors are the observatory's own seeds. Codes that publishers write may be new to the classification held, or none may be held. -#}
{%- set own = ['area', 'ksb', 'sector'] -%}

with

used as (

    {%- for mart, subject, code, codes, which in references %}
    select
        '{{ mart }}' as mart,
        '{{ subject }}' as subject,
        {{ code }} as code,
        {{ code }} in ({{ codes }}) as is_known,
        count(*) as n,
        max(known_from) as known_from,
        bool_or(is_sample) as is_sample

    from {{ ref(mart) }}
    where {{ which }} and exists ({{ codes }}){# nothing can be said by a classification that is not held #}
    group by all
    {{ 'union all' if not loop.last }}
    {%- endfor %}

    union all

    select
        'fct_indicator',
        'sector subject area',
        subgroup,
        {{ ssa1_key('subgroup') }} <> 'ssa1:unknown',
        count(*),
        max(known_from),
        bool_or(is_sample)

    from {{ ref('fct_indicator') }}
    where breakdown = 'sector_subject_area'
    group by all

)

select
    'reference' as check_name,
    'validity' as dimension,
    case when subject in ('{{ own | join("', '") }}') then 'error' else 'warn' end as severity,
    cast(null as varchar) as release_id,
    'marts.' || mart as relation,
    subject,
    max(known_from) as known_from,
    count(*) as checked,
    count(*) filter (where is_known is not true) as broken,
    'every code of ' || subject || ' in ' || mart || ' is one of the classification held' as expected,
    list({'code': code, 'rows': n} order by code) filter (where is_known is not true) as examples,
    bool_or(is_sample) as is_sample

from used
group by mart, subject
