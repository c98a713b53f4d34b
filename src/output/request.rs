//! Printing signed requests in a format that can be sent.

use serde_json::{Map, Value};

/// The format in which a signed request is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestForm {
    /// Three header lines.
    #[default]
    Headers,
    /// A JSON object with the three headers.
    Json,
    /// A POSIX shell command line that sends the request with curl(1).
    Curl,
}

/// A signed request that is ready to send.
pub struct Outgoing<'a> {
    /// The names and values of the headers that carry the key's id, the timestamp and the signature.
    pub headers: [(&'a str, &'a str); 3],
    /// The HTTP method.
    pub method: &'a str,
    /// The complete URL.
    pub url: &'a str,
}

impl Outgoing<'_> {
    /// Returns the request as text that ends in a line feed.
    #[must_use]
    pub fn render(&self, form: RequestForm) -> String {
        match form {
            RequestForm::Headers => self
                .headers
                .map(|(name, value)| {
                    format!(
                        "{name}: {value}
"
                    )
                })
                .concat(),
            RequestForm::Json => {
                let members = self.headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
                format!("{}\n", Value::Object(members.collect::<Map<_, _>>()))
            }
            RequestForm::Curl => self.curl(),
        }
    }

    fn curl(&self) -> String {
        let mut line = "curl".to_owned();
        match self.method {
            // With `-X HEAD`, curl would wait for a body that never arrives.
            "HEAD" => line.push_str(" --head"),
            method => {
                line.push_str(" -X ");
                line.push_str(method);
            }
        }
        // Without these options, curl may change the path, which is signed.
        if self.url.contains(['[', ']', '{', '}']) {
            line.push_str(" --globoff");
        }
        if self.url.contains("/.") {
            line.push_str(" --path-as-is");
        }
        for (name, value) in self.headers {
            line.push_str(" -H ");
            line.push_str(&quoted(&format!("{name}: {value}")));
        }
        line.push(' ');
        line.push_str(&quoted(self.url));
        line.push('\n');
        line
    }
}

/// Quotes text so that a POSIX shell reads it as one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: [(&str, &str); 3] = [("A", "1"), ("B", "2"), ("C", "x+/=")];

    fn curl(method: &str, url: &str) -> String {
        Outgoing { headers: HEADERS, method, url }.render(RequestForm::Curl)
    }

    #[test]
    fn each_form_can_be_read_back() {
        let outgoing = Outgoing { headers: HEADERS, method: "GET", url: "https://x/a" };
        assert_eq!(outgoing.render(RequestForm::Headers), "A: 1\nB: 2\nC: x+/=\n");
        assert_eq!(outgoing.render(RequestForm::Json), "{\"A\":\"1\",\"B\":\"2\",\"C\":\"x+/=\"}\n");
        assert_eq!(
            curl("GET", "https://x/a?b=c&d"),
            "curl -X GET -H 'A: 1' -H 'B: 2' -H 'C: x+/=' 'https://x/a?b=c&d'\n"
        );
    }

    #[test]
    fn a_shell_reads_the_url_as_one_word() {
        let url = "https://x/a'; rm -rf $HOME `id` \"\\";
        assert_eq!(shlex::split(&curl("GET", url)).unwrap().pop().unwrap(), url);
    }

    #[test]
    fn curl_does_not_change_the_path() {
        assert!(curl("HEAD", "https://x/a").starts_with("curl --head -H"));
        assert!(curl("GET", "https://x/a[1]{2}").contains(" --globoff "));
        assert!(curl("GET", "https://x/a/../b").contains(" --path-as-is "));
    }
}
