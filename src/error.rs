//! What a user can act on: every failure has a stable code, a message, an exit status and the next step.
//!
//! The table in the `codes!` macro is the only place where codes and their exit statuses are written down; the README's
//! table is compared with it by a test.

mod problems;

pub use problems::Problems;

use std::fmt;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How the process ends; the numbers are part of the command-line contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or the answer is yes.
    Done = 0,
    /// The answer is no.
    No = 1,
    /// Wrong usage or bad input.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 3,
    /// Exists already, ambiguous, or in the wrong state.
    Conflict = 4,
    /// Refused by the keyring's policy or quota.
    Refused = 5,
    /// The keyring or the system failed; a secret was not delivered.
    Failed = 6,
    /// Interrupted by a signal.
    Interrupted = 130,
}

macro_rules! codes {
    ($($variant:ident $word:literal $exit:ident $meaning:literal;)*) => {
        /// A stable, documented word for what went wrong; scripts match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the README's table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word as scripts see it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The exit status that goes with it.
            #[must_use]
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)* }
            }

            /// What it means, in one clause.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    Declined "declined" No "the question was answered with no";
    InvalidClient "invalid_client" No "the pair is not valid, so it was not exchanged (RFC 6749, section 5.2)";

    Usage "usage" Usage "the command line does not parse";
    ConfirmationRequired "confirmation_required" Usage "it would ask, and there is no terminal and no `--yes`";
    InvalidName "invalid_name" Usage "a name is empty, too long, looks like an id, or holds characters that a terminal would obey";
    NameRequired "name_required" Usage "a key needs a name, and none is given";
    InvalidOwner "invalid_owner" Usage "an owner is empty, too long, or holds control characters";
    InvalidNote "invalid_note" Usage "a note is empty, too long, or holds control characters";
    InvalidLabel "invalid_label" Usage "a label is not `key=value` within the limits";
    InvalidScope "invalid_scope" Usage "a scope is not a scope-token of RFC 6749, section 3.3";
    ScopeUnknown "scope_unknown" Usage "the contract knows no such scope";
    ScopeNeeds "scope_needs" Usage "a scope is only given together with another";
    InvalidUsageLevel "invalid_usage_level" Usage "a usage level is not 1 to 64 lower-case letters, digits and hyphens";
    ContractInvalid "contract_invalid" Usage "a contract contradicts itself, or a rule or a document in it cannot be followed";
    PublicKeyRequired "public_key_required" Usage "the key was registered with a public key, and takes another one to be rotated";
    InvalidPrefix "invalid_prefix" Usage "a token prefix is not 1 to 16 lower-case letters and digits, a letter first";
    InvalidRateLimit "invalid_rate_limit" Usage "a rate limit does not parse";
    InvalidTime "invalid_time" Usage "a duration or date does not parse, or lies where it makes no sense";
    InvalidReference "invalid_reference" Usage "a KEY can be neither an id, a name, a fingerprint nor a prefix";
    InvalidSecret "invalid_secret" Usage "what was given is not a secret of any kind that keywright makes";
    InvalidRequest "invalid_request" Usage "a part of a request is not what the signature scheme signs";
    InvalidLine "invalid_line" Usage "a line of an input is not a JSON object with fields that are known";
    InputUnreadable "input_unreadable" Usage "an input file cannot be read";
    InputTooLarge "input_too_large" Usage "an input is over its size limit";
    InputNotRegular "input_not_regular" Usage "an input is a directory, a device, a socket or a FIFO";
    ImportMalformed "import_malformed" Usage "a line to be imported is not a JSON object with the fields of a key";
    ImportRefused "import_refused" Usage "something in what was to be imported cannot come in, so nothing did";
    PrivateKeyGiven "private_key_given" Usage "a private key was given where a public one belongs";
    PrivateKeyExposed "private_key_exposed" Usage "others can read the file with the private key";
    CertificateGiven "certificate_given" Usage "a certificate was given without `--from-cert`";
    PublicKeyMissing "public_key_missing" Usage "the input holds no public key";
    PublicKeyMalformed "public_key_malformed" Usage "the public key does not decode";
    MultipleKeys "multiple_keys" Usage "the input holds more than one key";
    TrailingData "trailing_data" Usage "bytes follow the public key";
    UnsupportedAlgorithm "unsupported_algorithm" Usage "the key is not an RSA key";
    UnsupportedParameters "unsupported_parameters" Usage "the RSASSA-PSS parameters are not SHA-256 with MGF1-SHA-256";
    KeyTooSmall "key_too_small" Usage "the modulus is under 2048 bits";
    KeyTooLarge "key_too_large" Usage "the modulus is over 8192 bits";
    KeySizeUneven "key_size_uneven" Usage "the modulus is not a multiple of 8 bits long";
    ExponentEven "exponent_even" Usage "the public exponent is even";
    ExponentTooSmall "exponent_too_small" Usage "the public exponent is under 65537";
    ExponentTooLarge "exponent_too_large" Usage "the public exponent is over 2^33 - 1";
    ModulusSmallFactor "modulus_small_factor" Usage "the modulus has a factor of at most 65537";
    ModulusPrime "modulus_prime" Usage "the modulus is a prime";
    ModulusSquare "modulus_square" Usage "the modulus is a square";
    ModulusClosePrimes "modulus_close_primes" Usage "the primes are so close that Fermat's method finds them";
    ModulusRoca "modulus_roca" Usage "the modulus has the ROCA fingerprint (CVE-2017-15361)";
    ModulusPattern "modulus_pattern" Usage "the modulus shows repeated bytes or biased bits";

    NotFound "not_found" NotFound "no key answers to what was given";
    ContractUnknown "contract_unknown" NotFound "no contract of that name is built in, and there is no such file";
    KeyringMissing "keyring_missing" NotFound "there is no keyring at the path";

    NameTaken "name_taken" Conflict "a key of the same environment that is not over has this name";
    KeyRegistered "key_registered" Conflict "the modulus is registered already, or was, and is over";
    Ambiguous "ambiguous" Conflict "several keys answer to what was given";
    WrongState "wrong_state" Conflict "the key's status does not allow it";
    NothingToChange "nothing_to_change" Conflict "the key is that way already";
    RotationInProgress "rotation_in_progress" Conflict "another key is about to take over from the key";
    ProofFailed "proof_failed" Conflict "the secret does not belong to the key";
    KeyringExists "keyring_exists" Conflict "there is a keyring already";
    OrganisationMismatch "organisation_mismatch" Conflict "the backup is of another organisation's keyring";
    RestoreConflict "restore_conflict" Conflict "a name in the backup was taken by another key since";
    FileExists "file_exists" Conflict "the output file exists; keywright never overwrites";
    KeyringFile "keyring_file" Conflict "the output would take the place of the keyring, or a name that SQLite uses beside it";

    TypeRefused "type_refused" Refused "the contract does not issue keys of this type";
    EnvRefused "env_refused" Refused "the contract does not have this environment";
    PrefixRefused "prefix_refused" Refused "the contract's tokens begin with something else";
    NameRefused "name_refused" Refused "the name does not match the contract's pattern";
    ScopeRequired "scope_required" Refused "the contract asks for a scope";
    ScopeExceeded "scope_exceeded" Refused "the key does not have a scope that its bearer token was to have";
    LifetimeTooLong "lifetime_too_long" Refused "the key, or its bearer token, would live longer than the contract allows";
    OwnerRequired "owner_required" Refused "the contract counts or allows by owner, so a key must have one";
    ExpiryRequired "expiry_required" Refused "live keys must expire";
    RateLimitRefused "rate_limit_refused" Refused "the rate limit is over the contract's most";
    KeySizeRefused "key_size_refused" Refused "the RSA key is smaller than the contract allows";
    OwnKeyRefused "own_key_refused" Refused "nobody may register a public key of their own";
    UsageLevelInsufficient "usage_level_insufficient" Refused "the owner's usage level does not allow it";
    IssueLimitExceeded "issue_limit_exceeded" Refused "the owner was issued as many keys as the contract allows in the time";

    KeyringLocked "keyring_locked" Failed "another process held the keyring for longer than the wait";
    KeyringReadOnly "keyring_read_only" Failed "the keyring cannot be written";
    KeyringFull "keyring_full" Failed "no space is left for the keyring";
    KeyringCorrupt "keyring_corrupt" Failed "the keyring is damaged, or a row's digest does not match";
    KeyringNewer "keyring_newer" Failed "a newer keywright made the keyring";
    KeyringForeign "keyring_foreign" Failed "the file is not a keyring";
    KeyringExposed "keyring_exposed" Failed "others can write the keyring or its directory";
    KeyringFailed "keyring_failed" Failed "the keyring could not be read or written";
    OutputDirectory "output_directory" Failed "the directory of the output file is missing or cannot be written";
    StdoutClosed "stdout_closed" Failed "standard output is closed";
    StdoutDiscarded "stdout_discarded" Failed "standard output is the null device";
    StdoutExposed "stdout_exposed" Failed "standard output is a file that others can read";
    NotDelivered "not_delivered" Failed "the secret could not be delivered; the key was removed";
    CommandMissing "command_missing" Failed "the command that is to take the secret cannot be found or run";
    RotationIncomplete "rotation_incomplete" Failed "of many keys some could not be rotated, and are as they were";
    CommandFailed "command_failed" Failed "the command that was to take the secret failed; the key was removed";
    ActivationUnknown "activation_unknown" Failed "the secret was delivered, and its key is not known to be active";
    BackupFailed "backup_failed" Failed "the backup could not be written, or is not what was read; no file was left";
    OutputFailed "output_failed" Failed "the answer could not be written";
    Internal "internal" Failed "keywright broke a promise of its own";

    Interrupted "interrupted" Interrupted "a signal ended it";
}

/// One broken rule among several, in the shape that the JSON error carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Where: the option, the field, or the path into a document.
    pub loc: Vec<String>,
    /// What is wrong there.
    pub msg: String,
    /// A stable word for the kind of mistake, or the id of a candidate.
    pub kind: String,
}

/// A failure as the user meets it. Never holds a secret.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    message: String,
    hint: String,
    details: Vec<Detail>,
    source: Option<anyhow::Error>,
}

impl Error {
    /// A failure with its code, what happened, and the next step in one clause.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Box::new(Inner { code, message: message.into(), hint: hint.into(), details: Vec::new(), source: None }))
    }

    /// `internal`: the system gives no thread where there is no doing without.
    pub(crate) fn no_thread(cause: std::io::Error) -> Self {
        Self::new(Code::Internal, "a thread cannot be started", "raise the limit on threads (`ulimit -u`)")
            .because(cause)
    }

    /// The same failure once more, for a parser that keeps its own; without its cause and its details.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::new(self.0.code, self.message(), self.0.hint.clone())
    }

    /// The same failure with what caused it; the cause is shown after the message.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same failure with one more detail.
    #[must_use]
    pub fn detail(mut self, loc: &[&str], msg: impl Into<String>, kind: impl Into<String>) -> Self {
        self.0.details.push(Detail {
            loc: loc.iter().map(ToString::to_string).collect(),
            msg: msg.into(),
            kind: kind.into(),
        });
        self
    }

    /// The same failure with another next step, for where the usual one does not lead on.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// The same failure with the file that it is about in front of the message.
    #[must_use]
    pub fn in_file(mut self, name: &str) -> Self {
        self.0.message = format!("{name}: {}", self.0.message);
        self
    }

    /// The same failure with the option that it is about in front of the message, and as its detail.
    #[must_use]
    pub fn in_option(mut self, option: &str) -> Self {
        let detail = Detail { loc: vec![option.to_owned()], msg: self.message(), kind: self.0.code.word().to_owned() };
        self.0.details.push(detail);
        self.0.message = format!("{option}: {}", self.0.message);
        self
    }

    /// The same failure with an option under the name that it has in another command.
    #[must_use]
    pub fn with_option_named(mut self, option: &str, name: &str) -> Self {
        self.0.message = self.0.message.replace(option, name);
        self.0.hint = self.0.hint.replace(option, name);
        for detail in &mut self.0.details {
            detail.msg = detail.msg.replace(option, name);
            detail.loc.iter_mut().filter(|loc| *loc == option).for_each(|loc| name.clone_into(loc));
        }
        self
    }

    /// The same failure with the line of the input that it is about in front of what it says.
    #[must_use]
    pub fn in_line(mut self, number: usize) -> Self {
        let line = format!("line {number}");
        if self.0.details.is_empty() {
            let detail = Detail { loc: Vec::new(), msg: self.message(), kind: self.0.code.word().to_owned() };
            self.0.details.push(detail);
        }
        for detail in &mut self.0.details {
            detail.loc.insert(0, line.clone());
            detail.msg = format!("{line}: {}", detail.msg);
        }
        self.0.message = format!("{line}: {}", self.0.message);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened, with its causes, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        let mut text = self.0.message.clone();
        if let Some(source) = &self.0.source {
            for cause in source.chain() {
                text.push_str(": ");
                text.push_str(&cause.to_string());
            }
        }
        text
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// The broken rules or the candidates, one by one.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} ({})", self.0.code.word(), self.message(), self.0.hint)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_and_unique() {
        for (i, code) in Code::ALL.iter().enumerate() {
            assert!(code.word().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            assert!(Code::ALL[i + 1..].iter().all(|other| other.word() != code.word()));
            assert!(!code.meaning().ends_with('.'));
        }
    }

    #[test]
    fn the_message_carries_its_causes() {
        let error = Error::new(Code::Internal, "outer", "do this").because(anyhow::anyhow!("inner").context("middle"));
        assert_eq!(error.to_string(), "outer: middle: inner");
        assert_eq!(error.hint(), "do this");
    }
}
