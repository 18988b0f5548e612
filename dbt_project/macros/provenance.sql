{#- Key of a group of inputs in provenance_edge and provenance_leaf, readable by people: its parts, separated by bars, those that are NULL left out. -#}
{% macro provenance_key(parts) -%}
concat_ws('|', {{ parts | join(', ') }})
{%- endmacro %}

{#- What behaviours are asked for by: the standards that train for an occupation, not its tasks. -#}
{% macro demand_evidence(kind) -%}
case {{ kind }} when 'behaviour' then 'standard' else 'task' end
{%- endmacro %}

{#- Fact marts whose every row leads to raw cells. -#}
{% macro traced_marts() -%}
(
    'fct_indicator', 'forecast_demand', 'forecast_stability', 'ksb_demand', 'ksb_supply', 'ksb_gap', 'mismatch_index', 'location_quotient',
    'local_in_demand', 'ksb_signal'
)
{%- endmacro %}
