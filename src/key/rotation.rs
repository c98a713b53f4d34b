//! Rotation, which replaces a key with a successor.

use super::{Key, KeyId, Lifecycle, Material, Period, RevocationReason, Rotation, Time};
use crate::error::{Code, Error, Result};
use std::{fmt, str::FromStr};

/// The period during which a key still authenticates alongside its successor. An overlap is parsed from a duration, or
/// from `0` for no overlap.
#[derive(Clone, Copy, Debug)]
pub struct Overlap(Option<Period>);

impl Overlap {
    /// Returns the length, in seconds, of an overlap that starts at `from`, or 0 if there is no overlap.
    ///
    /// # Errors
    /// Returns `invalid_time` if the overlap ends after the year 9999.
    pub fn seconds(self, from: Time) -> Result<i64> {
        self.0.map_or(Ok(0), |period| Ok(period.after(from)?.seconds() - from.seconds()))
    }

    /// Returns `true` if there is no overlap.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0.is_none()
    }
}

impl FromStr for Overlap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "0" { Ok(Self(None)) } else { text.parse().map(|period| Self(Some(period))) }
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(period) => period.fmt(f),
            None => f.write_str("0"),
        }
    }
}

/// The change that the activation of a successor applies to its predecessor. The handover is stored with the successor
/// while the successor is pending, so that a rotation that is completed later has the same result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// The predecessor expires after the given number of seconds, or at its own expiry time if that is earlier.
    Overlap {
        /// The length of the overlap in seconds, at least 1.
        seconds: i64,
        /// `true` if the predecessor expires as soon as the successor is first used.
        on_use: bool,
    },
    /// The predecessor is revoked immediately, for the given reason.
    Revoke(RevocationReason),
    /// The predecessor and every older key of its rotation chain are revoked immediately, for the given reason.
    RevokeChain(RevocationReason),
}

impl fmt::Display for Handover {
    /// Writes the text that the keyring stores for the handover.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap { seconds, on_use: false } => write!(f, "{seconds}"),
            Self::Overlap { seconds, on_use: true } => write!(f, "{seconds} on-use"),
            Self::Revoke(reason) => write!(f, "{reason}"),
            Self::RevokeChain(reason) => write!(f, "{reason} chain"),
        }
    }
}

impl FromStr for Handover {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (number, on_use) = text.strip_suffix(" on-use").map_or((text, false), |number| (number, true));
        match number.parse() {
            Ok(seconds) if seconds > 0 => Ok(Self::Overlap { seconds, on_use }),
            Ok(_) => Err(Error::new(
                Code::InvalidTime,
                "an overlap must be greater than zero",
                "use a number of seconds that is at least 1",
            )),
            Err(_) => match text.strip_suffix(" chain") {
                Some(reason) => reason.parse().map(Self::RevokeChain),
                None => text.parse().map(Self::Revoke),
            },
        }
    }
}

impl Handover {
    /// Returns the latest time at which the predecessor ends, given its own expiry time and the time at which the
    /// successor's secret was delivered. The first use of the successor can end the predecessor earlier.
    #[must_use]
    pub fn end(self, expires: Option<Time>, delivered: Time) -> Time {
        let end = match self {
            Self::Overlap { seconds, .. } => {
                Time::from_seconds(delivered.seconds().saturating_add(seconds)).min(Time::LAST)
            }
            Self::Revoke(_) | Self::RevokeChain(_) => delivered,
        };
        expires.map_or(end, |expires| expires.min(end))
    }
}

/// The lifetime of a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The same length as the lifetime of the predecessor, starting now.
    AsLong,
    /// The period until the given time, or an unlimited lifetime for `None`.
    Until(Option<Time>),
}

impl Key {
    /// Returns a successor of the key: a pending key with the same description and with the given material. The caller
    /// must set the id of the successor.
    ///
    /// # Errors
    /// Returns `invalid_time` if the lifetime of the successor ends after the year 9999.
    pub fn successor(&self, material: Material, now: Time, lifetime: Lifetime) -> Result<Self> {
        let expires = match (lifetime, self.lifecycle.expires) {
            (Lifetime::Until(end), _) => end,
            (Lifetime::AsLong, None) => None,
            (Lifetime::AsLong, Some(expires)) => {
                let seconds = now.seconds().saturating_add(expires.seconds() - self.lifecycle.created.seconds());
                if seconds > Time::LAST.seconds() {
                    return Err(Error::new(
                        Code::InvalidTime,
                        "a successor with the same lifetime would expire after the year 9999",
                        "choose an earlier expiry",
                    ));
                }
                Some(Time::from_seconds(seconds))
            }
        };
        Ok(Self {
            id: KeyId::from_bytes([0; 16]),
            material,
            lifecycle: Lifecycle::new(now, expires),
            revocation_note: None,
            rotation: Rotation { from: Some(self.id), ..Rotation::default() },
            registered: false,
            ..self.clone()
        })
    }

    /// Returns a copy of the key in its state after the activation of its successor `to`. The caller applies a
    /// revocation separately.
    #[must_use]
    pub fn handed_over(&self, to: KeyId, handover: Handover, delivered: Time) -> Self {
        let mut old = self.clone();
        old.rotation.to = Some(to);
        if let Handover::Overlap { on_use, .. } = handover {
            old.lifecycle.expires = Some(handover.end(old.lifecycle.expires, delivered));
            old.rotation.retire_on_use = on_use;
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::super::Env;
    use super::*;
    use crate::testing::{self, START, time};

    fn key(expires: Option<i64>) -> Key {
        let key = testing::key(1).with_name("ci").with_env(Env::Live).with_owner("acme");
        Key { registered: true, ..key.created_at(1000).expiring_at(expires) }
    }

    #[test]
    fn an_overlap_is_a_duration_or_zero() {
        let january = Time::from_seconds(0);
        assert_eq!("24h".parse::<Overlap>().unwrap().seconds(january).unwrap(), 86_400);
        assert_eq!("1mo".parse::<Overlap>().unwrap().seconds(january).unwrap(), 31 * 86_400);
        assert!("0".parse::<Overlap>().unwrap().is_none());
        for text in ["0d", "0h", "-1d", "", "00", "never", "2099-01-01"] {
            assert_eq!(text.parse::<Overlap>().unwrap_err().code(), Code::InvalidTime, "{text}");
        }
        assert!("9999y".parse::<Overlap>().unwrap().seconds(january).is_err());
    }

    #[test]
    fn a_handover_parses_from_its_text() {
        for handover in [
            Handover::Overlap { seconds: 1, on_use: false },
            Handover::Overlap { seconds: 86_400, on_use: true },
            Handover::Revoke(RevocationReason::Superseded),
            Handover::Revoke(RevocationReason::KeyCompromise),
            Handover::RevokeChain(RevocationReason::KeyCompromise),
        ] {
            assert_eq!(handover.to_string().parse::<Handover>().unwrap(), handover);
        }
        for text in ["", "0", "-1", "0 on-use", "1 on-use x", "lost", "superseded on-use"] {
            assert!(text.parse::<Handover>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_successor_copies_the_description_and_has_its_own_lifecycle() {
        let old = key(Some(1500));
        let material = testing::token(2);
        let new = old.successor(material.clone(), time(2000), Lifetime::AsLong).unwrap();
        assert_eq!(
            (new.description.name.as_str(), new.description.env, &new.description.owner),
            ("ci", Env::Live, &old.description.owner)
        );
        assert_eq!((new.rotation.from, new.rotation.to, new.registered), (Some(old.id), None, false));
        assert_eq!((new.lifecycle.expires, new.lifecycle.activated), (Some(time(2500)), None), "500 seconds again");
        let expires =
            |old: &Key, lifetime| old.successor(material.clone(), time(2000), lifetime).unwrap().lifecycle.expires;
        assert_eq!(expires(&old, Lifetime::Until(Some(time(2100)))), Some(time(2100)));
        assert_eq!(expires(&old, Lifetime::Until(None)), None);
        assert_eq!(expires(&key(None), Lifetime::AsLong), None);
        let last = key(Some(Time::LAST.seconds() - START));
        assert_eq!(last.successor(material, time(2000), Lifetime::AsLong).unwrap_err().code(), Code::InvalidTime);
    }

    #[test]
    fn a_replaced_key_ends_with_the_overlap_or_earlier() {
        let to = testing::id(2);
        let overlap = |on_use| Handover::Overlap { seconds: 100, on_use };
        let expires = |old: Option<i64>| key(old).handed_over(to, overlap(false), time(2000)).lifecycle.expires;
        assert_eq!(expires(None), Some(time(2100)));
        assert_eq!(expires(Some(3000)), Some(time(2100)));
        assert_eq!(expires(Some(2050)), Some(time(2050)), "not later than its own expiry");
        let old = key(None).handed_over(to, overlap(true), time(2000));
        assert_eq!((old.rotation.to, old.rotation.retire_on_use), (Some(to), true));
        let old = key(Some(3000)).handed_over(to, Handover::Revoke(RevocationReason::Superseded), time(2000));
        assert_eq!(
            (old.rotation.to, old.lifecycle.expires),
            (Some(to), Some(time(3000))),
            "the revocation is applied separately"
        );
    }
}
