{#- metrics: only these statuses carry a number; `partial` may also carry bounds alone. -#}
{% macro statuses_with_value() -%}
('ok', 'u', 'low_reliability', 'low_base', 'partial')
{%- endmacro %}
