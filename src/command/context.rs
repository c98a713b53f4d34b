//! What holds for one run of a command: the keyring, the clock, who asks, and how answers are printed.

use super::contract::contract_of;
use crate::{
    cli::Global,
    contract::{Operation, Template},
    error::{Code, Error, Exit, Result},
    key::{Document, Facts, Key, Lifecycle, Time},
    keyring::{Entry, Keyring, Place, SqliteKeyring},
    output::{self, ColorChoice, Format, Talk},
    process,
    proof::request::Timestamp,
};
use std::path::Path;
use uuid::Uuid;

/// What holds for one run of a command.
pub(super) struct Context {
    pub(super) place: Place,
    pub(super) now: Time,
    pub(super) entry: Entry,
    pub(super) format: Format,
    pub(super) color: ColorChoice,
    pub(super) talk: Talk,
}

impl Context {
    pub(super) fn new(global: &Global, command: &str) -> Result<Self> {
        let place = place(global.keyring.as_deref())?;
        let now = global.now.unwrap_or_else(Time::now);
        let (user, host) = process::identity();
        Ok(Self {
            place,
            now,
            entry: Entry { at: now, clock_set: global.now.is_some(), user, host, command: command.to_owned() },
            format: global.format.data(),
            color: global.color,
            talk: Talk { quiet: global.quiet, color: global.color, yes: global.yes },
        })
    }

    /// The same once something was waited for, with the time as it is then: what happened to a key meanwhile counts.
    pub(super) fn later(&self) -> Self {
        let now = if self.entry.clock_set { self.now } else { Time::now() };
        let entry = Entry { at: now, ..self.entry.clone() };
        Self { now, entry, place: self.place.clone(), ..*self }
    }

    /// The clock of signed requests, which is finer.
    pub(super) fn timestamp(&self) -> Timestamp {
        if self.entry.clock_set { Timestamp::at(self.now) } else { Timestamp::now() }
    }

    pub(super) fn open(&self) -> Result<Box<dyn Keyring>> {
        open(&self.place)
    }

    /// For a command that writes and may be the first: nothing is made for a dry run.
    pub(super) fn open_or_create(&self) -> Result<Box<dyn Keyring>> {
        let keyring = SqliteKeyring::open_or_create(&self.place, &self.entry)?;
        keyring.writable()?;
        Ok(Box::new(keyring))
    }

    /// The keyring if there is one.
    pub(super) fn open_if_there(&self) -> Result<Option<Box<dyn Keyring>>> {
        match self.open() {
            Ok(keyring) => Ok(Some(keyring)),
            Err(error) if error.code() == Code::KeyringMissing => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The document of a keyring's contract for an operation, where that is how data is printed. The contract is not read
    /// otherwise: one that does not hold keeps nobody from looking at keys.
    pub(super) fn template(&self, keyring: &dyn Keyring, operation: Operation) -> Result<Option<Template>> {
        if self.format != Format::Contract {
            return Ok(None);
        }
        Ok(contract_of(Some(keyring))?.documents.template(operation))
    }

    /// Tells what a dry run would have made: a key without an id, for there is none.
    pub(super) fn rehearse(&self, key: &Key, org_id: Option<Uuid>, what: &str) -> Result<Exit> {
        self.talk.say(&format!("dry run: would {what} named `{}` ({})", key.name, key.env));
        if self.format.is_json() {
            // What a key is recognised by is not there before it is made; of one that is registered, only this is.
            let facts = Facts {
                prefix: None,
                api_key: None,
                spki: None,
                fingerprint: key.facts().fingerprint.filter(|_| key.lifecycle.activated.is_some()),
                lifecycle: Lifecycle { activated: None, ..key.lifecycle },
                ..key.facts()
            };
            let org_id = org_id.map(|id| id.to_string()).unwrap_or_default();
            output::write(&output::rehearsal(&Document { facts: &facts, org_id: &org_id, now: self.now }))?;
        }
        Ok(Exit::Done)
    }

    pub(super) fn print_one(&self, key: &Key, keyring: &dyn Keyring, operation: Operation) -> Result<()> {
        let template = self.template(keyring, operation)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::single(self.format, &org_id, self.now, self.color).under(template);
        out.push(&key.facts());
        out.finish()
    }

    /// Prints a key whose secret went elsewhere, with the file that it went to.
    pub(super) fn print_issued(&self, key: &Key, keyring: &dyn Keyring, file: Option<&Path>) -> Result<()> {
        match file.filter(|_| self.format.is_json() && self.format != Format::Contract) {
            Some(file) => {
                let org_id = keyring.org_id().to_string();
                let document = Document { facts: &key.facts(), org_id: &org_id, now: self.now };
                output::write(&output::with_secret_file(&document, file))
            }
            None => self.print_one(key, keyring, Operation::Show),
        }
    }

    /// Prints keys whose secrets are in files of their own.
    pub(super) fn print_files<'a>(
        &self,
        keys: impl IntoIterator<Item = (&'a Key, &'a Path)>,
        keyring: &dyn Keyring,
    ) -> Result<()> {
        let template = self.template(keyring, Operation::List)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::list(self.format, &org_id, self.now, self.color).under(template);
        keys.into_iter().for_each(|(key, file)| out.push_with_file(&key.facts(), file));
        out.finish()
    }

    /// Prints keys that are made as they are printed.
    pub(super) fn print_each(&self, keys: impl Iterator<Item = Key>, keyring: &dyn Keyring) -> Result<()> {
        let template = self.template(keyring, Operation::List)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::list(self.format, &org_id, self.now, self.color).under(template);
        for key in keys {
            out.push(&key.facts());
            out.flush()?;
        }
        out.finish()
    }

    pub(super) fn print_list<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a Key>,
        keyring: &dyn Keyring,
        operation: Operation,
    ) -> Result<()> {
        let template = self.template(keyring, operation)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::list(self.format, &org_id, self.now, self.color).under(template);
        keys.into_iter().for_each(|key| out.push(&key.facts()));
        out.finish()
    }
}

/// Where the keyring lies.
pub(super) fn place(named: Option<&Path>) -> Result<Place> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => dirs::data_dir().map(|data| data.join("keywright").join("keyring.db")).ok_or_else(|| {
            Error::new(
                Code::KeyringMissing,
                "there is no home directory to look for a keyring in",
                "name one with --keyring",
            )
        })?,
    };
    Place::new(&path)
}

/// Opens the keyring at a place, with a connection of its own.
pub(super) fn open(place: &Place) -> Result<Box<dyn Keyring>> {
    Ok(Box::new(SqliteKeyring::open(place)?))
}
