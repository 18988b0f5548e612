with

indicators as (

    select
        row_key,
        metric,
        measure_basis,
        breakdown,
        subgroup,
        area_code,
        boundary_version,
        period_start,
        period_end,
        period_label

    from {{ ref('int_indicator') }}
    where known_to is null

),

openings as (

    select * from {{ ref('forecast_demand') }}
    where grain = 'occupation' and key <> 'Total'

),

demand_weights as (

    select * from {{ ref('int_demand_weight') }}
    where weight is not null

),

supply_weights as (

    select * from {{ ref('int_supply_weight') }}
    where achievements is not null

),

subjects as (

    select
        subjects.reference,
        subjects.subject_reference

    from {{ ref('int_standard_subject') }} as subjects
    inner join (select distinct unit_code from {{ ref('int_statement_tally') }} where side = 'supply') as with_statements
        on subjects.reference = with_statements.unit_code
    where subjects.weight > 0

),

nodes as (

    select distinct
        relation,
        key

    from {{ ref('int_provenance_node') }}

),

evidences (evidence) as (

    values ('task'), ('standard')

),

kinds (kind) as (

    values ('knowledge'), ('skill'), ('behaviour')

),

-- who asks: occupations with a weight, by basis; the horizon scan reads every month of adverts
asking as (

    select distinct
        basis,
        cast(null as varchar) as vintage,
        area_code,
        boundary_version,
        soc_code

    from demand_weights
    where basis <> 'openings'

    union all

    select distinct
        'openings' as basis,
        vintage,
        area_code,
        boundary_version,
        key as soc_code

    from openings

    union all

    select distinct
        'advert_quarters' as basis,
        cast(null as varchar) as vintage,
        places.area_code,
        places.boundary_version,
        case adverts.occupation_level when 'minor' then left(adverts.soc_code, 2) else adverts.soc_code end as soc_code

    from {{ ref('stg_ons__online_job_adverts') }} as adverts
    inner join {{ ref('int_area_place') }} as places on adverts.area_code = places.place_code
    where
        adverts.known_to is null
        and adverts.measure_basis = 'new_adverts'
        and adverts.period_kind = 'month'
        and adverts.occupation_level <> 'total'
        and adverts.soc_code <> 'Unknown'

),

-- a sub-major group's incidence is the mean over its unit groups
units as (

    select
        key as unit_code,
        unnest([key, left(key, 2)]) as soc_code

    from nodes
    where relation = 'occupation_texts'

),

trained as (

    select
        reference,
        unnest([soc_code, left(soc_code, 2)]) as soc_code

    from {{ ref('int_standard_occupation') }}

),

demand_groups as (

    select distinct
        basis,
        vintage,
        area_code,
        boundary_version

    from asking

),

-- of weights, rows of other marts where there are any
weighing as (

    select
        'stock' as basis,
        cast(null as varchar) as vintage,
        indicators.area_code,
        indicators.boundary_version,
        'fct_indicator' as input_relation,
        indicators.row_key as input_key,
        case indicators.breakdown when 'total' then 'total' else 'weight' end as role

    from indicators
    inner join (
        select distinct
            area_code,
            boundary_version,
            period_start,
            period_end

        from demand_weights
        where basis = 'stock'
    ) as years
        on
            indicators.area_code = years.area_code
            and indicators.boundary_version = years.boundary_version
            and indicators.period_start = years.period_start
            and indicators.period_end = years.period_end
    where indicators.metric = 'employment' and indicators.breakdown in ('total', 'occupation_sub_major')

    union all

    select
        'openings' as basis,
        vintage,
        area_code,
        boundary_version,
        'forecast_demand' as input_relation,
        row_key as input_key,
        'weight' as role

    from openings

    union all

    select
        case basis when 'flow_ads' then 'flow_ads' else 'advert_quarters' end as basis,
        vintage,
        area_code,
        boundary_version,
        case basis when 'flow_ads' then 'advert_year' else 'advert_quarters' end as input_relation,
        {{ provenance_key(['area_code', 'boundary_version']) }} as input_key,
        'weight' as role

    from demand_groups
    where basis in ('flow_ads', 'advert_quarters')

),

demand_edges as (

    select
        weighing.basis,
        weighing.vintage,
        weighing.area_code,
        weighing.boundary_version,
        evidences.evidence,
        weighing.input_relation,
        weighing.input_key,
        weighing.role

    from weighing
    cross join evidences

    union all

    select
        asking.basis,
        asking.vintage,
        asking.area_code,
        asking.boundary_version,
        'task' as evidence,
        'occupation_texts' as input_relation,
        units.unit_code as input_key,
        'statement' as role

    from asking
    inner join units on asking.soc_code = units.soc_code

    union all

    select
        asking.basis,
        asking.vintage,
        asking.area_code,
        asking.boundary_version,
        'standard' as evidence,
        inputs.input_relation,
        {{ provenance_key(['trained.reference', 'inputs.kind']) }} as input_key,
        inputs.role

    from asking
    inner join trained on asking.soc_code = trained.soc_code
    cross join (
        values
        ('standard_statements', 'behaviour', 'statement'),
        ('standard_achievements', null, 'achievements'),
        ('standard_occupation', null, 'occupation')
    ) as inputs (input_relation, kind, role)

),

supply_inputs as (

    select
        weights.basis,
        weights.provision,
        weights.area_code,
        weights.boundary_version,
        kinds.kind,
        'standard_take_up' as input_relation,
        {{ provenance_key(['weights.area_code', 'weights.boundary_version', 'weights.period_label', 'weights.reference']) }} as input_key,
        'weight' as role

    from supply_weights as weights
    cross join kinds
    where weights.method = 'standard'

    union all

    select
        weights.basis,
        weights.provision,
        weights.area_code,
        weights.boundary_version,
        kinds.kind,
        'subject_take_up' as input_relation,
        {{ provenance_key([
            'weights.area_code',
            'weights.boundary_version',
            'weights.provision',
            "case when weights.basis = 'attained' then 'achievements' when weights.provision = 'apprenticeships' then 'starts' else 'enrolments' end",
            'weights.period_label',
            'weights.reference',
        ]) }} as input_key,
        'weight' as role

    from supply_weights as weights
    cross join kinds
    where weights.method = 'ssa_mean'

    union all

    select
        weights.basis,
        weights.provision,
        weights.area_code,
        weights.boundary_version,
        kinds.kind,
        'standard_statements' as input_relation,
        {{ provenance_key(['weights.reference', 'kinds.kind']) }} as input_key,
        'statement' as role

    from supply_weights as weights
    cross join kinds
    where weights.method = 'standard'

    union all

    -- of a subject: what its programmes teach, each weighed by its achievements
    select
        weights.basis,
        weights.provision,
        weights.area_code,
        weights.boundary_version,
        kinds.kind,
        inputs.input_relation,
        {{ provenance_key(['subjects.reference', "case inputs.input_relation when 'standard_statements' then kinds.kind end"]) }} as input_key,
        inputs.role

    from supply_weights as weights
    inner join subjects on weights.reference = subjects.subject_reference
    cross join kinds
    cross join (
        values
        ('standard_statements', 'statement'),
        ('standard_achievements', 'achievements'),
        ('standard_subject', 'subject')
    ) as inputs (input_relation, role)
    where weights.method = 'ssa_mean'

),

-- a provision by itself, and all of them
supply_edges as (

    select * from supply_inputs

    union all

    select * replace ('all' as provision) from supply_inputs

),

in_demand as (

    select distinct
        area_code,
        boundary_version,
        period_start,
        period_end

    from {{ ref('local_in_demand') }}

),

-- what the index of an occupation is made of: its adverts of every three months, its employment and its openings
in_demand_inputs as (

    select
        area_code,
        boundary_version,
        subgroup as soc_code,
        period_start,
        period_end,
        'fct_indicator' as input_relation,
        row_key as input_key,
        'adverts' as role

    from indicators
    where
        metric = 'online_job_adverts_3_month_mean'
        and measure_basis in ('new_adverts', 'live_snapshot')
        and breakdown = 'occupation_sub_major'
        and subgroup <> 'Unknown'

    union all

    select
        area_code,
        boundary_version,
        subgroup as soc_code,
        period_start,
        period_end,
        'fct_indicator' as input_relation,
        row_key as input_key,
        'employment' as role

    from indicators
    where metric = 'employment' and breakdown = 'occupation_sub_major'

    union all

    select
        area_code,
        boundary_version,
        key as soc_code,
        period_start,
        period_end,
        'forecast_demand' as input_relation,
        row_key as input_key,
        'openings' as role

    from openings
    where known_to is null

),

unioned as (

    select
        'demand_group' as relation,
        {{ provenance_key(['basis', 'vintage', 'area_code', 'boundary_version', 'evidence']) }} as row_key,
        input_relation,
        input_key,
        role

    from demand_edges

    union all

    select
        'supply_group' as relation,
        {{ provenance_key(['basis', 'provision', 'area_code', 'boundary_version', 'kind']) }} as row_key,
        input_relation,
        input_key,
        role

    from supply_edges

    union all

    -- all occupations' adverts of the months that are compared
    select
        'advert_count' as relation,
        {{ provenance_key(['counts.area_code', 'counts.boundary_version']) }} as row_key,
        'fct_indicator' as input_relation,
        indicators.row_key as input_key,
        'value' as role

    from (
        select distinct
            area_code,
            boundary_version,
            period_start,
            period_end

        from {{ ref('int_location_count') }}
        where item_kind = 'occupation' and basis = 'new_adverts'
    ) as counts
    inner join indicators
        on
            counts.area_code = indicators.area_code
            and counts.boundary_version = indicators.boundary_version
            and indicators.period_start >= counts.period_start
            and indicators.period_end <= counts.period_end
            and indicators.metric = 'online_job_adverts'
            and indicators.measure_basis = 'new_adverts'
            and indicators.breakdown = 'occupation_sub_major'
            and indicators.subgroup <> 'Unknown'

    union all

    select
        'in_demand_series' as relation,
        {{ provenance_key(['area_code', 'boundary_version', 'soc_code']) }} as row_key,
        input_relation,
        input_key,
        role

    from in_demand_inputs

    union all

    -- where an occupation's own history is too short, the others at the same time are what it is compared with
    select
        'in_demand_area' as relation,
        {{ provenance_key(['in_demand.area_code', 'in_demand.boundary_version']) }} as row_key,
        inputs.input_relation,
        inputs.input_key,
        inputs.role

    from in_demand
    inner join in_demand_inputs as inputs
        on
            in_demand.area_code = inputs.area_code
            and in_demand.boundary_version = inputs.boundary_version
            and (
                inputs.role = 'openings'
                or inputs.period_end = in_demand.period_end
                or (inputs.role = 'adverts' and inputs.period_start = in_demand.period_start - interval 12 month)
                or (
                    inputs.role = 'employment'
                    and inputs.period_end > in_demand.period_end - interval 12 month
                    and inputs.period_end <= in_demand.period_end
                )
            )

)

select distinct unioned.*

from unioned
left join nodes on unioned.input_relation = nodes.relation and unioned.input_key = nodes.key
-- rows of marts have cells of their own; of the rest, only what is held
where unioned.input_relation in ('fct_indicator', 'forecast_demand') or nodes.key is not null
