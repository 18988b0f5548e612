{#- A number as a claim's reason writes it: thousands apart, one decimal, none if it is 0. -#}
{% macro claim_number(x) -%}
regexp_replace(format('{:,.1f}', cast({{ x }} as double)), '\.0$', '')
{%- endmacro %}

{#- Columns every int_claim_* model ends with: what a recomputation found, how sure it is, and what it stands on. -#}
{% macro claim_finding_columns() -%}
claim_id,
        is_held,
        round(recomputed_value, 6) as recomputed_value,
        round(lower, 6) as lower,
        round(upper, 6) as upper,
        interval_kind,
        cast(base as double) as base,
        round(cast(coverage as double), 12) as coverage,
        finding,
        evidence,
        period_label,
        release_id,
        known_from,
        is_sample
{%- endmacro %}

{#- The same for what the document's text alone answers: no release, no period. -#}
{% macro claim_of_text() -%}
cast(null as double) as coverage,
        cast(null as varchar) as period_label,
        cast(null as varchar) as release_id,
        cast(null as timestamp with time zone) as known_from,
        false as is_sample
{%- endmacro %}
