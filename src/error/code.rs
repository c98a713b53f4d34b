//! Error codes and exit statuses.
//!
//! The table in the invocation of the `codes!` macro defines all error codes. A test verifies that the table in
//! `docs/reference/codes.md` matches it.

/// The exit status of the process. The numeric values are part of the documented interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command succeeded, or the answer is yes.
    Done = 0,
    /// The answer is no, the operation was not confirmed, or the pair or the assertion to exchange is not valid.
    No = 1,
    /// The command line is wrong, or the input is invalid.
    Usage = 2,
    /// A key, a usage level, a contract or the keyring does not exist.
    NotFound = 3,
    /// The command conflicts with the state of the keyring or with an existing file.
    Conflict = 4,
    /// The keyring's contract, or the key to exchange, does not allow the operation.
    Refused = 5,
    /// The keyring, the system or the output failed, a secret could not be delivered, or keywright has a bug.
    Failed = 6,
    /// A signal interrupted the command.
    Interrupted = 130,
}

impl Exit {
    /// Every exit status, in ascending order.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::No,
        Self::Usage,
        Self::NotFound,
        Self::Conflict,
        Self::Refused,
        Self::Failed,
        Self::Interrupted,
    ];
}

macro_rules! codes {
    ($($variant:ident $word:literal $exit:ident $meaning:literal;)*) => {
        /// A stable error code. Scripts can rely on the string that [`Code::word`] returns.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table in `docs/reference/codes.md`.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the code as a string, as it is printed in errors.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns the exit status of a command that fails with this code.
            #[must_use]
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)* }
            }

            /// Returns the meaning of the code, as a clause without a final period.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    Declined "declined" No "the operation was not confirmed";
    InvalidClient "invalid_client" No "the pair or the assertion is not valid, so no bearer token was issued (RFC 6749, section 5.2)";

    Usage "usage" Usage "the command line is invalid";
    ConfirmationRequired "confirmation_required" Usage "the command requires confirmation, but nobody can answer and `--yes` is not given";
    InvalidName "invalid_name" Usage "a name is empty, too short or too long, looks like an id, a fingerprint, a prefix or a token, begins or ends with a space, or contains control or invisible characters";
    NameRequired "name_required" Usage "the key has no name, and the contract has no default name";
    InvalidOwner "invalid_owner" Usage "an owner is empty or too long, begins or ends with a space, or contains control or invisible characters";
    InvalidNote "invalid_note" Usage "a note is empty or too long, begins or ends with a space, or contains control or invisible characters";
    InvalidLabel "invalid_label" Usage "a label does not have the form `key=value`, two labels have the same key, or there are too many labels";
    InvalidScope "invalid_scope" Usage "a scope is not a scope-token as defined in RFC 6749, section 3.3, or there are too many scopes";
    ScopeUnknown "scope_unknown" Usage "the contract does not define the scope";
    ScopeNeeds "scope_needs" Usage "a scope requires another scope that the key does not have";
    InvalidUsageLevel "invalid_usage_level" Usage "a usage level does not consist of 1 to 64 lowercase letters, digits and hyphens";
    ContractInvalid "contract_invalid" Usage "a contract is malformed or inconsistent, or a rule or document in it is invalid or unknown";
    PublicKeyRequired "public_key_required" Usage "the key was registered with a public key, so rotating it requires a new public key";
    InvalidPrefix "invalid_prefix" Usage "a token prefix is empty or too long, or contains characters that are not allowed";
    InvalidRateLimit "invalid_rate_limit" Usage "a rate limit is malformed or out of range";
    InvalidAllowedIp "invalid_allowed_ip" Usage "an allowed network is neither an IP address nor a valid network in CIDR notation, there are too many networks, or the last network would be removed";
    InvalidTime "invalid_time" Usage "a duration, a date or a time cannot be parsed, or is out of range";
    SecretInText "secret_in_text" Usage "text that would be stored contains a secret";
    InvalidReference "invalid_reference" Usage "a KEY argument is not an id, a name, a fingerprint or a prefix";
    InvalidSecret "invalid_secret" Usage "the input is not a secret of the required kind in a supported format";
    InvalidRequest "invalid_request" Usage "a part of a signed request does not have the format that the signature scheme requires";
    InvalidLine "invalid_line" Usage "a line of the input is not a JSON object with known fields";
    InputUnreadable "input_unreadable" Usage "the input cannot be read";
    InputTooLarge "input_too_large" Usage "the input exceeds the size limit";
    InputNotRegular "input_not_regular" Usage "the input is a directory, a device, a socket or a named FIFO";
    ImportMalformed "import_malformed" Usage "a line to import is not a JSON object with the fields of a key";
    ImportRefused "import_refused" Usage "at least one key cannot be imported, so no key was imported";
    PrivateKeyGiven "private_key_given" Usage "the input is a private key, but a public key is expected";
    PrivateKeyExposed "private_key_exposed" Usage "other users can access the private key file";
    CertificateGiven "certificate_given" Usage "the input is a certificate, and `--from-cert` is not given";
    PublicKeyMissing "public_key_missing" Usage "the input contains no public key";
    PublicKeyMalformed "public_key_malformed" Usage "the public key cannot be decoded";
    MultipleKeys "multiple_keys" Usage "the input contains more than one key";
    TrailingData "trailing_data" Usage "the public key is followed by other data";
    UnsupportedAlgorithm "unsupported_algorithm" Usage "the key is neither an RSA key nor an Ed25519 key";
    UnsupportedParameters "unsupported_parameters" Usage "the RSASSA-PSS parameters are not SHA-256, MGF1 with SHA-256, and a salt of at most 32 bytes";
    KeyTooSmall "key_too_small" Usage "the modulus has fewer than 2048 bits";
    KeyTooLarge "key_too_large" Usage "the modulus has more than 8192 bits";
    KeySizeUneven "key_size_uneven" Usage "the length of the modulus is not a multiple of 8 bits";
    ExponentEven "exponent_even" Usage "the public exponent is even";
    ExponentTooSmall "exponent_too_small" Usage "the public exponent is less than 65537";
    ExponentTooLarge "exponent_too_large" Usage "the public exponent is greater than 2^33 - 1";
    ModulusSmallFactor "modulus_small_factor" Usage "the modulus has a prime factor of at most 65537";
    ModulusPrime "modulus_prime" Usage "the modulus is prime";
    ModulusSquare "modulus_square" Usage "the modulus is a perfect square";
    ModulusClosePrimes "modulus_close_primes" Usage "the primes are so close that Fermat's method factors the modulus";
    ModulusRoca "modulus_roca" Usage "the modulus has the ROCA fingerprint (CVE-2017-15361)";
    ModulusPattern "modulus_pattern" Usage "the modulus contains repeated bytes or biased bits";
    PointOrder "point_order" Usage "the point of the Ed25519 key does not have prime order";

    NotFound "not_found" NotFound "the requested key or usage level does not exist";
    ContractUnknown "contract_unknown" NotFound "there is no built-in contract or contract file with the given name";
    KeyringMissing "keyring_missing" NotFound "there is no keyring at the given path";

    NameTaken "name_taken" Conflict "another key in the same environment already has the name, and has not ended";
    KeyRegistered "key_registered" Conflict "the key is already registered, was registered and has ended, or occurs twice in the input";
    Ambiguous "ambiguous" Conflict "the KEY argument or the secret matches several keys";
    WrongState "wrong_state" Conflict "the state of a key or of the keyring does not allow the operation";
    RotationInProgress "rotation_in_progress" Conflict "the key has a pending successor, or another process is rotating keys";
    ProofFailed "proof_failed" Conflict "the secret does not belong to the key";
    KeyringExists "keyring_exists" Conflict "there is already a keyring at the given path";
    OrganizationMismatch "organization_mismatch" Conflict "the backup belongs to another organization";
    RestoreConflict "restore_conflict" Conflict "the name or the key material of a key in the backup conflicts with a key in the keyring";
    FileExists "file_exists" Conflict "the output would overwrite an existing file";
    KeyringFile "keyring_file" Conflict "the output would replace the keyring, or a file that SQLite keeps next to it";

    TypeRefused "type_refused" Refused "the contract does not allow keys of this type";
    EnvRefused "env_refused" Refused "the contract does not allow this environment";
    PrefixRefused "prefix_refused" Refused "the contract requires another token prefix";
    NameRefused "name_refused" Refused "the name does not match the contract's pattern";
    ScopeRequired "scope_required" Refused "the contract requires at least one scope";
    ScopeExceeded "scope_exceeded" Refused "the key does not grant a scope that was requested for the bearer token";
    LifetimeTooLong "lifetime_too_long" Refused "the key or the bearer token would live longer than the contract allows";
    OwnerRequired "owner_required" Refused "the contract has per-owner rules, and the key would have no owner";
    ExpiryRequired "expiry_required" Refused "the contract requires live keys to expire";
    WildcardRefused "wildcard_refused" Refused "the key has wildcard scopes, which the contract does not allow";
    AllowedIpsRequired "allowed_ips_required" Refused "the contract requires live keys to be restricted to specific networks";
    AllowedIpsRefused "allowed_ips_refused" Refused "the key has more networks than the contract allows";
    RateLimitRefused "rate_limit_refused" Refused "the rate limit exceeds the contract's maximum";
    KeySizeRefused "key_size_refused" Refused "the RSA key is smaller than the contract allows";
    OwnKeyRefused "own_key_refused" Refused "the contract does not allow public keys to be registered";
    UsageLevelInsufficient "usage_level_insufficient" Refused "the owner's usage level does not allow the operation";
    IssueLimitExceeded "issue_limit_exceeded" Refused "the owner has reached the contract's issue limit";

    KeyringLocked "keyring_locked" Failed "another process kept the keyring locked for longer than keywright waits, or is importing keys";
    KeyringReadOnly "keyring_read_only" Failed "the keyring cannot be written to";
    KeyringFull "keyring_full" Failed "there is no space left for the keyring";
    KeyringCorrupt "keyring_corrupt" Failed "the keyring or a backup is damaged, or was changed by another program";
    KeyringNewer "keyring_newer" Failed "the keyring was created by a newer version of keywright";
    KeyringForeign "keyring_foreign" Failed "the file is not a keyring";
    KeyringExposed "keyring_exposed" Failed "other users can write to the keyring, or to a directory through which they can replace it";
    KeyringOwner "keyring_owner" Failed "the keyring, or a directory above it, belongs to another user";
    KeyringLinked "keyring_linked" Failed "the keyring file has a second hard link, or is mounted as a single file, so changes could be lost";
    KeyringNoLocks "keyring_no_locks" Failed "the file system of the keyring does not support locks";
    KeyringFailed "keyring_failed" Failed "the path of the keyring is invalid, or the keyring could not be read or written";
    OutputDirectory "output_directory" Failed "the path of the output file is invalid, or its directory is missing, not writable, or unable to keep the file private";
    StdoutClosed "stdout_closed" Failed "standard output is closed or not writable";
    StdoutDiscarded "stdout_discarded" Failed "standard output is a device that discards all output";
    StdoutExposed "stdout_exposed" Failed "standard output is a device, a socket, or a file or FIFO that other users can read";
    NotDelivered "not_delivered" Failed "the secret could not be delivered, and the key or bearer token was deleted";
    CommandMissing "command_missing" Failed "the command that should receive the secret cannot be found or started";
    RotationIncomplete "rotation_incomplete" Failed "some keys could not be rotated and did not change";
    CommandFailed "command_failed" Failed "the command that should receive the secret failed, and the key or bearer token was deleted";
    ActivationUnknown "activation_unknown" Failed "the secret was delivered, but the key might not be active";
    BackupFailed "backup_failed" Failed "the backup could not be written or verified, and no file was left";
    OutputFailed "output_failed" Failed "the output could not be written";
    SystemLimit "system_limit" Failed "the system denied keywright a resource, such as threads, open files, memory or random bytes";
    Internal "internal" Failed "keywright has a bug";

    Interrupted "interrupted" Interrupted "a signal interrupted the command";
}

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
}
