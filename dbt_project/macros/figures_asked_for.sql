{#- SQL that writes SQL: the query, on the published database, for current figures of a dataset that meet a condition on fct_indicator. -#}
{% macro figures_asked_for(dataset, condition, selected='count(*)') -%}
'select {{ selected }} from marts.fct_indicator as f inner join marts.dim_release as r on f.release_id = r.release_id where r.dataset = ''' || {{ dataset }}
        || ''' and f.known_to is null and {{ condition | replace("'", "''") }}'
{%- endmacro %}
