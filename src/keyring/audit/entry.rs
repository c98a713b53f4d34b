//! The action, the time, the account and the command that an audit row records.

use crate::clock;
use crate::key::Time;

macro_rules! actions {
    ($($variant:ident $word:literal $meaning:literal;)*) => {
        /// The kind of change that an audit row records.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $(#[doc = $meaning] $variant,)*
        }

        impl Action {
            /// All actions, each with its word in the audit log and its description.
            pub const ALL: &[(Self, &'static str, &'static str)] = &[$((Self::$variant, $word, $meaning),)*];

            /// Returns the word for this action in the audit log.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

actions! {
    Init "init" "the keyring was made";
    Reserve "reserve" "a key was made and is not yet delivered";
    Activate "activate" "a key was delivered, or its holder has proved that they have the secret";
    Discard "discard" "a key whose secret could not be delivered was removed";
    Sweep "sweep" "a key that was never activated was removed after its time to live";
    Register "register" "a public key was registered";
    Rotate "rotate" "a key was taken over from by another";
    Revoke "revoke" "a key was revoked, or is to be";
    Update "update" "what describes a key was changed";
    Disable "disable" "a key was suspended";
    Enable "enable" "a key that was suspended works again";
    Purge "purge" "a key that was over was removed";
    Import "import" "a key came from another keyring or system";
    Restore "restore" "a backup was restored, and a key came back or changed by it";
    Retire "retire" "a key expires because its successor was used";
    Exchange "exchange" "a pair was exchanged for a bearer token";
    Withdraw "withdraw" "a bearer token that could not be delivered was removed";
    Policy "policy" "the contract was changed";
    Owner "owner" "what an owner is entitled to was changed";
}

/// The values that all audit rows of a transaction share.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The time of the change.
    pub at: Time,
    /// `true` if the time was set with `--now`.
    pub clock_set: bool,
    /// The account that ran the command, such as `ada (uid 1000)`.
    pub user: String,
    /// The machine on which the command ran.
    pub host: String,
    /// The subcommand, without its arguments.
    pub command: String,
}

impl Entry {
    /// Returns the current time, but never a time before [`Entry::at`]. If the time was set with `--now`, returns
    /// [`Entry::at`]. Use this method for durations that start when a long operation ends.
    pub(crate) fn clock(&self) -> Time {
        if self.clock_set { self.at } else { clock::now().max(self.at) }
    }
}
