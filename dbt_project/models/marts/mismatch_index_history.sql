{{ history_of('mismatch_index') }}
