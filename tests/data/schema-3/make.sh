#!/bin/sh
# Makes the files of this directory anew. usage: make.sh KEYWRIGHT   (the program of the release that has this schema)
#
# Every command runs at a fixed time, on a machine called `machine`, as the user `tester`; ids and secrets are random.
set -eu
keywright=$(realpath "$1")
cd "$(dirname "$0")"
if [ "$(uname -n)" != machine ]; then
    exec unshare --uts sh -c 'hostname machine; exec sh "$@"' sh "$(pwd)/$(basename "$0")" "$keywright"
fi
work=$(mktemp -d)
keys=$(pwd)/../keys
unset KEYWRIGHT_KEYRING
export HOME="$work" USER=tester LOGNAME=tester
rm -rf secrets
mkdir secrets
chmod 700 secrets
umask 077

# Runs a command on a day of January 2026.
on() {
    day=$1
    shift
    "$keywright" --keyring "$work/keyring.db" --quiet --now "2026-01-${day}T12:00:00Z" --yes "$@"
}
# The same for a command that prints what it did.
quietly() {
    on "$@" > /dev/null
}
id() {
    on 31 show "$1" --format id
}

on 01 init
# One key of every type, and every field.
on 01 generate --name rsa --type rsa --bits 2048 --env live --scope read --scope write --owner acme \
    --rate-limit 60/min,3000/hour,50000/day --label team=core --note "A \"note\" – with more than ASCII" \
    --expires 2030-01-01 --out secrets/rsa.pem
on 01 generate --name token --type token --env live --scope read --owner acme --expires 1y --out secrets/token
on 01 generate --name pair --type pair --scope read --scope write --label team=web --secret-format json --out secrets/pair.json
quietly 01 create --name registered --public-key "$keys/rsa2048.spki.pem" --owner partner --env live
printf 'sk_live_an-opaque-token-of-another-system' > secrets/opaque
printf '{"name":"opaque","secret_sha256":"%s"}\n' "$(sha256sum < secrets/opaque | cut -d ' ' -f 1)" | quietly 01 import - --env live --prefix sk_live_ --owner partner
# A key of every status; those above are active, and one further down is pending.
on 02 generate --name disabled --type token --out secrets/disabled
quietly 03 disable disabled
on 02 generate --name expired --type token --expires 2026-01-03T00:00:00Z --out secrets/expired
on 02 generate --name revoked --type token --out secrets/revoked
quietly 03 revoke revoked --reason key-compromise --note "found in a log"
on 02 generate --name to-be-revoked --type token --out secrets/to-be-revoked
quietly 03 revoke to-be-revoked --reason superseded --at 2027-01-01
# Rotation: with an overlap, with an overlap that the first use ends, at once, and of a key that somebody registered.
on 02 generate --name overlap --type token --out secrets/overlap.old
on 04 rotate overlap --overlap 365d --out secrets/overlap
on 02 generate --name on-use --type token --out secrets/on-use.old
on 04 rotate on-use --overlap 365d --retire-on-use --out secrets/on-use
on 02 generate --name at-once --type rsa --bits 2048 --out secrets/at-once.old.pem
on 04 rotate at-once --overlap 0 --reason superseded --out secrets/at-once.pem
on 02 generate --name used --type token --out secrets/used.old
on 04 rotate used --overlap 365d --retire-on-use --out secrets/used
quietly 05 verify --token-file secrets/used
# A tombstone, a contract, usage levels.
on 02 generate --name purged --type token --out secrets/purged
quietly 02 revoke purged
quietly 05 purge --name purged --ended-before 2026-01-04
on 05 policy set scopes.known '["read","write","trade"]'
on 05 policy set bearer_minutes 1440
on 05 owner set acme --usage-level premier
on 05 owner set partner --usage-level basic
quietly 06 update token --add-scope write --note "changed"
# The program is killed once the secret is out, so the key stays pending.
on 31 generate --name pending --type token --format json -- sh -c 'cat > secrets/pending; kill -9 $PPID' || true
on 31 exchange --token-file secrets/pair.json --scope read --ttl 24h --out secrets/bearer.json
# A use that is recorded, with a signature that was accepted once.
on 31 sign --private-key secrets/rsa.pem --key-id "$(id rsa)" --method GET --path /orders \
    --timestamp 1769860800000 --format headers > "$work/headers"
{ echo "GET /orders HTTP/1.1"; cat "$work/headers"; echo; } > secrets/request.http
quietly 31 verify-request --input secrets/request.http

cp "$work/keyring.db" keyring.db
# A backup of this release has the same bytes, so it is not stored twice.
quietly 31 backup "$work/backup"
cmp "$work/backup" keyring.db
for format in jwks pem jsonl revocations; do
    on 31 export --all --format "$format" > "export.$format"
done
on 31 list --all --format jsonl > list.jsonl
on 31 audit --format jsonl > audit.jsonl
chmod 644 keyring.db export.* list.jsonl audit.jsonl
chmod 600 secrets/*
rm -r "$work"
