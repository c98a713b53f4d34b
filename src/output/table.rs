//! Tables for people to read.

use super::{
    DataStyle, Format,
    columns::{GAP, HEADER, STATUS, Widths, arrange, natural, shown, terminal_width, width},
    csv, harmless, write,
};
use crate::error::Result;
use crate::key::{Field, FieldValue, KeyDocument, KeyView, Status, Time};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, Table, TableStyle, Width};
use serde_json::{Map, Value};

/// The rows of a list. The first page determines the widths of the columns, so that a long list can be printed before
/// all of it has been read.
pub(super) struct Rows {
    now: Time,
    color: bool,
    pending: Vec<([String; HEADER.len()], Status)>,
    widths: Option<Widths>,
}

impl Rows {
    pub(super) const fn new(now: Time, color: bool) -> Self {
        Self { now, color, pending: Vec::new(), widths: None }
    }

    pub(super) const fn color(&self) -> bool {
        self.color
    }

    pub(super) fn push(&mut self, facts: &KeyView<'_>) {
        let life = facts.lifecycle;
        let status = life.status(self.now);
        let when = |time: Option<Time>, unset: &str| time.map_or_else(|| unset.to_owned(), |t| relative(t, self.now));
        let cells = [
            facts.name.to_owned(),
            status.word().to_owned(),
            facts.key_type.word().to_owned(),
            facts.env.word().to_owned(),
            facts.id.to_string()[..8].to_owned(),
            when(life.ends(), "never"),
            facts.owner.unwrap_or("-").to_owned(),
            if facts.scopes.text.is_empty() { "-".to_owned() } else { facts.scopes.to_string() },
            when(life.last_used, "never"),
            when(Some(life.created), "-"),
        ];
        self.pending.push((cells, status));
    }

    /// Renders the pending rows into `out`.
    pub(super) fn render(&mut self, out: &mut Vec<u8>) {
        if self.pending.is_empty() {
            return;
        }
        let first = self.widths.is_none();
        let widths = *self.widths.get_or_insert_with(|| {
            let is_empty = |column: usize| self.pending.iter().all(|(cells, _)| cells[column] == "-");
            arrange(natural(self.pending.iter().map(|(cells, _)| cells)), is_empty, terminal_width())
        });
        let mut table = plain();
        if first {
            let header = shown(&widths).map(|column| {
                let cell = Cell::new(HEADER[column]);
                if self.color { cell.add_attribute(Attribute::Bold) } else { cell }
            });
            table.set_header(header.collect::<Vec<_>>());
        }
        for (cells, status) in self.pending.drain(..) {
            let row = shown(&widths).map(|column| {
                let cell = Cell::new(fit(&cells[column], widths[column]));
                match column {
                    STATUS if self.color => cell.fg(color_of(status)),
                    _ => cell,
                }
            });
            table.add_row(row.collect::<Vec<_>>());
        }
        let columns: Vec<usize> = shown(&widths).collect();
        for (index, column) in columns.iter().enumerate() {
            if let Some(part) = table.column_mut(index) {
                let width = u16::try_from(widths[*column]).unwrap_or(u16::MAX).saturating_add(GAP);
                part.set_padding((0, GAP)).set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
            }
        }
        append(out, &table);
    }
}

fn plain() -> Table {
    let mut table = Table::new();
    // `ColorChoice` decides whether to use color; without this line, the library would decide on its own.
    table.load_style(TableStyle::new()).force_no_tty().enforce_styling();
    table
}

/// Appends a table with a header.
fn append_rows(out: &mut Vec<u8>, header: &[&str], rows: &[Vec<String>], color: bool) {
    let mut table = plain();
    table.set_header(header.iter().map(|name| {
        let cell = Cell::new(name);
        if color { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    table.add_rows(rows);
    for column in 0..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_padding((0, GAP));
        }
    }
    append(out, &table);
}

fn append(out: &mut Vec<u8>, table: &Table) {
    for line in table.lines() {
        let line = line.trim_end();
        // The padding of a colored cell comes before the code that ends the color.
        let is_code = |text: &str| {
            let digits = text.strip_prefix("\u{1b}[").and_then(|text| text.strip_suffix('m'));
            digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
        };
        let (text, end) = match line.rfind('\u{1b}') {
            Some(at) if is_code(&line[at..]) => line.split_at(at),
            _ => (line, ""),
        };
        out.extend_from_slice(text.trim_end().as_bytes());
        out.extend_from_slice(end.as_bytes());
        out.push(b'\n');
    }
}

const fn color_of(status: Status) -> Color {
    match status {
        // The darker variants are legible on a light background, too.
        Status::Active => Color::DarkGreen,
        Status::Pending | Status::Disabled => Color::DarkYellow,
        Status::Expired => Color::DarkCyan,
        Status::Revoked => Color::DarkRed,
    }
}

/// Returns the text, truncated and with an ellipsis at the end if the text is wider than `limit` terminal cells.
pub(super) fn fit(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if width(&cut) + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) + 1 > limit {
            break;
        }
        cut.push(c);
    }
    cut.push('\u{2026}');
    cut
}

/// Returns a time relative to now in words, such as `in 89 days` or `3 hours ago`.
fn relative(time: Time, now: Time) -> String {
    let distance = time.seconds() - now.seconds();
    let (count, unit) = match distance.unsigned_abs() {
        0..60 => {
            return if distance > 0 { "in seconds".to_owned() } else { "just now".to_owned() };
        }
        // Rounded to the nearest unit, so that a key that is valid for 90 days does not show 89 days one second later.
        s @ 60..3_570 => ((s + 30) / 60, "minute"),
        s @ 3_570..171_000 => ((s + 1_800) / 3_600, "hour"),
        s @ 171_000..63_072_000 => ((s + 43_200) / 86_400, "day"),
        s => ((s + 15_768_000) / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance > 0 { format!("in {count} {unit}{plural}") } else { format!("{count} {unit}{plural} ago") }
}

/// Appends names and values, one pair per line. The first value is green if `good` is `Some(true)`, and red if it is
/// `Some(false)`. With `None`, the output has no color.
pub(super) fn append_pairs(out: &mut Vec<u8>, rows: &[(String, String)], good: Option<bool>) {
    let mut table = plain();
    for (index, (name, value)) in rows.iter().enumerate() {
        let (name, value) = (Cell::new(name), Cell::new(value));
        table.add_row(match good {
            Some(good) if index == 0 => {
                [name.add_attribute(Attribute::Bold), value.fg(if good { Color::DarkGreen } else { Color::DarkRed })]
            }
            Some(_) => [name.add_attribute(Attribute::Bold), value],
            None => [name, value],
        });
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, GAP));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_padding((0, 0));
    }
    append(out, &table);
}

/// The first fields in the table of a single key, which identify the key.
const FIRST: [Field; 8] =
    [Field::Id, Field::Name, Field::Status, Field::Type, Field::Env, Field::Prefix, Field::ApiKey, Field::Fingerprint];

/// The last fields in the table of a single key: the lifecycle, the rotation chain and the organization.
const LAST: [Field; 11] = [
    Field::CreatedAt,
    Field::ActivatedAt,
    Field::ExpiresAt,
    Field::LastUsedAt,
    Field::DisabledAt,
    Field::RevokedAt,
    Field::RevocationReason,
    Field::RevocationNote,
    Field::RotatedFrom,
    Field::RotatedTo,
    Field::OrgId,
];

/// Returns the fields in the table of a single key, in order. Fields that are neither in [`FIRST`] nor in [`LAST`] come
/// between them.
fn fields_of_a_key() -> impl Iterator<Item = Field> {
    // The size of the key is shown with its type, and the public key is shown below the table. The terms of a rotation
    // are only for the audit log.
    let elsewhere = [Field::KeyBits, Field::PublicKey, Field::RetireOnUse, Field::Handover];
    let describes = move |field: &Field| !FIRST.iter().chain(&LAST).chain(&elsewhere).any(|other| other == field);
    FIRST.into_iter().chain(Field::ALL.iter().copied().filter(describes)).chain(LAST)
}

/// Returns the table of a single key, with one line per field, followed by the public key. Without a choice of fields,
/// the table has every field that is set.
#[must_use]
pub(super) fn details(document: &KeyDocument<'_>, chosen: Option<&[Field]>, color: bool) -> String {
    let view = document.view;
    let status = view.lifecycle.status(document.now);
    let fields: Vec<Field> = match chosen {
        Some(fields) => fields.iter().copied().filter(|field| *field != Field::PublicKey).collect(),
        None => fields_of_a_key().collect(),
    };
    let mut table = plain();
    for field in fields {
        let value = match detail(document, field) {
            value if !value.is_empty() => value,
            _ if chosen.is_some() => "-".to_owned(),
            _ => continue,
        };
        let label = Cell::new(field.label()).set_alignment(CellAlignment::Left);
        let value =
            if field == Field::Status && color { Cell::new(value).fg(color_of(status)) } else { Cell::new(value) };
        table.add_row([if color { label.add_attribute(Attribute::Bold) } else { label }, value]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, GAP));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_padding((0, 0));
    }
    let mut out = Vec::new();
    append(&mut out, &table);
    if let Some(spki) = view.spki.filter(|_| chosen.is_none_or(|fields| fields.contains(&Field::PublicKey))) {
        out.extend_from_slice(crate::key::spki_pem(spki).as_bytes());
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns the value of a field as shown in the table of a single key. An unset field is an empty string, except for
/// the expiry and the last use, which are `never`.
fn detail(document: &KeyDocument<'_>, field: Field) -> String {
    let view = document.view;
    match (field, document.value(field)) {
        (Field::Type, value) => {
            view.bits.map_or_else(|| value.text().into_owned(), |bits| format!("{}, {bits} bits", value.text()))
        }
        (Field::Fingerprint, FieldValue::Fingerprint(fingerprint)) => format!("{fingerprint} (SHA-256 of the SPKI)"),
        (Field::ExpiresAt | Field::LastUsedAt, FieldValue::Unset) => "never".to_owned(),
        (_, FieldValue::Time(time)) => format!("{time} ({})", relative(time, document.now)),
        (_, FieldValue::Labels(json)) => labels(json).unwrap_or_default(),
        (_, value) => value.text().into_owned(),
    }
}

/// Returns the value of a field as the text of a cell.
pub(super) fn cell(value: FieldValue<'_>) -> String {
    let text = match value {
        FieldValue::Labels(json) => labels(json).unwrap_or_default(),
        other => other.text().into_owned(),
    };
    if text.is_empty() { "-".to_owned() } else { text }
}

fn labels(json: &str) -> Option<String> {
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(json).ok()?;
    Some(map.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", "))
}

/// Prints the rows and their header as a table or as CSV. [`Format::Id`] prints only the first column, without a
/// header. A table without rows is not printed.
///
/// # Errors
/// Returns `output_failed` if standard output cannot be written.
pub fn print_rows(style: &DataStyle, header: &[&str], rows: &[Vec<String>]) -> Result<()> {
    let mut out = Vec::new();
    match style.format {
        Format::Csv => {
            csv::record(&mut out, header);
            for row in rows {
                csv::values(&mut out, header, row);
            }
        }
        Format::Id => rows.iter().filter_map(|row| row.first()).for_each(|first| {
            out.extend_from_slice(first.as_bytes());
            out.push(b'\n');
        }),
        _ if rows.is_empty() => {}
        _ => append_rows(&mut out, header, rows, style.is_colored()),
    }
    if out.is_empty() { Ok(()) } else { write(&out) }
}

/// Prints a JSON object: as JSON, as a table with one field per line, as CSV with one column per field, or, for
/// [`Format::Id`], as the value of the first field.
///
/// # Errors
/// Returns `output_failed` if standard output cannot be written.
pub fn print_object(style: &DataStyle, object: &Map<String, Value>) -> Result<()> {
    let object = style.chosen(object.clone());
    if style.format.is_json() {
        return write(format!("{}\n", Value::from(object)).as_bytes());
    }
    let fields = object.iter();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if style.format == Format::Table {
        let rows: Vec<Vec<String>> =
            fields.map(|(name, value)| vec![name.replace('_', " "), harmless(&plain(value))]).collect();
        return print_rows(style, &["FIELD", "VALUE"], &rows);
    }
    let (names, values): (Vec<&str>, Vec<String>) = fields.map(|(name, value)| (name.as_str(), plain(value))).unzip();
    print_rows(style, &names, &[values])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_to_now() {
        let now = Time::from_seconds(1_700_000_000);
        let at = |seconds: i64| relative(Time::from_seconds(now.seconds() + seconds), now);
        assert_eq!(at(0), "just now");
        assert_eq!(at(30), "in seconds");
        assert_eq!(at(-60), "1 minute ago");
        assert_eq!(at(7_200), "in 2 hours");
        assert_eq!(at(90 * 86_400 - 1), "in 90 days");
        assert_eq!(at(3_599), "in 1 hour");
        assert_eq!(at(-172_799), "2 days ago");
        assert_eq!(at(-3 * 31_536_000), "3 years ago");
    }

    #[test]
    fn long_text_is_cut_by_width_not_by_bytes() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdefg", 6), "abcde\u{2026}");
        assert_eq!(fit("鍵鍵鍵鍵", 6), "鍵鍵\u{2026}");
    }
}
