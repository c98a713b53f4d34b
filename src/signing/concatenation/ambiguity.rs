//! Finding the parts of a message that can be confused with their neighbors.
//!
//! The parts are signed without their lengths. If a byte at the end of one part could also be at the start of the next
//! one, two different requests can have the same message, and a signature for one of them is valid for the other.

use super::{MessagePart, bytes::ByteSet};

/// Two parts of a message between which the boundary can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confusion<'a> {
    /// The first of the two parts.
    pub before: &'a MessagePart,
    /// The second of the two parts.
    pub after: &'a MessagePart,
}

/// Returns the boundaries of a message that cannot be found when the message is read from left to right. Returns none if
/// every boundary can be found in at least one direction.
pub(super) fn confusions<'a>(parts: &[&'a MessagePart]) -> Vec<Confusion<'a>> {
    let rightward = unclear(parts, MessagePart::first_bytes);
    if rightward.is_empty() {
        return Vec::new();
    }
    let reversed: Vec<_> = parts.iter().rev().copied().collect();
    if unclear(&reversed, MessagePart::last_bytes).is_empty() {
        return Vec::new();
    }
    rightward.into_iter().map(|(before, after)| Confusion { before, after }).collect()
}

/// Returns each part whose end cannot be found, with a part after it that can begin with the same byte. `edge` returns
/// the bytes at the side of a part that is read first.
///
/// A part ends at the first byte that it cannot contain. This is its real end if none of the following parts can begin
/// with a byte that the part can contain. If all following parts have a fixed length, the end is known in any case.
fn unclear<'a>(
    parts: &[&'a MessagePart],
    edge: fn(&MessagePart) -> ByteSet,
) -> Vec<(&'a MessagePart, &'a MessagePart)> {
    let mut found = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let following = &parts[i + 1..];
        if part.has_fixed_length() || following.iter().all(|next| next.has_fixed_length()) {
            continue;
        }
        let bytes = part.bytes();
        for next in following {
            if bytes.intersects(edge(next)) {
                found.push((*part, *next));
                break;
            }
            if !next.can_be_empty() {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(parts: &str) -> Vec<String> {
        let parts: Vec<MessagePart> = parts.split(' ').map(|part| part.replace("LF", "\n").parse().unwrap()).collect();
        let parts: Vec<&MessagePart> = parts.iter().collect();
        confusions(&parts).iter().map(|found| format!("{}{}", found.before, found.after)).collect()
    }

    #[test]
    fn a_message_with_one_grammar_is_accepted() {
        for parts in [
            "{timestamp} {method} {path}",
            "{timestamp} {method} {path} {query}",
            "{method} {path} {query} LF {timestamp} LF {body}",
            "{timestamp} LF {method} LF {host} LF {path} {query} LF {body_sha256}",
            "{path} {timestamp}",
            "{body} {key} {timestamp}",
            "{host} {path} {timestamp}",
            "{method} LF {header:content-type} LF {body}",
            "{query} {timestamp}",
            "{key} {params}",
            "{host} LF {path} {body_sha256}",
        ] {
            assert_eq!(found(parts), [""; 0], "{parts}");
        }
    }

    #[test]
    fn parts_that_can_be_confused_are_found() {
        for (parts, expected) in [
            ("{path} {method}", &["{path}{method}"][..]),
            ("{method} {path} {body}", &["{path}{body}"]),
            ("{params} {body}", &["{params}{body}"]),
            ("{path} {query} {body}", &["{path}{body}", "{query}{body}"]),
            ("{timestamp} {path} {query} {method} {body}", &["{path}{method}", "{query}{method}", "{method}{body}"]),
            ("{header:a} {header:b}", &["{header:a}{header:b}"]),
            ("{header:a} , {header:b}", &["{header:a},"]),
            ("{method} X {path}", &["{method}X"]),
            ("{host} {method} {path}", &["{host}{method}"]),
        ] {
            assert_eq!(found(parts), expected, "{parts}");
        }
    }
}
