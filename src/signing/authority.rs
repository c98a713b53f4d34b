//! The authority of a request (RFC 9421, section 2.2.3).

/// Returns an authority with the host in lowercase and without the default port (RFC 9110, section 4.2.3), or `None` if
/// it is malformed. The default port is 80 if the scheme is `http` and 443 otherwise, also if the scheme is unknown.
pub(in crate::signing) fn normalized(authority: &str, scheme: Option<&str>) -> Option<String> {
    let (host, port) = split(authority)?;
    let default = if scheme == Some("http") { "80" } else { "443" };
    let host = host.to_ascii_lowercase();
    Some(if port.is_empty() || port == default { host } else { format!("{host}:{port}") })
}

/// Splits an authority without user information into the host and the port (RFC 3986, section 3.2). The port is empty
/// if there is none. Returns `None` if the authority is malformed.
pub(in crate::signing) fn split(authority: &str) -> Option<(&str, &str)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(end);
    let port = if rest.is_empty() { "" } else { rest.strip_prefix(':')? };
    let is_address = |address: &str| address.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b));
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&b);
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => !address.is_empty() && is_address(address),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    let is_port = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    (is_host && is_port).then_some((host, port))
}
