{#- What every int_indicator__<dataset> model selects, in this order. -#}
{% macro indicator_columns() -%}
metric,
        breakdown,
        subgroup,
        subgroup_label,
        cast(measure_basis as varchar) as measure_basis,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label,
        cast(value as double) as value,
        cast(lower as double) as lower,
        cast(upper as double) as upper,
        interval_kind,
        cast(base as double) as base,
        status,
        cast(coverage as double) as coverage,
        release_id,
        is_sample,
        known_from,
        known_to,
        sources
{%- endmacro %}

{#- The raw cell behind a row that is one raw row, as the list that `sources` holds. -#}
{% macro cited(raw_table, relation=none) -%}
{%- set prefix = relation ~ '.' if relation else '' -%}
[{'raw_table': '{{ raw_table }}', 'source_file': {{ prefix }}source_file, 'source_row': {{ prefix }}source_row}]
{%- endmacro %}

{#- The same of a group of rows. -#}
{% macro cited_all(raw_table, relation=none) -%}
{%- set prefix = relation ~ '.' if relation else '' -%}
list({'raw_table': '{{ raw_table }}', 'source_file': {{ prefix }}source_file, 'source_row': {{ prefix }}source_row} order by {{ prefix }}source_file, {{ prefix }}source_row)
{%- endmacro %}
