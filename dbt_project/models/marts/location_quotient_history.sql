{{ history_of('location_quotient') }}
