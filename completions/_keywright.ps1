$env:KEYWRIGHT_COMPLETE = 'powershell'
keywright | Out-String | Invoke-Expression
Remove-Item Env:KEYWRIGHT_COMPLETE
