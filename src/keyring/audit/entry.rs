//! The action, the time, the account, the host and the command that an audit row records.

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
    Init "init" "the keyring was created";
    Reserve "reserve" "a key was generated, but not yet delivered";
    Activate "activate" "a key was delivered, or its holder proved possession of the secret";
    Discard "discard" "a key was deleted because its secret was not delivered";
    Sweep "sweep" "a pending key was deleted because it was not activated in time";
    Register "register" "a public key was registered";
    Rotate "rotate" "a key was replaced by another key";
    Revoke "revoke" "a key was revoked, or its revocation was scheduled";
    Update "update" "the fields of a key were changed";
    Disable "disable" "a key was disabled";
    Enable "enable" "a disabled key was enabled";
    Purge "purge" "an ended key was deleted";
    Import "import" "a key was imported from another keyring or system";
    Restore "restore" "a backup was restored, or a key was added or changed by a restore";
    Retire "retire" "a key expired because its successor was used";
    Exchange "exchange" "a pair or an assertion was exchanged for a bearer token";
    Withdraw "withdraw" "a bearer token was deleted because it was not delivered";
    Policy "policy" "the contract was changed";
    Owner "owner" "the usage level of an owner was changed";
    AcceptClock "accept-clock" "the time of the system clock became the keyring time";
    Baseline "baseline" "the states of all objects were recorded, because an earlier version recorded none";
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

/// The maximum number of seconds by which the synchronization of a clock sets it back while a command runs. A clock that
/// is set back further has been corrected.
const STEP: i64 = 60;

impl Entry {
    /// Returns the current time. If the time was set with `--now`, returns [`Entry::at`]. Use this method for durations
    /// that start when a long operation ends.
    ///
    /// The returned time is before [`Entry::at`] only if the system clock has been set back by more than 60 seconds since
    /// that time.
    pub(crate) fn clock(&self) -> Time {
        if self.clock_set { self.at } else { self.clock_at(clock::now()) }
    }

    fn clock_at(&self, now: Time) -> Time {
        if self.at.seconds() - now.seconds() > STEP { now } else { now.max(self.at) }
    }

    /// Returns [`Entry::at`], or the current time if the system clock has been set back since that time. A time of a
    /// clock that was ahead would become the keyring time again.
    pub(crate) fn began(&self) -> Time {
        self.at.min(self.clock())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{entry, time};

    #[test]
    fn only_a_clock_that_was_corrected_goes_back() {
        let entry = entry(1000);
        for (now, expected) in [(1001, 1001), (1000, 1000), (999, 1000), (940, 1000), (939, 939), (0, 0)] {
            assert_eq!(entry.clock_at(time(now)), time(expected), "{now}");
        }
    }
}
