{{ destination_rates(ref('stg_dfe__ks5_destinations'), 'ks5_sustained_destination_rate', 'dfe__ks5_destinations', with_levels=true) }}
