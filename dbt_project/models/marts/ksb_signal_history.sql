{{ history_of('ksb_signal') }}
