{#- A survey gives an estimate and its 95% half-width as two rows: in a group of those two, both as columns, each with its status. -#}
{% macro estimate_and_confidence(measure='value', status='status') -%}
max(case when measure = '{{ measure }}' then value end) as value,
        max(case when measure = '{{ measure }}' then status end) as {{ status }},
        max(case when measure = 'confidence' then value end) as confidence,
        max(case when measure = 'confidence' then status end) as confidence_status
{%- endmacro %}
