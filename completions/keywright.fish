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

complete -c keywright -n "__fish_keywright_needs_command" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_needs_command" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_needs_command" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_needs_command" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_needs_command" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_needs_command" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_needs_command" -s V -l version -d 'Print version'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "generate" -d 'Generate keys and deliver the secrets to standard output, a file or a command'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "create" -d 'Register a public key whose private key stays with its holder'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "rotate" -d 'Replace keys with new ones that have the same description, and end the old keys'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "activate" -d 'Activate pending keys, given their secrets'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "exchange" -d 'Exchange a pair for a short-lived bearer token'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "list" -d 'List keys; use --all to include ended keys'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "ls" -d 'List keys; use --all to include ended keys'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "show" -d 'Show one key; `show -` shows the key that a secret belongs to'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "status" -d 'Show which keyring is in use, and what is in it'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "audit" -d 'Print the audit log, or verify that it was not altered'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "check" -d 'Report expiring and unused keys, damage, and unsafe file modes'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "verify" -d 'Verify a secret; the exit status is 0 if it is valid and 1 if not'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "verify-request" -d 'Verify a signed request, and show the key that signed it'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "sign" -d 'Sign a request with a private key; no keyring is needed'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "export" -d 'Export keys or a revocation list for verification elsewhere'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "update" -d 'Change the fields of a key, such as its name, owner or scopes'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "disable" -d 'Suspend keys until they are enabled again'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "enable" -d 'Enable disabled keys'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "revoke" -d 'Revoke keys permanently'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "purge" -d 'Delete ended keys; their audit rows remain'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "init" -d 'Create a keyring (`generate`, `create` and `import` create one if needed)'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "policy" -d 'Show or change the rules for new keys'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "owner" -d 'Show or set the usage levels of owners'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "backup" -d 'Back up the keyring to a new file, even while the keyring is in use'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "restore" -d 'Restore a backup; keys that have ended since the backup stay ended'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "import" -d 'Import keys from another keyring, another system, or files'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "man" -d 'Print a manual page'
complete -c keywright -n "__fish_keywright_needs_command" -f -a "help" -d 'Show the help of a command, or a page about a topic'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s n -l name -d 'Name of the key; required unless the contract has a default name' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s s -l scope -d 'Scope to grant (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s e -l env -d 'Environment of the key [default: the contract\'s first, or test]' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l owner -d 'Owner of the key: a customer, a team or a service' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l expires -d 'Expiry: a duration such as `90d` or `1y`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never [default: the contract\'s, or never]' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l rate-limit -d 'Rate limit, such as `60/min,3000/hour,50000/day`' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l allow-ip -d 'Address or network from which the key may be used, such as 192.0.2.0/24 (repeatable, or separated by commas) [default: any address]' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l label -d 'Label for your own tools (repeatable)' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l note -d 'Note about the key' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s t -l type -d 'Type of the key [default: the contract\'s first type, or rsa]' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l count -d 'Issue N keys, all or none, named NAME-1 to NAME-N; their secrets are written as JSON, one key per line' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l from -d 'Issue the keys that FILE describes, all or none; FILE has one JSON object per line; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l bits -d 'Size of the RSA modulus in bits [default: 3072, or the old key\'s size when rotating; at least the contract\'s minimum]' -r -f -a "2048\t'about 112 bits of security'
3072\t'about 128 bits of security'
4096\t'about 152 bits of security'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l prime-search -d 'Implementation of the search for RSA primes, for tests' -r -f -a "auto\t'the fastest implementation for this processor'
portable\t'the implementation for every processor'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l prefix -d 'Prefix of tokens and pairs [default: the contract\'s, otherwise the old key\'s when rotating, otherwise kw]' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s o -l out -d 'Write the secret to a new FILE with mode 0600; an existing file is never overwritten; `-` for standard output' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l secret-format -d 'Format of the secret' -r -f -a "raw\t'only the secret'
dotenv\t'NAME=value lines'
k8s-secret\t'a Kubernetes Secret in YAML'
json\t'a JSON object'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l pem -d 'PEM format of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract\'s, or pkcs8]' -r -f -a "pkcs8\t'BEGIN PRIVATE KEY'
pkcs1\t'BEGIN RSA PRIVATE KEY'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l public-out -d 'Also write the public key to a new FILE; an existing file is never overwritten' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l if-not-exists -d 'If the key already exists, show it instead of generating one'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -l dry-run -d 'Show what would be generated, but generate nothing'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s p -l public-key -d 'Read the public key from FILE: SPKI or PKCS#1 in PEM or DER, an ssh-rsa line, or an RSA JWK; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand create" -s n -l name -d 'Name of the key; required unless the contract has a default name' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -s s -l scope -d 'Scope to grant (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -s e -l env -d 'Environment of the key [default: the contract\'s first, or test]' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l owner -d 'Owner of the key: a customer, a team or a service' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l expires -d 'Expiry: a duration such as `90d` or `1y`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never [default: the contract\'s, or never]' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l rate-limit -d 'Rate limit, such as `60/min,3000/hour,50000/day`' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l allow-ip -d 'Address or network from which the key may be used, such as 192.0.2.0/24 (repeatable, or separated by commas) [default: any address]' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l label -d 'Label for your own tools (repeatable)' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l note -d 'Note about the key' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand create" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand create" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand create" -l from-cert -d 'Read the public key from an X.509 certificate; the rest of the certificate is ignored'
complete -c keywright -n "__fish_keywright_using_subcommand create" -l dry-run -d 'Show what would be registered, but register nothing'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l overlap -d 'Time for which the old key remains valid once the new key is active; 0 revokes the old key immediately [default: 24h]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l reason -d 'Reason for revoking the old key, with --overlap 0 [default: superseded]' -r -f -a "unspecified\t'no reason given'
key-compromise\t'somebody else knows, or may know, the secret'
superseded\t'replaced by another key'
cessation-of-operation\t'no longer needed'
privilege-withdrawn\t'the owner may no longer use the key'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l expires -d 'Expiry of the new key: a duration such as `90d`, a date (end of day, UTC), an RFC 3339 time, or never [default: the lifetime of the old key, counted from now]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l allow-ip -d 'Address or network from which the new key may be used (repeatable, or separated by commas) [default: those of the old key]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l public-key -d 'Register the public key in FILE as the new key instead of generating one; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l bits -d 'Size of the RSA modulus in bits [default: 3072, or the old key\'s size when rotating; at least the contract\'s minimum]' -r -f -a "2048\t'about 112 bits of security'
3072\t'about 128 bits of security'
4096\t'about 152 bits of security'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l prime-search -d 'Implementation of the search for RSA primes, for tests' -r -f -a "auto\t'the fastest implementation for this processor'
portable\t'the implementation for every processor'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l prefix -d 'Prefix of tokens and pairs [default: the contract\'s, otherwise the old key\'s when rotating, otherwise kw]' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s o -l out -d 'Write the secret to a new FILE with mode 0600; an existing file is never overwritten; `-` for standard output' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l secret-format -d 'Format of the secret' -r -f -a "raw\t'only the secret'
dotenv\t'NAME=value lines'
k8s-secret\t'a Kubernetes Secret in YAML'
json\t'a JSON object'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l pem -d 'PEM format of an RSA private key: PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017) [default: the contract\'s, or pkcs8]' -r -f -a "pkcs8\t'BEGIN PRIVATE KEY'
pkcs1\t'BEGIN RSA PRIVATE KEY'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l public-out -d 'Also write the public key to a new FILE; an existing file is never overwritten' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l out-dir -d 'Rotate all selected keys, and write each secret to a new file with mode 0600 in DIR; if interrupted, run the same command again to continue' -r -f -a "(__fish_complete_directories)"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l retire-on-use -d 'End the old key when the new key is first used or when the overlap ends, whichever is earlier'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l from-cert -d 'Read the public key from an X.509 certificate; the rest of the certificate is ignored'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l dry-run -d 'Show what would be rotated, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l private-key -l secret -d 'Read the secret of the key from FILE: a private key, a token or an `api_secret`; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l from -d 'Activate all keys whose secrets are in FILE, all or none; FILE has one JSON object per line, as written by `generate --count` and `generate --from`; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand activate" -l dry-run -d 'Check the secrets, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand activate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l token-file -d 'Read the pair from FILE [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s s -l scope -d 'Scope of the bearer token (repeatable, or separated by commas) [default: all scopes of the key]' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l ip -d 'Address from which the pair is used; required if the key is restricted to specific networks' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l ttl -d 'Time to live of the bearer token, such as `10m` [default: the contract\'s maximum]' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s o -l out -d 'Write the bearer token to a new FILE with mode 0600; an existing file is never overwritten; `-` for standard output' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -l dry-run -d 'Show what would be issued, but issue nothing'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand exchange" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l status -d 'Keys with this status (repeatable, or separated by commas)' -r -f -a "pending\t'generated, but delivery is not confirmed'
active\t'can authenticate'
disabled\t'suspended until it is enabled again'
expired\t'past its expiry'
revoked\t'ended permanently, before its expiry'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l sort -d 'Sort by FIELD, or by -FIELD in descending order [default: newest first]' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l limit -d 'Show at most N keys' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l after -d 'List only the keys that come after KEY in the sort order' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand list" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand list" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand list" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s a -l all -d 'Include keys that have ended'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l status -d 'Keys with this status (repeatable, or separated by commas)' -r -f -a "pending\t'generated, but delivery is not confirmed'
active\t'can authenticate'
disabled\t'suspended until it is enabled again'
expired\t'past its expiry'
revoked\t'ended permanently, before its expiry'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l sort -d 'Sort by FIELD, or by -FIELD in descending order [default: newest first]' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l limit -d 'Show at most N keys' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l after -d 'List only the keys that come after KEY in the sort order' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand ls" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s a -l all -d 'Include keys that have ended'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand show" -s e -l env -d 'Environment of the key, if keys in both environments have the name' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand show" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand show" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand show" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand show" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand show" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand show" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand status" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand status" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand status" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand status" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand status" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand status" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l since -d 'Show only rows since WHEN: a duration before now (`7d`), a date (the start of that day, UTC) or an RFC 3339 time' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l until -d 'Show only rows until WHEN: a duration before now, a date (the end of that day, UTC) or an RFC 3339 time' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l action -d 'Show only rows with this action (repeatable)' -r -f -a "init\t'the keyring was created'
reserve\t'a key was generated, but not yet delivered'
activate\t'a key was delivered, or its holder proved possession of the secret'
discard\t'a key was deleted because its secret was not delivered'
sweep\t'a pending key was deleted because it was not activated in time'
register\t'a public key was registered'
rotate\t'a key was replaced by another key'
revoke\t'a key was revoked, or its revocation was scheduled'
update\t'the fields of a key were changed'
disable\t'a key was disabled'
enable\t'a disabled key was enabled'
purge\t'an ended key was deleted'
import\t'a key was imported from another keyring or system'
restore\t'a backup was restored, or a key was added or changed by a restore'
retire\t'a key expired because its successor was used'
exchange\t'a pair was exchanged for a bearer token'
withdraw\t'a bearer token was deleted because it was not delivered'
policy\t'the contract was changed'
owner\t'the usage level of an owner was changed'
accept-clock\t'the time of the system clock became the keyring time'
baseline\t'the states of all objects were recorded, because an earlier version recorded none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l user -d 'Show only rows that this user caused' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l limit -d 'Show only the newest N rows' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -a "verify" -d 'Verify that the log was not altered, and print the hash of its newest row'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and not __fish_seen_subcommand_from verify accept-clock" -a "accept-clock" -d 'Accept the time of the system clock although the keyring has later changes'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l head -d 'Also check that the log still has the row with this hash, which an earlier run printed' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand audit; and __fish_seen_subcommand_from accept-clock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand check" -l expiring-within -d 'Report keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l unused-for -d 'Report keys that have not been used for this long' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l pending-for -d 'Report keys that have been pending for this long' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -l only -d 'Report only findings of this kind (repeatable, or separated by commas)' -r -f -a "exposed\t'other users can write to the keyring, or to a directory through which they can replace it'
not-owned\t'the keyring, or a directory above it, belongs to another user'
linked\t'the keyring file has a second hard link, or is mounted as a single file'
damaged-file\t'SQLite reports damage in the keyring file'
damaged-key\t'the row of a key does not match its digest'
damaged-row\t'the row of a bearer token or a tombstone is damaged'
damaged-log\t'the audit log was altered'
contradiction\t'the keyring contradicts the audit log or a tombstone'
damaged-contract\t'the contract of the keyring is invalid'
clock-behind\t'the system clock is behind the audit log'
readable\t'other users can read the keyring'
expiring\t'a key expires soon'
pending\t'a key has been pending for too long'
over-scoped\t'a key has every scope that the contract knows, or the wildcard `*`'
star-scope\t'a `*` in one of the scopes of a key has a different meaning under the current contract'
irregular-text\t'the name or the owner of a key can be mistaken for a different name or owner'
weak-rsa\t'an RSA key is smaller than the contract now allows'
unused\t'a key has not been used for a long time'
never-used\t'a key has been active for a long time but has never been used'
expired\t'a key has expired but is not revoked'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l skip -d 'Do not report findings of this kind (repeatable, or separated by commas)' -r -f -a "exposed\t'other users can write to the keyring, or to a directory through which they can replace it'
not-owned\t'the keyring, or a directory above it, belongs to another user'
linked\t'the keyring file has a second hard link, or is mounted as a single file'
damaged-file\t'SQLite reports damage in the keyring file'
damaged-key\t'the row of a key does not match its digest'
damaged-row\t'the row of a bearer token or a tombstone is damaged'
damaged-log\t'the audit log was altered'
contradiction\t'the keyring contradicts the audit log or a tombstone'
damaged-contract\t'the contract of the keyring is invalid'
clock-behind\t'the system clock is behind the audit log'
readable\t'other users can read the keyring'
expiring\t'a key expires soon'
pending\t'a key has been pending for too long'
over-scoped\t'a key has every scope that the contract knows, or the wildcard `*`'
star-scope\t'a `*` in one of the scopes of a key has a different meaning under the current contract'
irregular-text\t'the name or the owner of a key can be mistaken for a different name or owner'
weak-rsa\t'an RSA key is smaller than the contract now allows'
unused\t'a key has not been used for a long time'
never-used\t'a key has been active for a long time but has never been used'
expired\t'a key has expired but is not revoked'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand check" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand check" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand check" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand check" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l token-file -d 'Read the token, bearer token or pair from FILE [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s s -l scope -d 'Require this scope (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s e -l env -d 'Require this environment' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l ip -d 'Address from which the key is used; required if the key is restricted to specific networks' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l at -d 'Verify as of this future time (a date or an RFC 3339 time); the use is not recorded' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l no-record -d 'Do not record the use'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -l batch -d 'Answer each JSON line on standard input with one JSON line on standard output'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l input -d 'Read the request from FILE [default: standard input]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l key-id -d 'Id of the key that signed the request' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l timestamp -d 'Time of the signature in milliseconds since 1970' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l method -d 'HTTP method, in uppercase' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l path -d 'Absolute path, without the query' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l signature -d 'Signature, in standard base64' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s s -l scope -d 'Require this scope (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s e -l env -d 'Require this environment' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l ip -d 'Address from which the key is used; required if the key is restricted to specific networks' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l max-skew -d 'Maximum difference between the timestamp and the current time' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l no-record -d 'Record neither the request nor the use, so the same request can be accepted again'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -l explain -d 'If the request is malformed or its signature is wrong, report the most likely mistake'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand verify-request" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l private-key -d 'Read the RSA private key from FILE: PKCS#8 or PKCS#1 in PEM or DER; `-` for standard input' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l key-id -d 'Id of the key at the service' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l method -d 'HTTP method, which is signed in uppercase' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l path -d 'Absolute path or full URL; the query is not signed' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l timestamp -d 'Time of the signature in milliseconds since 1970 [default: now]' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l format -d 'Output format' -r -f -a "headers\t'the three headers, one per line'
json\t'one JSON object with the three headers'
curl\t'a curl command line'"
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand sign" -l insecure-permissions -d 'Accept a private key file that other users can access'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -s o -l out -d 'Write to FILE, replacing an existing file atomically; `-` for standard output' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand export" -l format -d 'Output format' -r -f -a "jwks\t'a JWK set of the RSA keys (RFC 7517)'
pem\t'the public RSA keys in PEM'
jsonl\t'one JSON object per key, with the hash of its secret'
revocations\t'a JSON list of the revoked keys'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand export" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand export" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand export" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s a -l all -d 'Include keys that are not active; with --format revocations, include scheduled revocations'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s e -l env -d 'Environment of the key, if keys in both environments have the name' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand update" -s n -l name -d 'New name' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l owner -d 'New owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l add-scope -d 'Scope to add (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l remove-scope -d 'Scope to remove (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l expires -d 'New expiry: a duration such as `90d`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l rate-limit -d 'New rate limit, such as `60/min`; the limits of other windows do not change' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l allow-ip -d 'Address or network to allow (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l remove-ip -d 'Address or network to remove (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l label -d 'Label to set (repeatable)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l remove-label -d 'Label to remove (repeatable)' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l note -d 'New note' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand update" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand update" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand update" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-owner -d 'Remove the owner'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-rate-limit -d 'Remove the rate limit'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-allow-ip -d 'Allow every address'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l no-note -d 'Remove the note'
complete -c keywright -n "__fish_keywright_using_subcommand update" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l reason -d 'Reason for the revocation (RFC 5280, section 5.3.1)' -r -f -a "unspecified\t'no reason given'
key-compromise\t'somebody else knows, or may know, the secret'
superseded\t'replaced by another key'
cessation-of-operation\t'no longer needed'
privilege-withdrawn\t'the owner may no longer use the key'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l note -d 'Note on the revocation' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l in -d 'Revoke after this duration, such as `12h` [default: now]' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l at -d 'Revoke at this time: a date (the end of that day, UTC) or an RFC 3339 time' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -l dry-run -d 'Show what would be revoked, but revoke nothing'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l ended-before -d 'Delete keys that ended before WHEN: a duration before now (`90d`), a date (the start of that day, UTC) or an RFC 3339 time' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s t -l type -d 'Keys of this type (repeatable, or separated by commas)' -r -f -a "rsa\t'an RSA key pair'
token\t'one secret string'
pair\t'a public api_key with an api_secret'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s e -l env -d 'Keys in this environment (repeatable, or separated by commas)' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s s -l scope -d 'Keys with this scope (repeatable, or separated by commas; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l owner -d 'Keys that belong to this owner' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s n -l name -d 'Keys whose name matches GLOB, which can contain `*`, `?` and `[abc]`' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l label -d 'Keys with this label (repeatable; all must match)' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l expiring-within -d 'Keys that expire within this time' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l unused-for -d 'Keys that have not been used for at least this long, counted from their creation if they have never been used' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l dry-run -d 'List the keys that would be deleted, but delete nothing'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -l never-used -d 'Keys that have never been used'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand init" -l contract -d 'Contract of the keyring: default, kalshi, polynode, yativo, imtegrate, or a contract file' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand init" -l org-id -d 'Id of the organization [default: a random one]' -r
complete -c keywright -n "__fish_keywright_using_subcommand init" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand init" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand init" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand init" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand init" -l dry-run -d 'Show what would be created, but create nothing'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "show" -d 'Print the rules in force; with --format json, print the complete contract'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "set" -d 'Change one rule; existing keys do not change'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and not __fish_seen_subcommand_from show set load" -f -a "load" -d 'Replace the contract of the keyring; existing keys do not change'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand policy; and __fish_seen_subcommand_from load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "set" -d 'Set the usage level of an owner'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "list" -d 'List the owners that have a usage level'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and not __fish_seen_subcommand_from set list show" -f -a "show" -d 'Show the usage level of an owner'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l usage-level -d 'Usage level, as defined by the service' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would change, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand owner; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand backup" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand restore" -l dry-run -d 'Show what would be restored, but change nothing'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand import" -l owner -d 'Owner of the keys' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -s e -l env -d 'Environment of the keys [default: the contract\'s first, or test]' -r -f -a "test\t'for development and tests'
live\t'for production'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -s s -l scope -d 'Scope to grant (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l allow-ip -d 'Address or network from which the keys may be used (repeatable, or separated by commas)' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l label -d 'Label for your own tools (repeatable)' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l expires -d 'Expiry: a duration such as `90d`, a date (end of day, UTC), an RFC 3339 time, or never' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l prefix -d 'Public prefix of the tokens of another system, which `show` prints in place of the token' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand import" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand import" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand import" -l dry-run -d 'Show what would be imported, but import nothing'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand completions" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand man" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand man" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand man" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand man" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand man" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand man" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keywright -n "__fish_keywright_using_subcommand help" -l keyring -d 'Keyring file; overrides `KEYWRIGHT_KEYRING` [default: keywright/keyring.db in the user\'s data directory]' -r -F
complete -c keywright -n "__fish_keywright_using_subcommand help" -l format -d 'Output format' -r -f -a "table\t'a table for people to read'
json\t'one JSON document'
jsonl\t'one JSON object per line'
csv\t'comma-separated values with a header (RFC 4180)'
id\t'one id per line'
contract\t'the document that the keyring\'s contract defines, or JSON if the contract defines none'"
complete -c keywright -n "__fish_keywright_using_subcommand help" -l color -d 'Control when color is used; `NO_COLOR` disables color unless WHEN is `always`' -r -f -a "auto\t'use color on a terminal'
always\t'always use color'
never\t'never use color'"
complete -c keywright -n "__fish_keywright_using_subcommand help" -l now -d 'Use TIME as the current time, for tests; the audit log records that the clock was set' -r
complete -c keywright -n "__fish_keywright_using_subcommand help" -l all -d 'Summarize every command in one line'
complete -c keywright -n "__fish_keywright_using_subcommand help" -s q -l quiet -d 'Print only errors and prompts to standard error'
complete -c keywright -n "__fish_keywright_using_subcommand help" -s y -l yes -d 'Answer yes to all confirmation prompts'
complete -c keywright -n "__fish_keywright_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
