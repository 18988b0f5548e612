with

releases as (

    select * from {{ source('raw', 'release') }}

),

access as (

    select * from {{ ref('recommendation_access') }}

),

standards as (

    select * from {{ ref('dim_standard') }}
    where is_current

),

placed as (

    select
        reference,
        coalesce(bool_or(is_official), false) as is_official

    from {{ ref('standard_occupation') }}
    group by reference

),

refused as (

    select * from {{ ref('incident') }}
    where kind = 'release'

),

checks as (

    select * from {{ ref('data_quality') }}
    where dimension = 'conservation' and dataset is not null

),

of_release as (

    select
        'no_release_time' as finding_id,
        dataset,
        cast(null as varchar) as raw_table,
        'time of release' as field,
        cast(null as varchar) as detail,
        'select count(*) from marts.dim_release where known_from_basis <> ''publisher'' and dataset = ''' || dataset || '''' as evidence,
        count(*) filter (where known_from_basis <> 'publisher') as n_affected,
        count(*) as n_total

    from releases
    group by dataset
    having count(*) filter (where known_from_basis <> 'publisher') > 0

),

of_access as (

    select
        finding_id,
        dataset,
        cast(null as varchar) as raw_table,
        'every file' as field,
        detail,
        'select count(*) from seeds.recommendation_access where dataset = ''' || dataset || '''' as evidence,
        cast(1 as bigint) as n_affected,
        cast(1 as bigint) as n_total

    from access

),

of_occupation as (

    select
        'no_official_occupation' as finding_id,
        'apprenticeship_standards' as dataset,
        'skills_england__standards' as raw_table,
        'SOC 2020 unit group' as field,
        cast(null as varchar) as detail,
        'select count(distinct reference) from marts.standard_occupation where reference not in (select reference from marts.standard_occupation where is_official)'
            as evidence,
        count(*) filter (where not is_official) as n_affected,
        count(*) as n_total

    from placed
    having count(*) filter (where not is_official) > 0

),

of_statement as (
    {% for kind, field in [('knowledge', 'knowledge'), ('skill', 'skills'), ('behaviour', 'behaviours')] %}
    select
        'no_statements' as finding_id,
        'apprenticeship_standards' as dataset,
        'skills_england__statements' as raw_table,
        '{{ field }}' as field,
        cast(null as varchar) as detail,
        'select count(*) from marts.dim_standard where is_current and {{ kind }}_statements = 0' as evidence,
        count(*) filter (where {{ kind }}_statements = 0) as n_affected,
        count(*) as n_total

    from standards
    having count(*) filter (where {{ kind }}_statements = 0) > 0
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

came_in as (

    select dataset, release_id from releases
    union
    select dataset, release_id from refused

),

of_refusal as (

    select
        'refused_releases' as finding_id,
        came_in.dataset,
        cast(null as varchar) as raw_table,
        'the release as a whole' as field,
        string_agg(distinct refused.rule, ', ' order by refused.rule) as detail,
        'select count(distinct release_id) from marts.incident where kind = ''release'' and dataset = ''' || came_in.dataset || '''' as evidence,
        count(distinct refused.release_id) as n_affected,
        count(distinct came_in.release_id) as n_total

    from came_in
    left join refused using (dataset, release_id)
    group by came_in.dataset
    having count(distinct refused.release_id) > 0

),

of_check as (

    select
        'failed_checks' as finding_id,
        dataset,
        relation as raw_table,
        coalesce(subject, check_name) as field,
        max(observed) filter (where not passed) as detail,
        'select count(*) from marts.data_quality where dimension = ''conservation'' and not passed and dataset = ''' || dataset
        || ''' and relation = ''' || relation || ''' and coalesce(subject, check_name) = ''' || replace(coalesce(subject, check_name), '''', '''''') || ''''
            as evidence,
        count(*) filter (where not passed) as n_affected,
        count(*) as n_total

    from checks
    group by dataset, relation, coalesce(subject, check_name)
    having count(*) filter (where not passed) > 0

)

select * from of_release
union all
select * from of_access
union all
select * from of_occupation
union all
select * from of_statement
union all
select * from of_refusal
union all
select * from of_check
