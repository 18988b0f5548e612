{{ history_of('ksb_demand') }}
