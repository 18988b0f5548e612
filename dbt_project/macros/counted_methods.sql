{#- Methods of the matcher that count as evidence. `default` and `abstain` never do. -#}
{% macro counted_methods() -%}
('override', 'exact', 'rule', 'rule+emb', 'emb', 'lexical')
{%- endmacro %}
