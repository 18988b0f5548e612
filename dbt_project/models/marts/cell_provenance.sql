-- Asked for one row: mart and row_key are constants that every scan below is filtered by. The tables are named where they are scanned, not in a
-- common table expression: DuckDB would write one that is read twice out whole first. All rows at once are a multiple of all tables.
with

-- a row's own cells, those of its inputs, and those of their inputs; nothing lies deeper
reached as (

    select
        relation as mart,
        key as row_key,
        'value' as role,
        relation as input_relation,
        key as input_key,
        raw_table,
        raw_column,
        release_id,
        source_file,
        source_row

    from {{ ref('provenance_leaf') }}

    union all

    select
        edges.relation as mart,
        edges.row_key,
        edges.role,
        edges.input_relation,
        edges.input_key,
        leaves.raw_table,
        leaves.raw_column,
        leaves.release_id,
        leaves.source_file,
        leaves.source_row

    from {{ ref('provenance_edge') }} as edges
    inner join {{ ref('provenance_leaf') }} as leaves on edges.input_relation = leaves.relation and edges.input_key = leaves.key

    union all

    select
        edges.relation as mart,
        edges.row_key,
        concat_ws(': ', edges.role, inputs.role) as role,
        inputs.input_relation,
        inputs.input_key,
        leaves.raw_table,
        leaves.raw_column,
        leaves.release_id,
        leaves.source_file,
        leaves.source_row

    from {{ ref('provenance_edge') }} as edges
    inner join {{ ref('provenance_edge') }} as inputs on edges.input_relation = inputs.relation and edges.input_key = inputs.row_key
    inner join {{ ref('provenance_leaf') }} as leaves on inputs.input_relation = leaves.relation and inputs.input_key = leaves.key

)

select
    reached.mart,
    reached.row_key,
    reached.role,
    reached.input_relation,
    reached.input_key,
    reached.raw_table,
    reached.raw_column,
    releases.dataset,
    reached.release_id,
    reached.source_file,
    reached.source_row,
    releases.url,
    releases.sha256

from reached
inner join {{ ref('stg_observatory__release') }} as releases on reached.release_id = releases.release_id
where reached.mart in {{ traced_marts() }}
