{{ destination_rates(ref('stg_dfe__ks4_destinations'), 'ks4_sustained_destination_rate', 'dfe__ks4_destinations') }}
