{#- A stable key: md5 of the grain's values, NULL written as an empty text. -#}
{% macro row_key(columns) -%}
md5(
    {%- for column in columns %}
    coalesce(cast({{ column }} as varchar), ''){{ " || '|' || " if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}
