-- A failure means that a statement is matched to a KSB that does not exist, or to one of another kind than its own.
{{ config(meta={'dagster': {'ref': {'name': 'ksb_statement'}}}) }}

select statements.*

from {{ ref('ksb_statement') }} as statements
left join {{ ref('dim_ksb') }} as ksbs on statements.ksb_id = ksbs.ksb_id
where statements.is_counted and (ksbs.ksb_id is null or ksbs.is_unmapped or statements.kind <> ksbs.kind or statements.kind <> statements.kind_given)
