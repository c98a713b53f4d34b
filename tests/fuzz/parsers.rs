//! The parsers, each with its seeds and its properties.

mod documents;
mod keys;
mod secrets;
mod values;

use crate::seeds::Seeds;
use documents::{backup, contract, contract_rule, description, import_file, json, lines, signed_request};
use keys::{judged, private_key, public_key, signature};
use keywright::{
    error::Error,
    input::LIMIT,
    key::{
        Env, Handover, KeyId, Label, LabelFilter, Name, Network, Note, Overlap, Owner, RateLimit, Reference,
        RevocationReason, Scope, Time, TokenPrefix, UsageLevel,
    },
    keypair::key_form,
    keyring::RowHash,
};
use secrets::{command_line, command_lines, program, secret, secret_in_text, token_text};
use std::{fmt::Display, str::FromStr};
use values::{duration, expiry, networks, past, pattern, request_parts, scopes};

/// `true` if the parser accepts the input, or the property that is broken.
type Outcome = Result<bool, String>;

pub(super) struct Parser {
    pub(super) name: &'static str,
    /// The time for an input, relative to a fast parser.
    pub(super) cost: usize,
    pub(super) seeds: fn(&Seeds) -> Vec<Vec<u8>>,
    pub(super) run: fn(&[u8], &Seeds) -> Outcome,
}

macro_rules! must {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

use must;

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// Returns everything that an error may print.
fn message(error: &Error) -> String {
    format!("{} {}", error.message(), error.hint())
}

/// Parses text, checks its length in characters, writes it, and parses it again.
fn round_trip<T: FromStr<Err = Error> + Display>(input: &[u8], most: usize) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let Ok(value) = text.parse::<T>() else { return Ok(false) };
    let written = value.to_string();
    must!(written.chars().count() <= most, "{} characters", written.chars().count());
    match written.parse::<T>() {
        Ok(again) => must!(again.to_string() == written, "{written:?} becomes {:?}", again.to_string()),
        Err(error) => return Err(format!("{written:?} is not accepted again: {error}")),
    }
    Ok(true)
}

fn parses<T: FromStr>(input: &[u8]) -> bool {
    std::str::from_utf8(input).is_ok_and(|text| text.parse::<T>().is_ok())
}

const TIMES: &[&str] = &[
    "2027-01-31",
    "2027-01-31T12:00:00Z",
    "2027-01-31T12:00:00.5+02:00",
    "9999-12-31",
    "90d",
    "12h",
    "30min",
    "1y",
    "P90D",
    "PT1H30M",
    "1y 2mo 3d",
    "never",
];

pub(super) const PARSERS: &[Parser] = &[
    Parser {
        name: "public key",
        cost: 1,
        seeds: |seeds| [&seeds.public_keys[..], &seeds.private_keys].concat(),
        run: public_key,
    },
    Parser { name: "public key, judged", cost: 60, seeds: |seeds| seeds.public_keys.clone(), run: judged },
    Parser { name: "private key", cost: 30, seeds: |seeds| seeds.private_keys.clone(), run: private_key },
    Parser {
        name: "key form",
        cost: 1,
        seeds: |seeds| [&seeds.public_keys[..], &seeds.private_keys].concat(),
        run: |input, _| Ok(key_form(input).is_some()),
    },
    Parser { name: "signature", cost: 20, seeds: |seeds| vec![seeds.signature.clone()], run: signature },
    Parser { name: "secret", cost: 1, seeds: |seeds| seeds.secrets.clone(), run: secret },
    Parser { name: "secret in text", cost: 1, seeds: |seeds| seeds.secrets.clone(), run: secret_in_text },
    Parser { name: "token", cost: 1, seeds: |seeds| seeds.secrets.clone(), run: token_text },
    Parser { name: "signed request", cost: 1, seeds: |seeds| seeds.requests.clone(), run: signed_request },
    Parser {
        name: "request parts",
        cost: 1,
        seeds: |_| words(&["GET", "1767225600000", "/a/b%20c", "/a?b=c", "https://h/a"]),
        run: request_parts,
    },
    Parser { name: "contract", cost: 10, seeds: |seeds| seeds.contracts.clone(), run: contract },
    Parser {
        name: "contract rule",
        cost: 10,
        seeds: |_| words(&["scopes.required=true", "scopes.known=[\"a\"]", "issue_limit=null", "name.pattern=a*"]),
        run: contract_rule,
    },
    Parser {
        name: "JSON",
        cost: 1,
        seeds: |seeds| [&seeds.contracts[..], &seeds.descriptions, &seeds.requests].concat(),
        run: json,
    },
    Parser { name: "description of a key", cost: 1, seeds: |seeds| seeds.descriptions.clone(), run: description },
    Parser { name: "import", cost: 4, seeds: |seeds| seeds.imports.clone(), run: import_file },
    Parser {
        name: "lines",
        cost: 4,
        seeds: |seeds| [&seeds.imports[..], &[vec![b'a'; LIMIT - 1], b"\n\na\r\nb".to_vec()]].concat(),
        run: lines,
    },
    Parser { name: "time", cost: 1, seeds: |_| words(TIMES), run: |input, _| round_trip::<Time>(input, 30) },
    Parser { name: "duration", cost: 1, seeds: |_| words(TIMES), run: duration },
    Parser { name: "past time", cost: 1, seeds: |_| words(TIMES), run: past },
    Parser { name: "expiry", cost: 1, seeds: |_| words(TIMES), run: expiry },
    Parser {
        name: "overlap",
        cost: 1,
        seeds: |_| words(&["0", "24h", "7d", "PT2H"]),
        run: |input, _| Ok(round_trip::<Overlap>(input, 1000)? | parses::<Handover>(input)),
    },
    Parser {
        name: "network",
        cost: 1,
        seeds: |_| words(&["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::ffff:1.2.3.4", "::1/128"]),
        run: |input, _| round_trip::<Network>(input, 43),
    },
    Parser {
        name: "networks",
        cost: 1,
        seeds: |_| words(&["10.0.0.0/8 192.0.2.1", "2001:db8::/32 ::1 10.1.0.0/16", "0.0.0.0/0 ::/0"]),
        run: networks,
    },
    Parser {
        name: "scope",
        cost: 1,
        seeds: |_| words(&["orders:read", "a.b/c", "*", "orders:*"]),
        run: |input, _| round_trip::<Scope>(input, 128),
    },
    Parser { name: "scopes", cost: 1, seeds: |_| words(&["a b c", "orders:read orders:write"]), run: scopes },
    Parser {
        name: "name",
        cost: 1,
        seeds: |_| words(&["ci", "Partner Inc.", "käse", "👩‍🚀 x", "नमस्ते", "a‌b"]),
        run: |input, _| round_trip::<Name>(input, 120),
    },
    Parser {
        name: "owner",
        cost: 1,
        seeds: |_| words(&["acme", "Partner Inc.", "käse"]),
        run: |input, _| round_trip::<Owner>(input, 200),
    },
    Parser {
        name: "note",
        cost: 1,
        seeds: |_| words(&["a note", "two\nlines", "käse"]),
        run: |input, _| round_trip::<Note>(input, 1000),
    },
    Parser {
        name: "usage level",
        cost: 1,
        seeds: |_| words(&["basic", "premier"]),
        run: |input, _| round_trip::<UsageLevel>(input, 64),
    },
    Parser {
        name: "label",
        cost: 1,
        seeds: |_| words(&["team=core", "a.b/c=", "k=v=w", "tier"]),
        run: |input, _| Ok(parses::<Label>(input) | parses::<LabelFilter>(input)),
    },
    Parser {
        name: "rate limit",
        cost: 1,
        seeds: |_| words(&["60/min", "60/min,3000/hour,1/day", "1/minute"]),
        run: |input, _| round_trip::<RateLimit>(input, 100),
    },
    Parser { name: "pattern", cost: 1, seeds: |_| words(&["a*b?", "[a-z]*", "**", "\\*"]), run: pattern },
    Parser {
        name: "prefix",
        cost: 1,
        seeds: |_| words(&["kw", "acme"]),
        run: |input, _| round_trip::<TokenPrefix>(input, 16),
    },
    Parser {
        name: "key id",
        cost: 1,
        seeds: |_| words(&["2cf9ede1-7dbe-41c4-82a6-480095e21c6a"]),
        run: |input, _| round_trip::<KeyId>(input, 36),
    },
    Parser {
        name: "reference to a key",
        cost: 1,
        seeds: |seeds| {
            [&seeds.secrets[..1], &words(&["2cf9ede1", "ci", "kw_test_2Gx8aiEc", "0020241e8896757d"])].concat()
        },
        run: |input, _| Ok(parses::<Reference>(input)),
    },
    Parser {
        name: "reason",
        cost: 1,
        seeds: |_| words(&["key-compromise", "superseded", "unspecified"]),
        run: |input, _| Ok(parses::<RevocationReason>(input) | parses::<Env>(input)),
    },
    Parser {
        name: "hash of a row",
        cost: 1,
        seeds: |_| vec!["ab".repeat(32).into_bytes()],
        run: |input, _| round_trip::<RowHash>(input, 64),
    },
    Parser {
        name: "command line",
        cost: 20,
        seeds: |seeds| command_lines(&seeds.token()),
        run: |input, _| Ok(command_line(input)),
    },
    Parser { name: "program", cost: 300, seeds: |seeds| command_lines(&seeds.token()), run: program },
    Parser {
        name: "backup",
        cost: 150,
        seeds: |seeds| vec![seeds.backup.clone()],
        run: |input, seeds| Ok(backup(input, seeds)),
    },
];
