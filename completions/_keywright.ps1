
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'keywright' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'keywright'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'keywright' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make the keyring (the first `generate` or `create` does it too)')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Issue a key; its secret leaves once, to standard output, a new file or a command')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Register a public key whose private half somebody else holds')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Activate a pending key, by proof that its secret is there')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys; those that are over only with --all or --status')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List keys; those that are over only with --all or --status')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one key')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke keys, for good')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Show and change the rules that new keys come under')
            [CompletionResult]::new('owner', 'owner', [CompletionResultType]::ParameterValue, 'Say what owners are entitled to')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Print what was done; `audit verify` checks that nothing of it was changed since')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page')
            break
        }
        'keywright;init' {
            [CompletionResult]::new('--contract', '--contract', [CompletionResultType]::ParameterName, 'What the keys are: default, kalshi, polynode, yativo, imtegrate, or a contract file')
            [CompletionResult]::new('--org-id', '--org-id', [CompletionResultType]::ParameterName, 'The organisation''s id, where it has one already [default: a new one]')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be made, and make nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;generate' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'What the key is for; required, unless the contract has a name for keys without one')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the key is for; required, unless the contract has a name for keys without one')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'What it may be used for; repeat for more')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it may be used for; repeat for more')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The environment it is for [default: the contract''s first, which is test where there is no other contract]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment it is for [default: the contract''s first, which is test where there is no other contract]')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Who holds it: a customer, a team, a service')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: 90d, 1y, 2027-01-31 (the end of that day, UTC), RFC 3339, or never [default: the contract''s, or never]')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'How often it may be used, for example 60/min,3000/hour,50000/day')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A fact for your own tools; repeat for more')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'A remark')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'The kind of key [default: the contract''s first, which is rsa where there is no other contract]')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The kind of key [default: the contract''s first, which is rsa where there is no other contract]')
            [CompletionResult]::new('--bits', '--bits', [CompletionResultType]::ParameterName, 'Size of the RSA modulus [default: 3072, or the contract''s least if that is more]')
            [CompletionResult]::new('--prime-search', '--prime-search', [CompletionResultType]::ParameterName, 'The arithmetic that searches for RSA primes; for tests of the one that this processor would not take')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What tokens and the public halves of pairs begin with [default: the contract''s, or kw]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the secret to a new file with mode 0600; never overwrites')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the secret to a new file with mode 0600; never overwrites')
            [CompletionResult]::new('--secret-format', '--secret-format', [CompletionResultType]::ParameterName, 'How the secret is written: alone, as a .env file, as a Kubernetes Secret, or as JSON')
            [CompletionResult]::new('--pem', '--pem', [CompletionResultType]::ParameterName, 'The PEM of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract''s, or pkcs8]')
            [CompletionResult]::new('--public-out', '--public-out', [CompletionResultType]::ParameterName, 'Also write the public key to a new file')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'If a key of this name and environment is there, show it and make none')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be made, and make nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;create' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'What the key is for; required, unless the contract has a name for keys without one')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the key is for; required, unless the contract has a name for keys without one')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'What it may be used for; repeat for more')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it may be used for; repeat for more')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'The environment it is for [default: the contract''s first, which is test where there is no other contract]')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The environment it is for [default: the contract''s first, which is test where there is no other contract]')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Who holds it: a customer, a team, a service')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: 90d, 1y, 2027-01-31 (the end of that day, UTC), RFC 3339, or never [default: the contract''s, or never]')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'How often it may be used, for example 60/min,3000/hour,50000/day')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A fact for your own tools; repeat for more')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'A remark')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The public key, `-` for standard input: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK')
            [CompletionResult]::new('--public-key', '--public-key', [CompletionResultType]::ParameterName, 'The public key, `-` for standard input: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--from-cert', '--from-cert', [CompletionResultType]::ParameterName, 'Take the key out of an X.509 certificate; nothing else in it is looked at')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be registered, and register nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;activate' {
            [CompletionResult]::new('--private-key', '--private-key', [CompletionResultType]::ParameterName, 'The file with its secret, whatever its type; `-` for standard input')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The file with its secret, whatever its type; `-` for standard input')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the proof, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;list' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Held by')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'With this label; all of them if repeated')
            [CompletionResult]::new('--expiring-within', '--expiring-within', [CompletionResultType]::ParameterName, 'That expire within a time from now')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Not used for so long; a key that was never used counts from its making')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With this status; repeat for more')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order by a field; with a minus in front, largest first [default: newest first]')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Continue after this key, in the same order')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--never-used', '--never-used', [CompletionResultType]::ParameterName, 'Never used')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Those that are over too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Those that are over too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;ls' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Held by')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'With this label; all of them if repeated')
            [CompletionResult]::new('--expiring-within', '--expiring-within', [CompletionResultType]::ParameterName, 'That expire within a time from now')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Not used for so long; a key that was never used counts from its making')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With this status; repeat for more')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order by a field; with a minus in front, largest first [default: newest first]')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Continue after this key, in the same order')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--never-used', '--never-used', [CompletionResultType]::ParameterName, 'Never used')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Those that are over too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Those that are over too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;show' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;revoke' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Of this type; repeat for more')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Of this environment; repeat for both')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'With this scope; all of them if repeated')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Held by')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'With a name that matches: * ? [abc]')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'With this label; all of them if repeated')
            [CompletionResult]::new('--expiring-within', '--expiring-within', [CompletionResultType]::ParameterName, 'That expire within a time from now')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Not used for so long; a key that was never used counts from its making')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why (RFC 5280, section 5.3.1)')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'A remark on the revocation')
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'From then on: a time from now')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'From then on: a date or an RFC 3339 time')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--never-used', '--never-used', [CompletionResultType]::ParameterName, 'Never used')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be revoked, and revoke nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;policy' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the rules in force; as JSON, the whole contract')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one rule; keys that are there stay as they are')
            [CompletionResult]::new('load', 'load', [CompletionResultType]::ParameterValue, 'Put the keyring under another contract; keys that are there stay as they are')
            break
        }
        'keywright;policy;show' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;policy;set' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;policy;load' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;owner' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Say what an owner is entitled to')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the owners that were set')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one owner')
            break
        }
        'keywright;owner;set' {
            [CompletionResult]::new('--usage-level', '--usage-level', [CompletionResultType]::ParameterName, 'The usage level, in the service''s own words')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;owner;list' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;owner;show' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;audit' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: a time ago (7d), a day (from its beginning, UTC) or RFC 3339')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after: a time ago, a day (to its end, UTC) or RFC 3339')
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Only this; repeat for more')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Only what this account did')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many, the newest')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that the log is the one that was written, and print the hash of its newest row')
            break
        }
        'keywright;audit;verify' {
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'Also that a row with this hash is there still: what an earlier run printed')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;completions' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keywright;man' {
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'The keyring file [default: keywright/keyring.db in the user''s data directory]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print data')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour on terminals; `NO_COLOR` is heeded')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Sets the clock, for tests; audit rows tell')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No talk on standard error but errors; data is printed all the same')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
