{#- Provenance of a row that stands on several releases: their sorted list, and what is known from the latest of them. -#}
{% macro lineage() -%}
string_agg(distinct release_id, ',' order by release_id) as release_id,
        max(known_from) as known_from,
        cast(null as timestamp with time zone) as known_to,
        bool_or(is_sample) as is_sample
{%- endmacro %}
