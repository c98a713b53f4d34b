//! Printing signed requests in a format that can be sent.

use crate::error::{Code, Error, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// The format in which a signed request is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestForm {
    /// The headers that were added, one per line.
    #[default]
    Headers,
    /// A JSON object with the headers that were added.
    Json,
    /// A POSIX shell command line that sends the request with curl(1).
    Curl,
}

/// A signed request that is ready to send.
pub struct Outgoing<'a> {
    /// The names and values of the headers that were added by signing.
    pub headers: &'a [(String, String)],
    /// The names and values of the other headers.
    pub others: &'a [(String, String)],
    /// The HTTP method.
    pub method: &'a str,
    /// The complete URL.
    pub url: &'a str,
    /// `true` if signing added parameters to the URL.
    pub is_url_signed: bool,
    /// The file with the body, or `None` if there is no body.
    pub body: Option<&'a Path>,
}

impl Outgoing<'_> {
    /// Returns the request as text that ends in a line feed.
    ///
    /// # Errors
    /// Returns `usage` for [`RequestForm::Headers`] if signing added parameters to the URL, which are not headers.
    pub fn render(&self, form: RequestForm) -> Result<String> {
        Ok(match form {
            RequestForm::Headers if self.is_url_signed => {
                let message = "the signature is part of the URL, so headers are not enough";
                let hint = "pass --format curl, or --format json, which contains the URL";
                return Err(Error::new(Code::Usage, message, hint));
            }
            RequestForm::Headers => self.headers.iter().fold(String::new(), |mut lines, (name, value)| {
                lines.extend([name, ": ", value, "\n"]);
                lines
            }),
            RequestForm::Json => {
                let url = self.is_url_signed.then(|| ("url".to_owned(), Value::from(self.url)));
                let headers = self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                format!("{}\n", Value::Object(headers.chain(url).collect::<Map<_, _>>()))
            }
            RequestForm::Curl => self.curl(),
        })
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
        for (name, value) in self.others.iter().chain(self.headers) {
            line.push_str(" -H ");
            // curl(1) leaves out a header with an empty value unless it ends in a semicolon.
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            line.push_str(&quoted(&header));
        }
        if let Some(body) = self.body {
            line.push_str(" --data-binary ");
            line.push_str(&quoted(&format!("@{}", body.display())));
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

    fn render(method: &str, url: &str, form: RequestForm) -> String {
        let headers = [("A", "1"), ("B", "2"), ("C", "x+/=")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let outgoing = Outgoing { headers: &headers, others: &[], method, url, is_url_signed: false, body: None };
        outgoing.render(form).unwrap()
    }

    fn curl(method: &str, url: &str) -> String {
        render(method, url, RequestForm::Curl)
    }

    #[test]
    fn each_form_can_be_read_back() {
        let url = "https://x/a";
        assert_eq!(render("GET", url, RequestForm::Headers), "A: 1\nB: 2\nC: x+/=\n");
        assert_eq!(render("GET", url, RequestForm::Json), "{\"A\":\"1\",\"B\":\"2\",\"C\":\"x+/=\"}\n");
        assert_eq!(
            curl("GET", "https://x/a?b=c&d"),
            "curl -X GET -H 'A: 1' -H 'B: 2' -H 'C: x+/=' 'https://x/a?b=c&d'\n"
        );
    }

    #[test]
    fn a_signed_url_and_a_body_are_not_lost() {
        let headers = [("X-Key".to_owned(), "1".to_owned())];
        let others = [("content-type".to_owned(), "text/plain".to_owned())];
        let url = "https://x/a?signature=c2ln";
        let body = Some(Path::new("it's.json"));
        let outgoing = Outgoing { headers: &headers, others: &others, method: "POST", url, is_url_signed: true, body };
        assert_eq!(outgoing.render(RequestForm::Headers).unwrap_err().code(), Code::Usage);
        assert_eq!(outgoing.render(RequestForm::Json).unwrap(), format!("{{\"X-Key\":\"1\",\"url\":\"{url}\"}}\n"));
        let words = shlex::split(&outgoing.render(RequestForm::Curl).unwrap()).unwrap();
        let expected = ["-H", "content-type: text/plain", "-H", "X-Key: 1", "--data-binary", "@it's.json", url];
        assert_eq!(words[3..], expected);
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
