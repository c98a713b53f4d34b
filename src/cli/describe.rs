//! The options that describe a key, for every command that has such options.
//!
//! clap accepts any value for these options. The methods named `change` parse the values, except the expiry, which the
//! commands parse. A command can therefore report all problems with a description at once, including broken rules of
//! the contract.
//!
//! The clap id of the argument that sets a field is the name of the field in JSON, because
//! [`option_of`](super::option_of) looks up the argument by that name.

use super::{
    Given,
    words::{ENVS, any_word},
};
use crate::{
    error::Problems,
    key::{
        DescriptionChange, Edit, Env, Field, Label, LabelKey, Name, Network, Note, Owner, RateLimit, Scope, SetEdit,
        When,
    },
};
use clap::Args;

/// The options of `generate` and `create` that describe the new key.
#[derive(Args, Clone)]
#[command(next_help_heading = "Describe the key")]
pub struct Describe {
    /// Name of the key; required unless the contract has a default name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// Scope to grant (repeatable, or separated by commas)
    #[arg(short, long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Given<Scope>>,
    /// Environment of the key [default: the contract's first, or test]
    #[arg(short, long, value_name = "ENV", value_parser = any_word::<Env, _>(&ENVS))]
    pub env: Option<Given<Env>>,
    /// Owner of the key: a customer, a team or a service
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// Expiry: a duration such as `90d` or `1y`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never
    /// [default: the contract's, or never]
    #[arg(id = "expires_at", long = "expires", value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// Rate limit, such as `60/min,3000/hour,50000/day`
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true, hide_short_help = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// Address or network from which the key may be used, such as 192.0.2.0/24 (repeatable, or separated by
    /// commas) [default: any address]
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',', hide_short_help = true)]
    pub allowed_ips: Vec<Given<Network>>,
    /// Label for your own tools (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE", hide_short_help = true)]
    pub labels: Vec<Given<Label>>,
    /// Note about the key
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub note: Option<Given<Note>>,
}

impl Describe {
    /// Returns the requested change to the description, without the expiry. Adds the errors in the values to
    /// `problems`.
    pub fn change(&self, problems: &mut Problems) -> DescriptionChange {
        DescriptionChange {
            name: read(self.name.as_ref(), Field::Name, problems),
            env: read(self.env.as_ref(), Field::Env, problems),
            owner: Edit::new(false, read(self.owner.as_ref(), Field::Owner, problems)),
            scopes: SetEdit::given(Given::read_all(&self.scopes, Field::Scopes, problems)),
            labels: SetEdit::given(Given::read_all(&self.labels, Field::Labels, problems)),
            note: Edit::new(false, read(self.note.as_ref(), Field::Note, problems)),
            rate_limit: Edit::new(false, read(self.rate_limit.as_ref(), Field::RateLimit, problems)),
            allowed_ips: SetEdit::given(Given::read_all(&self.allowed_ips, Field::AllowedIps, problems)),
            ..DescriptionChange::default()
        }
    }
}

/// The options of `update` that change the description of a key.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each field is a separate flag on the command line")]
pub struct DescribeChange {
    /// New name
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<Given<Name>>,
    /// New owner
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// Remove the owner
    #[arg(long, conflicts_with = "owner")]
    pub no_owner: bool,
    /// Scope to add (repeatable, or separated by commas)
    #[arg(long = "add-scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Given<Scope>>,
    /// Scope to remove (repeatable, or separated by commas)
    #[arg(long = "remove-scope", value_name = "SCOPE")]
    pub remove_scopes: Vec<Given<Scope>>,
    /// New expiry: a duration such as `90d`, a date such as 2027-01-31 (end of day, UTC), an RFC 3339 time, or never
    #[arg(id = "expires_at", long = "expires", value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
    /// New rate limit, such as `60/min`; the limits of other windows do not change
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub rate_limit: Option<Given<RateLimit>>,
    /// Remove the rate limit
    #[arg(long, conflicts_with = "rate_limit")]
    pub no_rate_limit: bool,
    /// Address or network to allow (repeatable, or separated by commas)
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',')]
    pub allowed_ips: Vec<Given<Network>>,
    /// Address or network to remove (repeatable, or separated by commas)
    #[arg(long = "remove-ip", value_name = "CIDR", value_delimiter = ',')]
    pub remove_ips: Vec<Given<Network>>,
    /// Allow every address
    #[arg(long, conflicts_with_all = ["allowed_ips", "remove_ips"])]
    pub no_allow_ip: bool,
    /// Label to set (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// Label to remove (repeatable)
    #[arg(long = "remove-label", value_name = "KEY")]
    pub remove_labels: Vec<Given<LabelKey>>,
    /// New note
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Given<Note>>,
    /// Remove the note
    #[arg(long, conflicts_with = "note")]
    pub no_note: bool,
}

impl DescribeChange {
    /// Returns the requested change to the description, without the expiry. Adds the errors in the values to
    /// `problems`.
    pub fn change(&self, problems: &mut Problems) -> DescriptionChange {
        DescriptionChange {
            name: read(self.name.as_ref(), Field::Name, problems),
            env: None,
            owner: Edit::new(self.no_owner, read(self.owner.as_ref(), Field::Owner, problems)),
            scopes: SetEdit {
                clear: false,
                add: Given::read_all(&self.scopes, Field::Scopes, problems),
                remove: Given::read_removed(
                    &Given::split(&self.remove_scopes),
                    Field::Scopes,
                    "--remove-scope",
                    problems,
                ),
            },
            rate_limit: Edit::new(self.no_rate_limit, read(self.rate_limit.as_ref(), Field::RateLimit, problems)),
            allowed_ips: SetEdit {
                clear: self.no_allow_ip,
                add: Given::read_all(&self.allowed_ips, Field::AllowedIps, problems),
                remove: Given::read_removed(&self.remove_ips, Field::AllowedIps, "--remove-ip", problems),
            },
            labels: SetEdit {
                clear: false,
                add: Given::read_all(&self.labels, Field::Labels, problems),
                remove: Given::read_removed(&self.remove_labels, Field::Labels, "--remove-label", problems),
            },
            note: Edit::new(self.no_note, read(self.note.as_ref(), Field::Note, problems)),
            ..DescriptionChange::default()
        }
    }
}

/// The options of `import` that supply the fields that an imported key omits.
#[derive(Args)]
#[command(next_help_heading = "Defaults for imported keys")]
pub struct DescribeImported {
    /// Owner of the keys
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<Given<Owner>>,
    /// Environment of the keys [default: the contract's first, or test]
    #[arg(short, long, value_name = "ENV", value_parser = any_word::<Env, _>(&ENVS))]
    pub env: Option<Given<Env>>,
    /// Scope to grant (repeatable, or separated by commas)
    #[arg(short, long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Given<Scope>>,
    /// Address or network from which the keys may be used (repeatable, or separated by commas)
    #[arg(long = "allow-ip", value_name = "CIDR", value_delimiter = ',')]
    pub allowed_ips: Vec<Given<Network>>,
    /// Label for your own tools (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Given<Label>>,
    /// Expiry: a duration such as `90d`, a date (end of day, UTC), an RFC 3339 time, or never
    #[arg(id = "expires_at", long = "expires", value_name = "WHEN", allow_hyphen_values = true)]
    pub expires: Option<Given<When>>,
}

impl DescribeImported {
    /// Returns the requested change to the description, without the expiry. Adds the errors in the values to
    /// `problems`.
    pub fn change(&self, problems: &mut Problems) -> DescriptionChange {
        DescriptionChange {
            owner: Edit::new(false, read(self.owner.as_ref(), Field::Owner, problems)),
            env: read(self.env.as_ref(), Field::Env, problems),
            scopes: SetEdit::given(Given::read_all(&self.scopes, Field::Scopes, problems)),
            allowed_ips: SetEdit::given(Given::read_all(&self.allowed_ips, Field::AllowedIps, problems)),
            labels: SetEdit::given(Given::read_all(&self.labels, Field::Labels, problems)),
            ..DescriptionChange::default()
        }
    }
}

/// The options of `rotate` that describe the successor, which inherits all other fields from its predecessor.
#[derive(Args)]
pub struct DescribeSuccessor {
    /// Expiry of the new key: a duration such as `90d`, a date (end of day, UTC), an RFC 3339 time, or never [default: the
    /// lifetime of the old key, counted from now]
    #[arg(
        id = "expires_at",
        long = "expires",
        value_name = "WHEN",
        allow_hyphen_values = true,
        help_heading = "Generate"
    )]
    pub expires: Option<Given<When>>,
    /// Address or network from which the new key may be used (repeatable, or separated by commas) [default: those of
    /// the old key]
    #[arg(
        long = "allow-ip",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "Generate",
        hide_short_help = true
    )]
    pub allowed_ips: Vec<Given<Network>>,
}

impl DescribeSuccessor {
    /// Returns the requested change to the description, without the expiry. Adds the errors in the values to
    /// `problems`.
    pub fn change(&self, problems: &mut Problems) -> DescriptionChange {
        DescriptionChange {
            allowed_ips: SetEdit::given(Given::read_all(&self.allowed_ips, Field::AllowedIps, problems)),
            ..DescriptionChange::default()
        }
    }
}

/// Parses the value of an option. Returns `None` if the option is not given or its value is invalid. Adds the error of
/// an invalid value to `problems`.
fn read<T: std::str::FromStr<Err = crate::error::Error>>(
    given: Option<&Given<T>>,
    field: Field,
    problems: &mut Problems,
) -> Option<T> {
    given.and_then(|given| given.read(field, problems))
}
