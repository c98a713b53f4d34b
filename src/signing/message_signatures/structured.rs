//! Structured fields (RFC 9651) in which no key is repeated.
//!
//! RFC 9651, section 4.2, ignores all but the last of several members or parameters with the same key. Other programs
//! may use the first one, so a repeated key is refused.

pub(super) use sfv::Key;
use sfv::visitor::{DictionaryVisitor, EntryVisitor, InnerListVisitor, ItemVisitor, ListVisitor, ParameterVisitor};
use sfv::{BareItem, BareItemFromInput, DictSerializer, KeyRef, ListSerializer, Parser};
use std::fmt;

/// The maximum number of parameters of an item or an inner list.
const PARAMETERS: usize = 32;

/// The parameters of an item or an inner list, in the order in which they were sent.
pub(super) type Parameters = Vec<(Key, BareItem)>;

/// The maximum numbers of members and items in a structured field.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The maximum number of members of the dictionary or the list.
    pub members: usize,
    /// The maximum number of items of an inner list.
    pub items: usize,
}

/// The reason why a structured field could not be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// The syntax is invalid.
    Syntax,
    /// A key is repeated.
    Repeated,
    /// A limit is exceeded.
    TooMany,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the syntax is invalid",
            Self::Repeated => "a key is repeated",
            Self::TooMany => "there are too many members, items or parameters",
        })
    }
}

impl std::error::Error for Malformed {}

/// The value of a member: an item or an inner list.
#[derive(Debug)]
pub(super) enum Value {
    /// A single item.
    Item(BareItem),
    /// The items of an inner list, with their parameters.
    List(Vec<(BareItem, Parameters)>),
}

/// A member of a dictionary or a list.
#[derive(Debug)]
pub(super) struct DictionaryMember {
    /// The value.
    pub value: Value,
    /// The parameters of the value.
    pub parameters: Parameters,
}

impl DictionaryMember {
    /// Serializes the member without its key (RFC 9651, section 4.1.1).
    pub(super) fn serialize(&self) -> String {
        serialize_list(std::slice::from_ref(self))
    }
}

/// Parses a dictionary (RFC 9651, section 4.2.2).
pub(super) fn parse_dictionary(text: &str, limits: Limits) -> Result<Vec<(Key, DictionaryMember)>, Malformed> {
    let mut found = ItemBuilder::new(limits);
    let parsed = Parser::new(text).parse_dictionary_with_visitor(&mut found);
    found.finish(parsed)?;
    Ok(found.keys.into_iter().zip(found.members).collect())
}

/// Parses a list (RFC 9651, section 4.2.1).
pub(super) fn parse_list(text: &str, limits: Limits) -> Result<Vec<DictionaryMember>, Malformed> {
    let mut found = ItemBuilder::new(limits);
    let parsed = Parser::new(text).parse_list_with_visitor(&mut found);
    found.finish(parsed)?;
    Ok(found.members)
}

/// Serializes a dictionary (RFC 9651, section 4.1.2).
pub(super) fn serialize_dictionary(members: &[(Key, DictionaryMember)]) -> String {
    let mut serializer = DictSerializer::new();
    for (key, member) in members {
        match &member.value {
            Value::Item(item) => _ = serializer.bare_item(key, item).parameters(pairs(&member.parameters)),
            Value::List(items) => {
                let mut list = serializer.inner_list(key);
                for (item, parameters) in items {
                    _ = list.bare_item(item).parameters(pairs(parameters));
                }
                _ = list.finish().parameters(pairs(&member.parameters));
            }
        }
    }
    serializer.finish().unwrap_or_default()
}

/// Serializes a list (RFC 9651, section 4.1.1).
pub(super) fn serialize_list(members: &[DictionaryMember]) -> String {
    let mut serializer = ListSerializer::new();
    for member in members {
        match &member.value {
            Value::Item(item) => _ = serializer.bare_item(item).parameters(pairs(&member.parameters)),
            Value::List(items) => {
                let mut list = serializer.inner_list();
                for (item, parameters) in items {
                    _ = list.bare_item(item).parameters(pairs(parameters));
                }
                _ = list.finish().parameters(pairs(&member.parameters));
            }
        }
    }
    serializer.finish().unwrap_or_default()
}

/// Serializes an item (RFC 9651, section 4.1.3).
pub(super) fn serialize_item(item: &BareItem, parameters: &Parameters) -> String {
    sfv::ItemSerializer::new().bare_item(item).parameters(pairs(parameters)).finish()
}

fn pairs(parameters: &Parameters) -> impl Iterator<Item = (&KeyRef, &BareItem)> {
    parameters.iter().map(|(key, value)| (&**key, value))
}

/// The members that have been parsed so far. `keys` is empty for a list.
struct ItemBuilder {
    limits: Limits,
    keys: Vec<Key>,
    members: Vec<DictionaryMember>,
    /// The reason why the builder stopped the parser, or `None` if it did not.
    stopped: Option<Malformed>,
}

impl ItemBuilder {
    fn new(limits: Limits) -> Self {
        Self { limits, keys: Vec::new(), members: Vec::new(), stopped: None }
    }

    fn finish<T, E>(&self, parsed: Result<T, E>) -> Result<(), Malformed> {
        parsed.map(drop).map_err(|_| self.stopped.unwrap_or(Malformed::Syntax))
    }

    fn stop(&mut self, reason: Malformed) -> Malformed {
        self.stopped = Some(reason);
        reason
    }

    /// Adds a member whose value and parameters have not been parsed yet.
    fn add(&mut self) -> Result<AnyEntry<'_>, Malformed> {
        if self.members.len() == self.limits.members {
            return Err(self.stop(Malformed::TooMany));
        }
        self.members.push(DictionaryMember { value: Value::List(Vec::new()), parameters: Vec::new() });
        Ok(AnyEntry(self))
    }
}

impl<'de> DictionaryVisitor<'de> for &mut ItemBuilder {
    type Out = ();
    type Error = Malformed;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Malformed> {
        if self.keys.iter().any(|known| known.as_str() == key.as_str()) {
            return Err(self.stop(Malformed::Repeated));
        }
        self.keys.push(key.to_owned());
        self.add()
    }

    fn finish(self) -> Result<(), Malformed> {
        Ok(())
    }
}

impl<'de> ListVisitor<'de> for &mut ItemBuilder {
    type Out = ();
    type Error = Malformed;

    fn entry(&mut self) -> Result<impl EntryVisitor<'de>, Malformed> {
        self.add()
    }

    fn finish(self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// The visitor of the last member.
struct AnyEntry<'a>(&'a mut ItemBuilder);

impl<'de> EntryVisitor<'de> for AnyEntry<'_> {
    type Error = Malformed;

    fn item(self) -> Result<impl ItemVisitor<'de>, Malformed> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Malformed> {
        Ok(self)
    }
}

impl<'de> ItemVisitor<'de> for AnyEntry<'_> {
    type Out = ();
    type Error = Malformed;

    fn bare_item(self, item: BareItemFromInput<'de>) -> Result<impl ParameterVisitor<'de, Out = ()>, Malformed> {
        if let Some(member) = self.0.members.last_mut() {
            member.value = Value::Item(item.into());
        }
        Ok(AnyParameters { builder: self.0, is_inner: false })
    }
}

impl<'de> InnerListVisitor<'de> for AnyEntry<'_> {
    type Error = Malformed;

    fn item(&mut self) -> Result<impl ItemVisitor<'de>, Malformed> {
        Ok(InnerItem(self.0))
    }

    fn finish(self) -> Result<impl ParameterVisitor<'de>, Malformed> {
        Ok(AnyParameters { builder: self.0, is_inner: false })
    }
}

/// The visitor of the next item of the last member, which is an inner list.
struct InnerItem<'a>(&'a mut ItemBuilder);

impl<'de> ItemVisitor<'de> for InnerItem<'_> {
    type Out = ();
    type Error = Malformed;

    fn bare_item(self, item: BareItemFromInput<'de>) -> Result<impl ParameterVisitor<'de, Out = ()>, Malformed> {
        let limit = self.0.limits.items;
        if let Some(DictionaryMember { value: Value::List(items), .. }) = self.0.members.last_mut() {
            if items.len() == limit {
                return Err(self.0.stop(Malformed::TooMany));
            }
            items.push((item.into(), Vec::new()));
        }
        Ok(AnyParameters { builder: self.0, is_inner: true })
    }
}

/// The visitor of the parameters of the last member or, if `is_inner` is `true`, of the last item in it.
struct AnyParameters<'a> {
    builder: &'a mut ItemBuilder,
    is_inner: bool,
}

impl<'de> ParameterVisitor<'de> for AnyParameters<'_> {
    type Out = ();
    type Error = Malformed;

    fn parameter(&mut self, key: &'de KeyRef, value: BareItemFromInput<'de>) -> Result<(), Malformed> {
        let Some(member) = self.builder.members.last_mut() else { return Ok(()) };
        let parameters = match &mut member.value {
            Value::List(items) if self.is_inner => items.last_mut().map(|(_, parameters)| parameters),
            _ => Some(&mut member.parameters),
        };
        let Some(parameters) = parameters else { return Ok(()) };
        let problem = if parameters.iter().any(|(known, _)| known.as_str() == key.as_str()) {
            Malformed::Repeated
        } else if parameters.len() == PARAMETERS {
            Malformed::TooMany
        } else {
            parameters.push((key.to_owned(), value.into()));
            return Ok(());
        };
        Err(self.builder.stop(problem))
    }

    fn finish(self) -> Result<(), Malformed> {
        Ok(())
    }
}
