{{ history_of('local_in_demand') }}
