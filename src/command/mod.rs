//! One file per subcommand: what it reads, whom it asks, what it prints. Rules live elsewhere.

mod activate;
mod completions;
mod create;
mod describe;
mod generate;
mod init;
mod list;
mod man;
mod owner;
mod policy;
mod revoke;
mod show;

use crate::{
    cli::{Cli, Command, Filter, Global, Target},
    contract::{self, Contract, Operation, Template},
    error::{Code, Error, Exit, Result},
    input, interrupt, issuance,
    key::{Document, Facts, Key, Lifecycle, Lookup, Material, Time, find_secrets},
    keypair::KeyPair,
    keyring::{Entry, Keyring, Place, Selection, SqliteKeyring, resolve},
    output::{self, ColorChoice, Format, Talk},
    process,
};
use std::path::Path;
use uuid::Uuid;

/// What holds for one run of a command.
struct Context {
    place: Place,
    now: Time,
    entry: Entry,
    format: Format,
    color: ColorChoice,
    talk: Talk,
}

/// Runs a subcommand.
///
/// # Errors
/// Whatever the user can act on.
pub fn run(cli: Cli) -> Result<Exit> {
    let Cli { global, command } = cli;
    // These two need neither a keyring nor a home directory.
    match command {
        Command::Completions(args) => return completions::run(&args),
        Command::Man(args) => return man::run(&args),
        _ => {}
    }
    let context = Context::new(&global, command.name())?;
    let template = error_template(context.format, global.keyring.as_deref());
    interrupt::install(output::interrupted(
        context.format,
        template.as_ref(),
        "run it again; nothing half done was left",
    ))?;
    match command {
        Command::Init(args) => init::run(&args, &context),
        Command::Generate(args) => generate::run(*args, &context),
        Command::Create(args) => create::run(&args, &context),
        Command::Activate(args) => activate::run(&args, &context),
        Command::List(args) => list::run(*args, &context),
        Command::Show(args) => show::run(&args, &context),
        Command::Revoke(args) => revoke::run(*args, &context),
        Command::Policy(args) => policy::run(&args, &context),
        Command::Owner(args) => owner::run(&args, &context),
        Command::Completions(_) | Command::Man(_) => Ok(Exit::Done),
    }
}

impl Context {
    fn new(global: &Global, command: &str) -> Result<Self> {
        let place = place(global.keyring.as_deref())?;
        let now = global.now.unwrap_or_else(Time::now);
        let (user, host) = process::identity();
        Ok(Self {
            place,
            now,
            entry: Entry {
                at: now,
                clock_set: global.now.is_some(),
                user,
                host,
                command: command.to_owned(),
            },
            format: global.format,
            color: global.color,
            talk: Talk {
                quiet: global.quiet,
                color: global.color,
                yes: global.yes,
            },
        })
    }

    fn open(&self) -> Result<Box<dyn Keyring>> {
        open(&self.place)
    }

    /// For a command that writes and may be the first: nothing is made for a dry run.
    fn open_or_create(&self) -> Result<Box<dyn Keyring>> {
        let keyring = SqliteKeyring::open_or_create(&self.place, &self.entry)?;
        keyring.writable()?;
        Ok(Box::new(keyring))
    }

    /// The keyring if there is one.
    fn open_if_there(&self) -> Result<Option<Box<dyn Keyring>>> {
        match self.open() {
            Ok(keyring) => Ok(Some(keyring)),
            Err(error) if error.code() == Code::KeyringMissing => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The document of a keyring's contract for an operation, where that is how data is printed. The contract is not read
    /// otherwise: one that does not hold keeps nobody from looking at keys.
    fn template(&self, keyring: &dyn Keyring, operation: Operation) -> Result<Option<Template>> {
        if self.format != Format::Contract {
            return Ok(None);
        }
        Ok(contract_of(Some(keyring))?.documents.template(operation))
    }

    /// Tells what a dry run would have made: a key without an id, for there is none.
    fn rehearse(&self, key: &Key, org_id: Option<Uuid>, what: &str) -> Result<Exit> {
        self.talk
            .say(&format!("dry run: would {what} named `{}` ({})", key.name, key.env));
        if self.format.is_json() {
            // What a key is recognised by is not there before it is made; of one that is registered, only this is.
            let facts = Facts {
                prefix: None,
                api_key: None,
                spki: None,
                fingerprint: key.facts().fingerprint.filter(|_| key.lifecycle.activated.is_some()),
                lifecycle: Lifecycle {
                    activated: None,
                    ..key.lifecycle
                },
                ..key.facts()
            };
            let org_id = org_id.map(|id| id.to_string()).unwrap_or_default();
            output::write(&output::rehearsal(&Document {
                facts: &facts,
                org_id: &org_id,
                now: self.now,
            }))?;
        }
        Ok(Exit::Done)
    }

    fn print_one(&self, key: &Key, keyring: &dyn Keyring, operation: Operation) -> Result<()> {
        let template = self.template(keyring, operation)?;
        let org_id = keyring.org_id().to_string();
        let mut out = output::Keys::single(self.format, &org_id, self.now, self.color).under(template);
        out.push(&key.facts());
        out.finish()
    }

    /// Prints a key whose secret went elsewhere, with the file that it went to.
    fn print_issued(&self, key: &Key, keyring: &dyn Keyring, file: Option<&Path>) -> Result<()> {
        match file.filter(|_| self.format.is_json() && self.format != Format::Contract) {
            Some(file) => {
                let org_id = keyring.org_id().to_string();
                let document = Document {
                    facts: &key.facts(),
                    org_id: &org_id,
                    now: self.now,
                };
                output::write(&output::with_secret_file(&document, file))
            }
            None => self.print_one(key, keyring, Operation::Show),
        }
    }

    fn print_list<'a>(
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

/// The contract that a keyring is under; the default one where there is no keyring yet.
fn contract_of(keyring: Option<&dyn Keyring>) -> Result<Contract> {
    keyring.map_or_else(|| Contract::stored(None), issuance::contract)
}

/// The contract that is built in under a name, or that a file holds.
fn load_contract(source: &Path) -> Result<Contract> {
    if let Some(text) = source.to_str().and_then(Contract::built_in) {
        return Contract::parse(text.as_bytes());
    }
    if source.as_os_str() != "-" && !source.try_exists().unwrap_or(true) {
        let names: Vec<_> = Contract::built_in_names().collect();
        return Err(Error::new(
            Code::ContractUnknown,
            format!("there is neither a contract nor a file `{}`", source.display()),
            format!(
                "choose one of {}, or give the path of a contract file",
                names.join(", ")
            ),
        ));
    }
    let bytes = input::read_up_to(source, contract::LIMIT)?;
    Contract::parse(&bytes).map_err(|error| error.in_file(&source.display().to_string()))
}

/// The document that failures are told in, where the keyring's contract is asked for and can be read.
#[must_use]
pub fn error_template(format: Format, keyring: Option<&Path>) -> Option<Template> {
    if format != Format::Contract {
        return None;
    }
    let keyring = place(keyring).and_then(|place| open(&place)).ok()?;
    contract_of(Some(keyring.as_ref()))
        .ok()?
        .documents
        .template(Operation::Error)
}

/// Where the keyring lies.
fn place(named: Option<&Path>) -> Result<Place> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => dirs::data_dir()
            .map(|data| data.join("keywright").join("keyring.db"))
            .ok_or_else(|| {
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
fn open(place: &Place) -> Result<Box<dyn Keyring>> {
    Ok(Box::new(SqliteKeyring::open(place)?))
}

impl Filter {
    /// The keys that meet the conditions, of any status.
    fn selection(self, now: Time) -> Result<Selection> {
        Ok(Selection {
            types: self.types,
            envs: self.envs,
            scopes: self.scopes,
            owner: self.owner,
            name: self.name,
            labels: self.labels,
            expiring_by: self
                .expiring_within
                .map(|period| period.after(now))
                .transpose()
                .map_err(|e| e.in_option("--expiring-within"))?,
            unused_since: self
                .unused_for
                .map(|period| period.before(now))
                .transpose()
                .map_err(|e| e.in_option("--unused-for"))?,
            never_used: self.never_used,
            ..Selection::all(now)
        })
    }
}

/// The key that is meant: by name, or by a secret on standard input.
fn find_target(keyring: &dyn Keyring, target: &Target, context: &Context) -> Result<Key> {
    match target {
        Target::Key(reference) => resolve(keyring, reference, context.now),
        Target::Secret => {
            let secret = input::read_secret(Path::new("-"), context.talk)?;
            find_by_secret(keyring, &secret, context.now)
        }
    }
}

/// The key that a secret belongs to, whatever its status.
fn find_by_secret(keyring: &dyn Keyring, secret: &[u8], now: Time) -> Result<Key> {
    let unknown = || {
        Error::new(
            Code::NotFound,
            "no key of this keyring has that secret",
            "look with `keywright list --all`",
        )
    };
    let text = str::from_utf8(secret).unwrap_or_default();
    let mut found: Vec<Key> = Vec::new();
    let presented = find_secrets(text);
    for presented in &presented {
        let candidates = keyring.find(&presented.lookup, now, 1)?;
        found.extend(candidates.into_iter().filter(|key| match &key.material {
            Material::Token { hash, .. } | Material::Pair { hash, .. } => presented.hash == *hash,
            Material::Rsa { .. } => false,
        }));
    }
    if presented.is_empty() {
        let pair = KeyPair::from_private(secret).map_err(|error| match error.code() {
            // Without the marks of a private key it may as well have been meant for a token.
            Code::InvalidSecret if !text.contains("PRIVATE KEY") => Error::new(
                Code::InvalidSecret,
                "that holds no token, api_secret or private key",
                "give all of it: a character that is missing or wrong breaks its checksum",
            ),
            _ => error,
        })?;
        let modulus = pair.public()?.modulus_digest();
        found = keyring.find(&Lookup::Modulus(modulus), now, 1)?;
    }
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        (None, _) => Err(unknown()),
        (Some(_), false) => Err(Error::new(
            Code::Ambiguous,
            "the input holds the secrets of several keys",
            "give them one at a time",
        )),
    }
}
