{#- '202425' -> the first and the last day of the academic year. -#}
{% macro academic_year_start(time_period) -%}
make_date(cast(left({{ time_period }}, 4) as integer), 8, 1)
{%- endmacro %}

{% macro academic_year_end(time_period) -%}
make_date(cast(left({{ time_period }}, 4) as integer) + 1, 7, 31)
{%- endmacro %}
