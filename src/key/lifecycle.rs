//! The stored times of a key, and the status that is derived from them.

use super::Time;
use crate::error::{Code, Error};
use std::{fmt, str::FromStr};

/// The status of a key. The statuses correspond to the key states in NIST SP 800-57 Part 1 Revision 5, section 7, under
/// the names that are displayed to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Pre-activation: the delivery of the secret has not been confirmed, so the key does not authenticate yet.
    Pending,
    /// Active: the key authenticates.
    Active,
    /// Suspended: the key does not authenticate, but it can be enabled again.
    Disabled,
    /// Deactivated: the expiry time has been reached, so the key no longer authenticates.
    Expired,
    /// Revoked: the key never authenticates again.
    Revoked,
}

impl Status {
    /// Every status, from the first that a key can have to the final ones.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Active, Self::Disabled, Self::Expired, Self::Revoked];

    /// Returns the name that is displayed to users.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Returns `true` if the key has ended: it is revoked or expired.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The reason for a revocation. The reasons are those in RFC 5280, section 5.3.1, that can apply to an API key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationReason {
    /// No reason was given.
    #[default]
    Unspecified,
    /// Somebody other than the holder knows or may know the secret.
    KeyCompromise,
    /// Another key has replaced the key.
    Superseded,
    /// The key is no longer needed.
    CessationOfOperation,
    /// The holder is no longer permitted to use the key.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// Every reason, in the order in which RFC 5280 lists them.
    pub const ALL: [Self; 5] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// Returns the name that is displayed to users.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key-compromise",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for RevocationReason {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|reason| reason.word() == word).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|reason| reason.word()).collect();
            Error::new(Code::Usage, "there is no such revocation reason", format!("choose one of {}", words.join(", ")))
        })
    }
}

/// The stored times of a key. An expiry, suspension or revocation in the future is a planned change, which takes effect
/// at that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// The time at which the key was issued.
    pub created: Time,
    /// The time at which the key was activated, or `None` if it is still pending.
    pub activated: Option<Time>,
    /// The time at which the key expires, or `None` if it does not expire.
    pub expires: Option<Time>,
    /// The time of the latest recorded use, or `None` if the key was never used. At most one use per minute is
    /// recorded.
    pub last_used: Option<Time>,
    /// The time at which the key was or will be disabled, or `None` if it is enabled indefinitely.
    pub disabled: Option<Time>,
    /// The time at which the revocation took or will take effect, or `None` if there is no revocation.
    pub revoked: Option<Time>,
    /// The reason for the revocation, which is set if and only if `revoked` is set.
    pub reason: Option<RevocationReason>,
}

impl Lifecycle {
    /// Creates the lifecycle of a key that is issued at `created` and has not been activated yet.
    #[must_use]
    pub const fn new(created: Time, expires: Option<Time>) -> Self {
        Self { created, activated: None, expires, last_used: None, disabled: None, revoked: None, reason: None }
    }

    /// Returns the status of the key at the given time. Final states take precedence over reversible ones, and a
    /// revocation takes precedence over expiry.
    #[must_use]
    pub fn status(&self, at: Time) -> Status {
        let reached = |time: Option<Time>| time.is_some_and(|time| time <= at);
        if reached(self.revoked) {
            Status::Revoked
        } else if reached(self.expires) {
            Status::Expired
        } else if self.activated.is_none() {
            Status::Pending
        } else if reached(self.disabled) {
            Status::Disabled
        } else {
            Status::Active
        }
    }

    /// Returns the time of the revocation or of the expiry, whichever is earlier, or `None` if there is neither.
    #[must_use]
    pub fn ends(&self) -> Option<Time> {
        [self.revoked, self.expires].into_iter().flatten().min()
    }

    /// Disables the key, starting at `at`. Returns `false` if the key is already disabled at that time.
    pub fn disable(&mut self, at: Time) -> bool {
        let changes = self.disabled.is_none_or(|since| since > at);
        if changes {
            self.disabled = Some(at);
        }
        changes
    }

    /// Enables the key, and cancels a planned suspension. Returns `true` if the key was disabled or a suspension was
    /// planned.
    pub const fn enable(&mut self) -> bool {
        self.disabled.take().is_some()
    }

    /// Revokes the key, starting at `at`. A later call can move the revocation to an earlier time, but not to the
    /// same or a later time. Returns `true` if the lifecycle changed.
    pub fn revoke(&mut self, at: Time, reason: RevocationReason) -> bool {
        if self.revoked.is_some_and(|planned| planned <= at) {
            return false;
        }
        self.revoked = Some(at);
        self.reason = Some(reason);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: i64) -> Time {
        Time::from_seconds(seconds)
    }

    #[test]
    fn the_status_follows_from_the_times() {
        let mut life = Lifecycle::new(time(10), Some(time(100)));
        assert_eq!(life.status(time(10)), Status::Pending);
        assert_eq!(life.status(time(100)), Status::Expired, "a pending key runs out too");
        life.activated = Some(time(11));
        assert_eq!(life.status(time(50)), Status::Active);
        life.disabled = Some(time(60));
        assert_eq!(life.status(time(59)), Status::Active);
        assert_eq!(life.status(time(60)), Status::Disabled);
        assert_eq!(life.status(time(99)), Status::Disabled);
        assert_eq!(life.status(time(100)), Status::Expired);
        assert!(life.revoke(time(120), RevocationReason::Superseded));
        assert_eq!(life.status(time(119)), Status::Expired, "a planned revocation counts from its time on");
        assert_eq!(life.status(time(120)), Status::Revoked);
    }

    #[test]
    fn a_suspension_begins_once_and_ends() {
        let mut life = Lifecycle { activated: Some(time(0)), ..Lifecycle::new(time(0), Some(time(100))) };
        assert_eq!(life.ends(), Some(time(100)));
        assert!(life.disable(time(10)) && !life.disable(time(20)));
        assert_eq!((life.disabled, life.status(time(20))), (Some(time(10)), Status::Disabled));
        assert!(life.enable() && !life.enable());
        assert_eq!(life.status(time(20)), Status::Active);
        life.revoke(time(50), RevocationReason::Unspecified);
        assert_eq!(life.ends(), Some(time(50)));
    }

    #[test]
    fn a_revocation_stays_and_a_planned_one_only_moves_earlier() {
        let mut life = Lifecycle::new(time(0), None);
        assert!(life.revoke(time(50), RevocationReason::KeyCompromise));
        assert!(!life.revoke(time(60), RevocationReason::Superseded));
        assert_eq!((life.revoked, life.reason), (Some(time(50)), Some(RevocationReason::KeyCompromise)));
        assert!(life.revoke(time(40), RevocationReason::Superseded));
        assert_eq!((life.revoked, life.reason), (Some(time(40)), Some(RevocationReason::Superseded)));
        assert!(!life.revoke(time(40), RevocationReason::Unspecified));
    }
}
