{#- Methods of the matcher and the linker that count as evidence. `default` and `abstain` never do; `link` is a catch-all its UK-SSC group speaks for. -#}
{% macro counted_methods() -%}
('override', 'exact', 'rule', 'rule+emb', 'emb', 'lexical', 'hybrid', 'link')
{%- endmacro %}
