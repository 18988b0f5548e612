{{ history_of('ksb_supply') }}
