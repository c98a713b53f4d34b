# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_keywright_global_optspecs
    string join \n keyring= format= q/quiet color= y/yes now= h/help V/version
end

function __fish_keywright_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_keywright_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_keywright_using_subcommand
    set -l cmd (__fish_keywright_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c keywright -n "__fish_keywright_needs_command" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_needs_command" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_needs_command" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_needs_command" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_needs_command" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_needs_command" -s V -l version -d 'Print version'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "init" -d 'Make the keyring (the first `generate` or `create` does it too)'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "generate" -d 'Issue a key; its secret leaves once, to standard output, a new file or a command'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "create" -d 'Register a public key whose private half somebody else holds'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "activate" -d 'Activate a pending key, by proof that its secret is there'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "list" -d 'List keys; those that are over only with --all or --status'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "ls" -d 'List keys; those that are over only with --all or --status'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "show" -d 'Show one key'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "verify" -d 'Say whether a secret is valid; the exit status is 0 or 1'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "exchange" -d 'Exchange a pair for a bearer token that lives a while'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "whoami" -d 'Say which key a secret is of'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "update" -d 'Change what describes a key: name, owner, scopes, expiry, rate limit, labels, note'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "disable" -d 'Suspend keys; `enable` takes it back'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "enable" -d 'Let keys work again that were disabled'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "rotate" -d 'Replace a key by a new one with the same facts, and end the old one a while after'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "revoke" -d 'Revoke keys, for good'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "sign" -d 'Sign a request with a private key; needs no keyring'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "verify-request" -d 'Verify a signed request, and say which key signed it and what that may do'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "purge" -d 'Remove keys that are over; their audit rows stay, and they never come back'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "export" -d 'Print keys for those who verify elsewhere, or what was revoked'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "policy" -d 'Show and change the rules that new keys come under'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "owner" -d 'Say what owners are entitled to'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "audit" -d 'Print what was done; `audit verify` checks that nothing of it was changed since'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "check" -d 'Look for trouble ahead: keys that expire or are unused, damage, file modes'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "backup" -d 'Copy the keyring to a new file, while others use it'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "restore" -d 'Bring back what a backup has; nothing that ended since comes back with it'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "import" -d 'Take keys over from another keyring, another system, or files'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "man" -d 'Print a manual page'
complete -c keywright -n "__fish_keywright_using_subcommand init" -l contract -d 'What the keys are: default, kalshi, polynode, yativo, imtegrate, or a contract file' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand init" -l org-id -d 'The organisation\'s id, where it has one already [default: a new one]' -r
complete -c keywright -n "__fish_keywright_using_subcommand init" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand init" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand init" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand init" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand init" -l dry-run -d 'Say what would be made, and make nothing'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s n -l name -d 'What the key is for; required, unless the contract has a name for keys without one' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s s -l scope -d 'What it may be used for; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s e -l env -d 'The environment it is for [default: the contract\'s first, which is test where there is no other contract]' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l owner -d 'Who holds it: a customer, a team, a service' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l expires -d 'When it ends: 90d, 1y, 2027-01-31 (the end of that day, UTC), RFC 3339, or never [default: the contract\'s, or never]' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l rate-limit -d 'How often it may be used, for example 60/min,3000/hour,50000/day' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l label -d 'A fact for your own tools; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l note -d 'A remark' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s t -l type -d 'The kind of key [default: the contract\'s first, which is rsa where there is no other contract]' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l count -d 'Issue so many keys, all or none, named NAME-1 and so on; their secrets leave as JSON, one key a line' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l from -d 'Issue the keys that a file describes, all or none, one JSON object a line; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l bits -d 'Size of the RSA modulus [default: 3072, or the contract\'s least if that is more; of a successor, as before]' -r -f -a "2048\t'about 112 bits of strength'
3072\t'about 128 bits of strength'
4096\t'about 140 bits of strength'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l prime-search -d 'The arithmetic that searches for RSA primes; for tests of the one that this processor would not take' -r -f -a "auto\t'the fastest here'
portable\t'what runs everywhere'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l prefix -d 'What tokens and the public halves of pairs begin with [default: the contract\'s, or kw; of a successor, as before]' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s o -l out -d 'Write the secret to a new file with mode 0600; never overwrites' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l secret-format -d 'How the secret is written: alone, as a .env file, as a Kubernetes Secret, or as JSON' -r -f -a "raw\t'the secret alone'
dotenv\t'NAME="value" lines'
k8s-secret\t'a Kubernetes Secret in YAML'
json\t'a small JSON object'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l pem -d 'The PEM of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract\'s, or pkcs8]' -r -f -a "pkcs8\t'BEGIN PRIVATE KEY'
pkcs1\t'BEGIN RSA PRIVATE KEY'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l public-out -d 'Also write the public key to a new file' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l if-not-exists -d 'If a key of this name and environment is there, show it and make none'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l dry-run -d 'Say what would be made, and make nothing'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s p -l public-key -d 'The public key, `-` for standard input: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand create" -s n -l name -d 'What the key is for; required, unless the contract has a name for keys without one' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -s s -l scope -d 'What it may be used for; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -s e -l env -d 'The environment it is for [default: the contract\'s first, which is test where there is no other contract]' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l owner -d 'Who holds it: a customer, a team, a service' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l expires -d 'When it ends: 90d, 1y, 2027-01-31 (the end of that day, UTC), RFC 3339, or never [default: the contract\'s, or never]' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l rate-limit -d 'How often it may be used, for example 60/min,3000/hour,50000/day' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l label -d 'A fact for your own tools; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l note -d 'A remark' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand create" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l from-cert -d 'Take the key out of an X.509 certificate; nothing else in it is looked at'
complete -c keywright -n "__fish_keywright_using_subcommand create" -l dry-run -d 'Say what would be registered, and register nothing'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l private-key -l secret -d 'The file with its secret, whatever its type; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l from -d 'Activate every key whose secret is in a file, all or none, one JSON document a line, as `generate --count` and `generate --from` deliver them; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l dry-run -d 'Check the proof, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l status -d 'With this status; repeat for more' -r -f -a "pending\t'made, not yet known to be delivered'
active\t'can authenticate'
disabled\t'suspended'
expired\t'its time ran out'
revoked\t'ended for good'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l sort -d 'Order by a field; with a minus in front, largest first [default: newest first]' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l limit -d 'At most so many' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l after -d 'Continue after this key, in the same order' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand list" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s a -l all -d 'Those that are over too'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l status -d 'With this status; repeat for more' -r -f -a "pending\t'made, not yet known to be delivered'
active\t'can authenticate'
disabled\t'suspended'
expired\t'its time ran out'
revoked\t'ended for good'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l sort -d 'Order by a field; with a minus in front, largest first [default: newest first]' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l limit -d 'At most so many' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l after -d 'Continue after this key, in the same order' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s a -l all -d 'Those that are over too'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand show" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand show" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand show" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand show" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand show" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand show" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l token-file -d 'The file with the token or the pair [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s s -l scope -d 'Whether it has this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s e -l env -d 'Whether it is for this environment' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l at -d 'Whether it is valid at a time: a date or an RFC 3339 time; is not noted as a use' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l no-touch -d 'Do not note the use'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l batch -d 'Answer one JSON line on standard output for each on standard input, to its end'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l token-file -d 'The file with the pair [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s s -l scope -d 'A scope of the bearer token; repeat for more [default: all that the key has]' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l ttl -d 'How long it lives [default: what the contract allows at most]' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s o -l out -d 'Write the answer to a new file with mode 0600; never overwrites' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l dry-run -d 'Say what would be issued, and issue nothing'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -l token-file -d 'The file with the secret: a token, a bearer token, a pair or its secret half, a private key [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s n -l name -d 'Its new name' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l owner -d 'Who holds it from now on' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l add-scope -d 'What it may be used for as well; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l remove-scope -d 'What it may not be used for any more; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l expires -d 'When it ends: 90d from now, 2027-01-31 (the end of that day, UTC), RFC 3339, or never' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l rate-limit -d 'How often it may be used, for example 60/min; windows that are not named stay' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l label -d 'A label to set; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l remove-label -d 'A label to take away; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l note -d 'A remark' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand update" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand update" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand update" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-owner -d 'It has no owner'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-rate-limit -d 'It may be used as often as one likes'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-note -d 'It has no remark'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l overlap -d 'How long the old key still works, counted from the delivery of the new secret; 0: it is revoked at once [default: 24h]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l reason -d 'Why the old key is revoked, with --overlap 0 [default: superseded]' -r -f -a "unspecified\t'no reason given'
key-compromise\t'the secret is or may be known to somebody else'
superseded\t'another key took its place'
cessation-of-operation\t'what it was for has ended'
privilege-withdrawn\t'its holder may no longer use it'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l expires -d 'When the new key ends: 90d, 1y, 2027-01-31, RFC 3339, or never [default: it lives as long as the old one was to]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l public-key -d 'Take over with this public key, whose private half somebody else holds; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l bits -d 'Size of the RSA modulus [default: 3072, or the contract\'s least if that is more; of a successor, as before]' -r -f -a "2048\t'about 112 bits of strength'
3072\t'about 128 bits of strength'
4096\t'about 140 bits of strength'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l prime-search -d 'The arithmetic that searches for RSA primes; for tests of the one that this processor would not take' -r -f -a "auto\t'the fastest here'
portable\t'what runs everywhere'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l prefix -d 'What tokens and the public halves of pairs begin with [default: the contract\'s, or kw; of a successor, as before]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s o -l out -d 'Write the secret to a new file with mode 0600; never overwrites' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l secret-format -d 'How the secret is written: alone, as a .env file, as a Kubernetes Secret, or as JSON' -r -f -a "raw\t'the secret alone'
dotenv\t'NAME="value" lines'
k8s-secret\t'a Kubernetes Secret in YAML'
json\t'a small JSON object'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l pem -d 'The PEM of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract\'s, or pkcs8]' -r -f -a "pkcs8\t'BEGIN PRIVATE KEY'
pkcs1\t'BEGIN RSA PRIVATE KEY'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l public-out -d 'Also write the public key to a new file' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l out-dir -d 'Rotate every active key that expires soon, and write each secret to a new file in this directory, with mode 0600; run again after whatever happened, it goes on where it was' -r -f -a "(__fish_complete_directories)"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l retire-on-use -d 'End the old key as soon as the new one is first used, if that is before the overlap is over'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l from-cert -d 'Take the public key out of an X.509 certificate; nothing else in it is looked at'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l dry-run -d 'Say what would be done, and do nothing'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l reason -d 'Why (RFC 5280, section 5.3.1)' -r -f -a "unspecified\t'no reason given'
key-compromise\t'the secret is or may be known to somebody else'
superseded\t'another key took its place'
cessation-of-operation\t'what it was for has ended'
privilege-withdrawn\t'its holder may no longer use it'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l note -d 'A remark on the revocation' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l in -d 'From then on: a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l at -d 'From then on: a date or an RFC 3339 time' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l dry-run -d 'Say what would be revoked, and revoke nothing'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l private-key -d 'The RSA private key, PKCS#8 or PKCS#1 in PEM or DER; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l key-id -d 'The id that the service knows the key by' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l method -d 'The method, in upper case' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l path -d 'The path from the host\'s root, or the whole URL; the query is not signed' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l timestamp -d 'When it is signed, in milliseconds since 1970 [default: now]' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l format -d 'What to print' -r -f -a "headers\t'three header lines'
json\t'one JSON object of the three headers'
curl\t'a curl command line'"
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l insecure-permissions -d 'Take a private key file that others can read'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l input -d 'The file with the request [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l key-id -d 'The id of the key that it is signed with' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l timestamp -d 'When it was signed, in milliseconds since 1970' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l method -d 'The method, in upper case' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l path -d 'The path from the host\'s root, without the query' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l signature -d 'The signature, in standard base64' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s s -l scope -d 'Whether the key has this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s e -l env -d 'Whether the key is for this environment' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l max-skew -d 'How far the timestamp may be from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l no-touch -d 'Do not record the request and the use; the same request is then good again'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l explain -d 'Say which of the usual mistakes was made, if the request is refused for its signature or its form'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l ended-before -d 'Only keys that could not authenticate before then: a time ago (90d), a day (its beginning, UTC) or RFC 3339' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l dry-run -d 'List what would be removed, and remove nothing'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s t -l type -d 'Of this type; repeat for more' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -s e -l env -d 'Of this environment; repeat for both' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -s s -l scope -d 'With this scope; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l owner -d 'Held by' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -s n -l name -d 'With a name that matches: * ? [abc]' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l label -d 'With this label; all of them if repeated' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l expiring-within -d 'That expire within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l unused-for -d 'Not used for so long; a key that was never used counts from its making' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -s o -l out -d 'Write to a file; one that is there is replaced at once' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand export" -l format -d 'What to print' -r -f -a "jwks\t'a JWK set of the RSA keys (RFC 7517)'
pem\t'the public RSA keys in PEM, one after the other'
jsonl\t'one JSON object a key, with the hash of its secret'
revocations\t'a JSON list of the keys that are revoked'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand export" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l never-used -d 'Never used'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s a -l all -d 'Not only those that are active; of revocations, those that are planned too'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "show" -d 'Print the rules in force; as JSON, the whole contract'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "set" -d 'Change one rule; keys that are there stay as they are'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "load" -d 'Put the keyring under another contract; keys that are there stay as they are'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "set" -d 'Say what an owner is entitled to'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "list" -d 'List the owners that were set'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "show" -d 'Show one owner'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l usage-level -d 'The usage level, in the service\'s own words' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l dry-run -d 'Say what would change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l since -d 'Not before: a time ago (7d), a day (from its beginning, UTC) or RFC 3339' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l until -d 'Not after: a time ago, a day (to its end, UTC) or RFC 3339' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l action -d 'Only this; repeat for more' -r -f -a "init\t'the keyring was made'
reserve\t'a key was made and is not yet delivered'
activate\t'a key was delivered, or its holder has proved that they have the secret'
discard\t'a key whose secret could not be delivered was removed'
sweep\t'a key that was never activated was removed after its time to live'
register\t'a public key was registered'
rotate\t'a key was taken over from by another'
revoke\t'a key was revoked, or is to be'
update\t'what describes a key was changed'
disable\t'a key was suspended'
enable\t'a key that was suspended works again'
purge\t'a key that was over was removed'
import\t'a key came from another keyring or system'
restore\t'a backup was restored, and a key came back or changed by it'
retire\t'a key expires, because the one that took over was used'
exchange\t'a pair was exchanged for a bearer token'
withdraw\t'a bearer token that could not be delivered was removed'
policy\t'the contract was changed'
owner\t'what an owner is entitled to was changed'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l user -d 'Only what this account did' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l limit -d 'At most so many, the newest' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify" -a "verify" -d 'Check that the log is the one that was written, and print the hash of its newest row'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l head -d 'Also that a row with this hash is there still: what an earlier run printed' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand check" -l expiring-within -d 'Tell what expires within a time from now' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l unused-for -d 'Tell what was not used for so long' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l pending-for -d 'Tell what is pending for so long' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l only -d 'Look for this alone; repeat for more' -r -f -a "exposed\t'others can write the keyring or its directory'
damaged-file\t'SQLite finds the file damaged'
damaged-key\t'the row of a key does not match its digest'
damaged-row\t'the row of a bearer token or a tombstone is not what was written'
damaged-log\t'the audit log is not the one that was written'
contradiction\t'the audit log or a tombstone contradicts the row of a key'
damaged-contract\t'the keyring\'s contract does not hold'
clock-behind\t'the clock is behind the audit log'
readable\t'others can read the keyring'
expiring\t'a key expires soon'
pending\t'a key is pending for too long'
over-scoped\t'a key has every scope that the contract knows, or the scope `*`'
weak-rsa\t'an RSA key is smaller than the contract allows by now'
unused\t'a key was not used for long'
never-used\t'a key was never used'
expired\t'a key expired and is not revoked'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l skip -d 'Do not look for this; repeat for more' -r -f -a "exposed\t'others can write the keyring or its directory'
damaged-file\t'SQLite finds the file damaged'
damaged-key\t'the row of a key does not match its digest'
damaged-row\t'the row of a bearer token or a tombstone is not what was written'
damaged-log\t'the audit log is not the one that was written'
contradiction\t'the audit log or a tombstone contradicts the row of a key'
damaged-contract\t'the keyring\'s contract does not hold'
clock-behind\t'the clock is behind the audit log'
readable\t'others can read the keyring'
expiring\t'a key expires soon'
pending\t'a key is pending for too long'
over-scoped\t'a key has every scope that the contract knows, or the scope `*`'
weak-rsa\t'an RSA key is smaller than the contract allows by now'
unused\t'a key was not used for long'
never-used\t'a key was never used'
expired\t'a key expired and is not revoked'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand check" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand check" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l dry-run -d 'Say what would come back and change, and change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand import" -l owner -d 'Who holds the keys' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -s e -l env -d 'The environment they are for [default: the contract\'s first]' -r -f -a "test\t'trying things out'
live\t'the real thing'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -s s -l scope -d 'What they may be used for; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l label -d 'A fact for your own tools; repeat for more' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l expires -d 'When they end: 90d, 1y, 2027-01-31, RFC 3339, or never' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l prefix -d 'What the tokens of the other system begin with, for tables and logs' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand import" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l dry-run -d 'Say what would come in, and take nothing in'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand man" -l keyring -d 'The keyring file [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand man" -l format -d 'How to print data' -r -f -a "table\t'for people'
json\t'one JSON document'
jsonl\t'one JSON object a line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id a line'
contract\t'the document of the keyring\'s contract, or JSON where it has none'"
complete -c keywright -n "__fish_keywright_using_subcommand man" -l color -d 'Colour on terminals; `NO_COLOR` is heeded' -r -f -a "auto\t'on a terminal'
always\t'always'
never\t'never'"
complete -c keywright -n "__fish_keywright_using_subcommand man" -l now -d 'Sets the clock, for tests; audit rows tell' -r
complete -c keywright -n "__fish_keywright_using_subcommand man" -s q -l quiet -d 'No talk on standard error but errors; data is printed all the same'
complete -c keywright -n "__fish_keywright_using_subcommand man" -s y -l yes -d 'Answer every question with yes'
complete -c keywright -n "__fish_keywright_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
