//! One scenario for each error code.

/// The error codes, each with a shell script that ends with the code. [`PROLOGUE`] defines the commands of the scripts.
pub(super) const SCENARIOS: &[(&str, &str)] = &[
    (
        "invalid_client",
        "q generate --name p --type pair --secret-format json --out p; q revoke p; k exchange --token-file p",
    ),
    ("usage", "k generate --no-such-option"),
    ("confirmation_required", "token a; \"$K\" revoke a"),
    ("invalid_name", "k generate --name '' --type token"),
    ("name_required", r#"k create --public-key "$KEYS/rsa2048.spki.pem""#),
    ("invalid_owner", "k generate --name a --type token --owner ''"),
    ("invalid_note", "k generate --name a --type token --note ''"),
    ("invalid_label", "k generate --name a --type token --label novalue"),
    ("invalid_scope", "k generate --name a --type token --scope 'a\"b'"),
    ("scope_unknown", r#"rule scopes.known '["read"]'; k generate --name a --type token --scope write"#),
    ("scope_needs", r#"rule scopes.needs '{"a":["b"]}'; k generate --name a --type token --scope a"#),
    ("invalid_usage_level", "q init; k owner set acme --usage-level Premier!"),
    ("contract_invalid", "q init; k policy set no.such.rule 1"),
    ("public_key_required", "register rsa2048.spki.pem > /dev/null; k rotate x --out y"),
    ("invalid_prefix", "k generate --name a --type token --prefix A"),
    ("invalid_allowed_ip", "k generate --name a --type token --allow-ip 192.0.2.1/24"),
    ("invalid_rate_limit", "k generate --name a --type token --rate-limit 60/fortnight"),
    ("invalid_time", "k generate --name a --type token --expires yesterday"),
    ("invalid_reference", "q init; k show ''"),
    ("secret_in_text", "q generate -n t --type token -o t; k update t --note \"replaces $(cat t)\""),
    ("invalid_secret", "q init; echo nonsense | k show -"),
    ("invalid_request", "key; k sign --private-key key --key-id $ID --method GET --path '/ /'"),
    ("invalid_line", "echo nonsense > lines; k generate --type token --from lines"),
    ("input_unreadable", "k create --name x --public-key missing"),
    ("input_too_large", "q init; head -c 100000 /dev/zero | k verify"),
    ("input_not_regular", "k create --name x --public-key ."),
    ("import_malformed", r#"echo '{"name":"a"}' > lines.jsonl; k import lines.jsonl"#),
    (
        "import_refused",
        r#"echo '{"name":"a"}' > lines.jsonl; echo '{"name":"b"}' >> lines.jsonl; k import lines.jsonl"#,
    ),
    ("private_key_given", "register rsa2048.private.pkcs8.pem"),
    ("private_key_exposed", "key; chmod 644 key; k sign --private-key key --key-id $ID --method GET --path /"),
    ("certificate_given", "register rsa2048.cert.pem"),
    ("public_key_missing", "register rsa2048.csr.pem"),
    ("public_key_malformed", r#"head -c 100 "$KEYS/rsa2048.spki.der" | k create --name x --public-key -"#),
    ("multiple_keys", r#"cat "$KEYS/rsa2048.spki.pem" "$KEYS/rsa3072.spki.pem" | k create --name x --public-key -"#),
    ("trailing_data", r#"{ cat "$KEYS/rsa2048.spki.der"; echo; } | k create --name x --public-key -"#),
    ("unsupported_algorithm", "register ed448.spki.pem"),
    ("unsupported_parameters", "register pss-sha512.spki.pem"),
    ("key_too_small", "register weak-1024.pem"),
    ("key_too_large", "register weak-8200.pem"),
    ("key_size_uneven", "register weak-2052.pem"),
    ("exponent_even", "register weak-e65538.pem"),
    ("exponent_too_small", "register weak-e3.pem"),
    ("exponent_too_large", "register weak-e2p33p1.pem"),
    ("modulus_small_factor", "register weak-factor65537.pem"),
    ("modulus_prime", "register weak-prime.pem"),
    ("modulus_square", "register weak-square.pem"),
    ("modulus_close_primes", "register weak-close.pem"),
    ("modulus_roca", "register weak-roca2048.pem"),
    ("modulus_pattern", "register weak-repeated.pem"),
    ("point_order", "register ed25519-small.pem"),
    ("not_found", "q init; k show nobody"),
    ("contract_unknown", "k init --contract nobody"),
    ("keyring_missing", "k list"),
    ("name_taken", "token a; k generate --name a --type token"),
    ("key_registered", "register rsa2048.spki.pem > /dev/null; register rsa2048.spki.pem --env live"),
    ("ambiguous", "rule name.unique false; token a; q generate --name a --type token --out b; k show a"),
    ("wrong_state", "token a; q revoke a; k disable a"),
    ("rotation_in_progress", "token a; crash rotate a; k rotate a --out b"),
    ("proof_failed", "token a; crash generate --name p --type token; k activate p --private-key a"),
    ("keyring_exists", "q init; k init"),
    ("organization_mismatch", "q init; q backup saved; rm keyring.db; q init; k restore saved"),
    (
        "restore_conflict",
        "q init; cp keyring.db empty; token a; q backup saved; mv empty keyring.db; rm a; token a; k restore saved",
    ),
    ("file_exists", "touch a; k generate --name a --type token --out a"),
    ("keyring_file", "k generate --name a --type token --out keyring.db"),
    ("type_refused", r#"rule types '["token"]'; k generate --name a --type pair"#),
    ("env_refused", r#"rule environments '["live"]'; k generate --name a --type token --env test"#),
    ("prefix_refused", "rule prefix.test acme; k generate --name a --type token --prefix kw"),
    ("name_refused", "rule name.pattern 'svc-*'; k generate --name a --type token"),
    ("scope_required", "rule scopes.required true; k generate --name a --type token"),
    (
        "scope_exceeded",
        "q generate --name p --type pair --secret-format json --out p; k exchange --token-file p --scope admin",
    ),
    ("lifetime_too_long", "rule expiry.longest 90d; k generate --name a --type token --expires 91d"),
    (
        "owner_required",
        "rule issue_limit 1/day; q generate --name a --type token --owner o --out a; k update a --no-owner",
    ),
    ("expiry_required", "rule expiry.required_live true; k generate --name a --type token --env live"),
    ("allowed_ips_required", "rule allowed_ips.required_live true; k generate --name a --type token --env live"),
    (
        "allowed_ips_refused",
        "rule allowed_ips.most 1; k generate --name a --type token --allow-ip 10.0.0.0/8,192.0.2.1",
    ),
    (
        "wildcard_refused",
        "rule scopes.wildcards true; q generate --name a --type token --scope r:* --out a; rule scopes.wildcards false; k rotate a --out b",
    ),
    ("rate_limit_refused", "rule rate_limit.most 60/min; k generate --name a --type token --rate-limit 61/min"),
    ("key_size_refused", "rule rsa.smallest 3072; register rsa2048.spki.pem"),
    ("own_key_refused", "rule own_public_key nobody; register rsa2048.spki.pem"),
    ("usage_level_insufficient", r#"rule own_public_key '["gold"]'; register rsa2048.spki.pem --owner o"#),
    (
        "issue_limit_exceeded",
        "rule issue_limit 1/day; q generate --name a --type token --owner o --out a; k generate --name b --type token --owner o",
    ),
    ("keyring_corrupt", "token a; printf x >> keyring.db; k list"),
    ("keyring_foreign", "head -c 10000 /dev/zero > keyring.db; chmod 600 keyring.db; k list"),
    ("keyring_exposed", "q init; chmod 666 keyring.db; k list"),
    ("keyring_linked", "q init; ln keyring.db other.db; k generate --name a --type token --out a"),
    ("keyring_failed", "k init --keyring new/"),
    ("output_directory", "k generate --name a --type token --out no/where"),
    ("stdout_closed", "k generate --name a --type token 1< /dev/null"),
    ("stdout_discarded", "k generate --name a --type token > /dev/null"),
    ("stdout_exposed", "echo > out; chmod 644 out; k generate --name a --type token >> out"),
    ("not_delivered", "k generate --name a --type token > /dev/full"),
    ("command_missing", "k generate --name a --type token -- no-such-command"),
    ("command_failed", "k generate --name a --type token -- false"),
    (
        "rotation_incomplete",
        r#"q generate --name a --type token --scope a --expires 1d --out a; rule scopes.known '["b"]'
        k rotate --expiring-within 2d --expires 90d --out-dir new --format json > /dev/null"#,
    ),
    (
        "activation_unknown",
        "q init; k generate --name a --type token -- sh -c 'cat > /dev/null; printf x > keyring.db'",
    ),
    ("backup_failed", "token a; ulimit -f 1; k backup saved"),
    ("output_failed", "k generate --name a --type token --out a --format json > /dev/full"),
    ("interrupted", "k generate --name a --type token -- sh -c 'kill -TERM $PPID; exec sleep 30'"),
];

/// The definitions of the commands of the scripts. Each script runs in an empty home, with the keyring `keyring.db`.
pub(super) const PROLOGUE: &str = r#"
    # Runs keywright.
    k() { "$K" --yes "$@"; }
    # Runs keywright, which has to succeed and is not heard.
    q() { k --quiet "$@" > quiet.out 2> quiet.err || { cat quiet.err >&2; exit 99; }; }
    # Generates a token into a file of its name.
    token() { q generate --name "$1" --type token --out "$1"; }
    # Registers a file of `tests/data/keys`.
    register() { file=$1; shift; k create --name x --public-key "$KEYS/$file" "$@"; }
    # Changes a rule of the contract.
    rule() { [ -e keyring.db ] || q init; q policy set "$1" "$2"; }
    # Copies a private key.
    key() { cp "$KEYS/rsa2048.private.pkcs8.pem" key; chmod 600 key; }
    ID=4ab2c9c0-5a4e-4c53-9d1c-8f0b6c1d2e3f
    # Leaves the key of a command pending.
    crash() { k "$@" -- sh -c 'kill -9 $PPID' > /dev/null 2>&1; }
"#;
