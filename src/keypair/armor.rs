//! PEM blocks (RFC 7468) and SSH2 blocks (RFC 4716), read in any layout.
//!
//! Mail clients, editors and environment variables indent, rewrap or join the lines of a block. The `pem-rfc7468` crate
//! rejects such blocks, because it accepts only the layout that generators must write.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The blocks in an input, and the text after the last block.
pub(super) struct Armored<'t> {
    pub(super) blocks: Vec<PemBlock<'t>>,
    pub(super) after: &'t str,
}

/// A block, from its BEGIN line to its END line. Without an END line, a block extends to the next BEGIN line or to the
/// end of the input.
pub(super) struct PemBlock<'t> {
    /// The label after BEGIN, which is untrusted text.
    pub(super) label: &'t str,
    /// The headers and the base64 data.
    body: &'t str,
    /// `true` if an END line with the same label was found.
    pub(super) closed: bool,
}

/// A style of BEGIN and END lines: five hyphens (RFC 7468, section 2), or four hyphens and a space (RFC 4716,
/// section 3.2).
struct Style {
    begin: &'static str,
    end: &'static str,
    close: &'static str,
}

const STYLES: [Style; 2] = [
    Style { begin: "-----BEGIN ", end: "-----END ", close: "-----" },
    Style { begin: "---- BEGIN ", end: "---- END ", close: " ----" },
];

/// Finds all blocks in `text`. The text before and between the blocks is ignored as explanatory text, and so is a BEGIN
/// line without closing hyphens.
pub(super) fn blocks(text: &str) -> Armored<'_> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((style, at)) =
        STYLES.iter().filter_map(|style| Some((style, rest.find(style.begin)?))).min_by_key(|&(_, at)| at)
    {
        rest = &rest[at + style.begin.len()..];
        let Some((label, inner)) = label(rest, style) else {
            continue;
        };
        // A block without an END line ends at the next BEGIN line. Otherwise, two keys would look like one.
        let stop = STYLES.iter().filter_map(|style| inner.find(style.begin)).min().unwrap_or(inner.len());
        let (inner, beyond) = inner.split_at(stop);
        let (body, closed, left) = match inner.find(style.end) {
            Some(end) => {
                let tail = &inner[end + style.end.len()..];
                match self::label(tail, style) {
                    Some((closing, left)) => (&inner[..end], closing == label, left),
                    None => (&inner[..end], false, ""),
                }
            }
            None => (inner, false, ""),
        };
        blocks.push(PemBlock { label, body, closed });
        rest = if beyond.is_empty() { left } else { beyond };
    }
    Armored { blocks, after: rest }
}

/// Splits the text after `BEGIN` or `END` into the label and the text after the closing hyphens. Returns `None` if the
/// closing hyphens are not on the same line as the label.
fn label<'t>(text: &'t str, style: &Style) -> Option<(&'t str, &'t str)> {
    let line = &text[..text.find(['\n', '\r']).unwrap_or(text.len())];
    let end = line.find(style.close)?;
    Some((line[..end].trim(), &text[end + style.close.len()..]))
}

impl PemBlock<'_> {
    /// Returns `true` if the label contains `PRIVATE KEY`, as the labels of private keys in all PEM formats do.
    pub(super) fn is_private(&self) -> bool {
        self.label.contains("PRIVATE KEY")
    }

    /// Returns `true` if the label (in PKCS#8) or a `Proc-Type` header (RFC 1421, in older formats) says that the key
    /// is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.label.contains("ENCRYPTED")
            || self.body.lines().any(|line| line.contains("Proc-Type") && line.contains("ENCRYPTED"))
    }

    /// Returns the decoded base64 data, or `None` if the base64 is invalid. Headers, whitespace, backslashes and
    /// escaped line breaks are skipped.
    pub(super) fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut base64 = Zeroizing::new(String::with_capacity(self.body.len()));
        let mut continued = false;
        for line in self.body.split(['\n', '\r']) {
            // A header that ends with a backslash continues on the next line (RFC 4716, section 3.3).
            let header = continued || line.contains(':');
            continued = header && line.ends_with('\\');
            if header {
                continue;
            }
            // Environment variables often contain line breaks as a literal `\n`.
            for piece in line.split("\\n").flat_map(|piece| piece.split("\\r")) {
                // Some JSON encoders write a slash as `\/`.
                base64.extend(piece.chars().filter(|c| !c.is_whitespace() && *c != '\\'));
            }
        }
        Base64::decode_vec(&base64).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (String, Option<Vec<u8>>, bool) {
        let armored = blocks(text);
        assert_eq!(armored.blocks.len(), 1, "{text}");
        let block = &armored.blocks[0];
        (block.label.to_owned(), block.decode().map(|der| der.to_vec()), block.closed)
    }

    #[test]
    fn the_layout_of_a_block_does_not_matter() {
        for text in [
            "-----BEGIN X-----\nAQID\n-----END X-----\n",
            "-----BEGIN X-----\r\nAQ\r\nID\r\n-----END X-----",
            "-----BEGIN X-----\rAQID\r-----END X-----\r",
            "text before\n\t -----BEGIN X-----  \n  A\tQ I D  \n\n -----END X-----",
            "-----BEGIN X-----AQID-----END X-----",
            "KEY=-----BEGIN X-----\\nAQ\\r\\nID\\n-----END X-----",
            "-----BEGIN X-----\nComment: a\\\nb\n\nAQID\n-----END X-----",
            "---- BEGIN X ----\nComment: c\nAQID\n---- END X ----",
        ] {
            assert_eq!(one(text), ("X".to_owned(), Some(vec![1, 2, 3]), true), "{text}");
        }
    }

    #[test]
    fn an_unclosed_block_ends_at_the_next_one() {
        let armored = blocks("-----BEGIN A-----\nAQID\n-----BEGIN B-----\nAQID\n-----END B-----\nrest");
        let seen: Vec<_> = armored.blocks.iter().map(|block| (block.label, block.closed)).collect();
        assert_eq!(seen, [("A", false), ("B", true)]);
        assert_eq!(armored.after, "\nrest");
    }

    #[test]
    fn an_end_line_closes_only_its_own_label() {
        assert!(!one("-----BEGIN A-----\nAQID\n-----END B-----\n").2);
        assert!(!one("-----BEGIN A-----\nAQID").2);
        assert!(!one("-----BEGIN A-----\nAQID\n-----END A--").2);
        assert_eq!(one("-----BEGIN A-----\nAQ?D\n-----END A-----").1, None);
    }
}
