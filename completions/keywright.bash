source <(KEYWRIGHT_COMPLETE=bash keywright)
