//! The messages that a signer may have signed by mistake instead of the signature base.

use super::super::{PresentedSignature, authority};
use super::base::Message;

/// The maximum size of a signature base whose variants are tried, in bytes.
const LONGEST: usize = 64 * 1024;

/// A mistake in building the signature base.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    /// A stable word that identifies the mistake.
    pub word: &'static str,
    /// The step that fixes the mistake.
    pub hint: String,
}

impl Mistake {
    fn new(word: &'static str, hint: impl Into<String>) -> Self {
        Self { word, hint: hint.into() }
    }
}

/// The line of the signature base that a mistake replaces, and its wrong text.
struct WrongLine {
    line: usize,
    text: String,
    mistake: Mistake,
}

/// The signature base and the mistakes that a signer can have made in it.
pub(super) struct BaseVariants<'a> {
    right: &'a [u8],
    lines: Vec<&'a str>,
    wrong: Vec<WrongLine>,
}

impl<'a> BaseVariants<'a> {
    /// Returns the variants of a signature base, or `None` if it is too long.
    pub(super) fn of(message: &Message<'_>, presented: &'a PresentedSignature) -> Option<Self> {
        let right = presented.message.as_slice();
        let text = str::from_utf8(right).ok().filter(|text| text.len() <= LONGEST)?;
        let lines: Vec<_> = text.split('\n').collect();
        let mut wrong = Vec::new();
        for (line, right) in lines.iter().enumerate() {
            wrong.extend(wrong_values(message, right).into_iter().map(|(text, mistake)| WrongLine {
                line,
                text,
                mistake,
            }));
        }
        Some(Self { right, lines, wrong })
    }

    /// Returns the signature base.
    pub(super) const fn right(&self) -> &'a [u8] {
        self.right
    }

    /// Returns an iterator over the wrong messages and the mistakes in them. Messages with a single mistake come first.
    pub(super) fn wrong(&self) -> impl Iterator<Item = (Vec<Mistake>, Vec<u8>)> {
        let lines = self.wrong.iter().map(|wrong| (vec![wrong.mistake.clone()], self.joined(&[wrong])));
        let whole = forms(&self.lines).into_iter().map(|(mistake, text)| (vec![mistake], text));
        let pairs = self.wrong.iter().enumerate().flat_map(move |(i, first)| {
            self.wrong[i + 1..]
                .iter()
                .filter(|second| second.line != first.line)
                .map(|second| (vec![first.mistake.clone(), second.mistake.clone()], self.joined(&[first, second])))
        });
        let both = self.wrong.iter().flat_map(|wrong| {
            let lines = self.replaced(&[wrong]);
            forms(&lines)
                .into_iter()
                .map(|(mistake, text)| (vec![wrong.mistake.clone(), mistake], text))
                .collect::<Vec<_>>()
        });
        lines.chain(whole).chain(pairs).chain(both)
    }

    fn replaced<'b>(&'b self, wrong: &[&'b WrongLine]) -> Vec<&'b str> {
        let mut lines = self.lines.clone();
        for WrongLine { line, text, .. } in wrong {
            lines[*line] = text;
        }
        lines
    }

    fn joined(&self, wrong: &[&WrongLine]) -> Vec<u8> {
        self.replaced(wrong).join("\n").into_bytes()
    }
}

/// Returns the wrong ways to join lines.
fn forms(lines: &[&str]) -> Vec<(Mistake, Vec<u8>)> {
    let (params, before) = lines.split_last().unwrap_or((&"", &[]));
    let text = lines.join("\n");
    let newline = Mistake::new("final_newline", "sign the signature base without a newline at its end");
    let crlf = Mistake::new("crlf", "end the lines of the signature base with LF, not CRLF");
    let missing = Mistake::new("no_signature_params", "end the signature base with the line \"@signature-params\"");
    let unquoted = Mistake::new("unquoted_names", "write each name in the signature base in double quotes");
    let mut forms = vec![
        (newline.clone(), format!("{text}\n")),
        (crlf.clone(), lines.join("\r\n")),
        (crlf, lines.join("\r\n") + "\r\n"),
    ];
    if !before.is_empty() {
        forms.push((missing.clone(), before.join("\n")));
        forms.push((missing, before.join("\n") + "\n"));
    }
    let bare = |line: &&str| {
        let name = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        name.map_or_else(|| (*line).to_owned(), |(name, rest)| format!("{name}{rest}"))
    };
    forms.push((unquoted, lines.iter().map(bare).collect::<Vec<_>>().join("\n")));
    let value = params.strip_prefix("\"@signature-params\": ").unwrap_or(params);
    let name = Mistake::new("no_signature_params", "start the last line with \"@signature-params\": and a space");
    forms.push((name, [before, &[value]].concat().join("\n")));
    forms.into_iter().map(|(mistake, text)| (mistake, text.into_bytes())).collect()
}

/// Returns the wrong texts of a line of the signature base.
fn wrong_values(message: &Message<'_>, line: &str) -> Vec<(String, Mistake)> {
    let Some((identifier, value)) = line.split_once(": ") else { return Vec::new() };
    let mut wrong: Vec<(String, Mistake)> = Vec::new();
    let mut add = |other: String, word, hint: String| {
        let text = format!("{identifier}: {other}");
        if text != line && wrong.iter().all(|(known, _)| *known != text) {
            wrong.push((text, Mistake::new(word, hint)));
        }
    };
    match identifier {
        "\"@method\"" => {
            add(value.to_ascii_lowercase(), "lower_case_method", format!("sign the method in uppercase: {value}"));
        }
        "\"@path\"" => {
            let hint = "sign `@path` without the query, which is a component of its own: `@query`";
            add(message.path_and_query(), "query_signed", hint.to_owned());
        }
        "\"@query\"" => {
            let hint = "sign `@query` with its leading `?`, also if the query is empty";
            add(value.trim_start_matches('?').to_owned(), "no_question_mark", hint.to_owned());
        }
        "\"@authority\"" => wrong_authorities(message, value, &mut add),
        "\"@target-uri\"" => {
            let path = value.split('?').next().unwrap_or_default();
            add(path.to_owned(), "no_query", "sign `@target-uri` with the query".to_owned());
        }
        "\"@request-target\"" => {
            let hint = "sign `@request-target` without the method";
            let method = message.method();
            add(format!("{} {value}", method.to_ascii_lowercase()), "method_in_target", hint.to_owned());
            add(format!("{method} {value}"), "method_in_target", hint.to_owned());
        }
        _ => {}
    }
    wrong
}

fn wrong_authorities(message: &Message<'_>, value: &str, add: &mut impl FnMut(String, &'static str, String)) {
    let hint = |how: &str| format!("sign `@authority` {how}: {value}");
    let Some((host, port)) = authority::split(value) else { return };
    if port.is_empty() {
        for port in [443, 80] {
            add(format!("{host}:{port}"), "default_port", hint("without the default port"));
        }
    } else {
        add(host.to_owned(), "no_port", hint("with the port"));
    }
    if let Some(sent) = message.sent_authority() {
        let is_port = sent.to_ascii_lowercase() != value;
        let (word, how) = if is_port {
            ("default_port", "in lowercase and without the default port")
        } else {
            ("upper_case_authority", "in lowercase")
        };
        add(sent.to_owned(), word, hint(how));
        add(sent.to_ascii_lowercase(), "default_port", hint("without the default port"));
        if let Some((sent_host, _)) = authority::split(sent) {
            let with_port = if port.is_empty() { sent_host.to_owned() } else { format!("{sent_host}:{port}") };
            add(with_port, "upper_case_authority", hint("in lowercase"));
        }
    }
}
