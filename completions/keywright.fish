KEYWRIGHT_COMPLETE=fish keywright | source
