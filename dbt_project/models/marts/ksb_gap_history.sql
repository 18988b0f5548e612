{{ history_of('ksb_gap') }}
