eval (E:KEYWRIGHT_COMPLETE=elvish keywright | slurp)
