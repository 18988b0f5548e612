{#- The ksb_id of the mass of a kind and level that no KSB was named for. -#}
{% macro unmapped_id(kind, level) -%}
'unmapped.' || {{ kind }} || case {{ level }} when 'group' then '.group' else '' end
{%- endmacro %}
