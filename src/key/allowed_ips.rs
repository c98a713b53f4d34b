//! The networks from which a key may be used.

use super::SetEdit;
use crate::error::{Code, Error, Result};
use ipnet::{IpNet, Ipv4Net};
use std::{fmt, net::IpAddr, str::FromStr};

/// The maximum number of networks that a key can have.
const NETWORKS_MAX: usize = 100;

/// The length, in bits, of the prefix of IPv4-mapped IPv6 addresses: `::ffff:0:0/96` (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

/// An IPv4 or IPv6 network in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3).
///
/// An address without a prefix length is parsed as the network that contains only that address. An IPv4-mapped IPv6
/// network is converted to the IPv4 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse =
            |hint: String| Error::new(Code::InvalidAllowedIp, "the value is neither an IP address nor a network", hint);
        let network = parse(text).ok_or_else(|| {
            refuse("give an IP address, or a network such as 192.0.2.0/24 or 2001:db8::/32".to_owned())
        })?;
        if network.trunc() != network {
            let message = format!("`{network}` has host bits set");
            return Err(Error::new(
                Code::InvalidAllowedIp,
                message,
                format!("give the network as {}", network.trunc()),
            ));
        }
        Ok(Self(unmapped(network)))
    }
}

/// Parses an address or a network, or returns `None` if the text is neither. Numbers with leading zeros are not
/// accepted, because some programs read such numbers as octal.
fn parse(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else { return text.parse::<IpAddr>().ok().map(IpNet::from) };
    let is_number = length.bytes().all(|b| b.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
    IpNet::new(address.parse().ok()?, length.parse().ok().filter(|_| is_number)?).ok()
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Converts an IPv4-mapped IPv6 network to the IPv4 network, and returns any other network unchanged.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    match (mapped.addr().to_ipv4_mapped(), mapped.prefix_len().checked_sub(MAPPED)) {
        (Some(addr), Some(length)) => Ipv4Net::new(addr, length).map_or(network, IpNet::V4),
        _ => network,
    }
}

/// The networks from which a key may be used, stored as text: sorted, without duplicates, and separated by single
/// spaces. A key without networks may be used from any address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedIps(String);

impl AllowedIps {
    /// Creates a sorted set of the given networks, without duplicates.
    ///
    /// # Errors
    /// Returns `invalid_allowed_ip` if there are more than 100 different networks.
    pub fn new(networks: &[Network]) -> Result<Self> {
        let mut all = networks.to_vec();
        all.sort_unstable();
        all.dedup();
        if all.len() > NETWORKS_MAX {
            return Err(Error::new(
                Code::InvalidAllowedIp,
                format!("there are {} networks; at most {NETWORKS_MAX} are allowed", all.len()),
                "combine neighboring networks into larger ones",
            ));
        }
        Ok(Self(all.iter().map(Network::to_string).collect::<Vec<_>>().join(" ")))
    }

    /// Returns a copy with a change applied.
    ///
    /// # Errors
    /// - `usage` if a network is both added and removed.
    /// - `invalid_allowed_ip` if there would be more than 100 networks, if the last network would be removed without
    ///   [`SetEdit::clear`], or if the stored text is damaged.
    pub(super) fn edited(&self, edit: &SetEdit<Network>) -> Result<Self> {
        if edit.is_keep() {
            return Ok(self.clone());
        }
        edit.refuse_contradiction(Network::to_string, Network::to_string)?;
        if edit.clear {
            return Self::new(&edit.add);
        }
        let mut networks = self.networks()?;
        networks.retain(|network| !edit.remove.contains(network));
        networks.extend_from_slice(&edit.add);
        if networks.is_empty() && !self.is_empty() {
            let message = "removing the last network would allow every address";
            let hint = "pass --no-allow-ip to allow every address, or disable the key";
            return Err(Error::new(Code::InvalidAllowedIp, message, hint));
        }
        Self::new(&networks)
    }

    /// Creates a set of networks from its stored text, without checking it.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the networks as text, separated by single spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if a key that is restricted to `networks` may be used from `address`.
    ///
    /// `networks` is the text in [`KeyView::allowed_ips`](super::KeyView::allowed_ips). An IPv4-mapped IPv6 address is
    /// treated as the IPv4 address. A key with networks may not be used from an unknown address (`None`), and a network
    /// whose stored text is damaged matches no address.
    #[must_use]
    pub fn allow(networks: &str, address: Option<IpAddr>) -> bool {
        if networks.is_empty() {
            return true;
        }
        let Some(address) = address.map(|address| address.to_canonical()) else { return false };
        let mut networks = networks.split_ascii_whitespace().filter_map(|network| network.parse::<IpNet>().ok());
        networks.any(|network| network.contains(&address))
    }

    /// Returns the number of networks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.split_ascii_whitespace().count()
    }

    /// Returns `true` if there are no networks, which means that the key may be used from any address.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Parses the stored text and returns the networks.
    ///
    /// # Errors
    /// Returns `invalid_allowed_ip` if the stored text is damaged.
    pub fn networks(&self) -> Result<Vec<Network>> {
        self.0.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_written_in_one_form() {
        for (text, written) in [
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8::/32", "2001:db8::/32"),
            ("2001:db8:0:0::1", "2001:db8::1/128"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_network_with_host_bits_is_refused_with_the_network_in_the_hint() {
        let error = "192.0.2.7/24".parse::<Network>().unwrap_err();
        assert_eq!(error.code(), Code::InvalidAllowedIp);
        assert!(error.hint().contains("192.0.2.0/24"), "{}", error.hint());
        let error = "2001:db8::1/32".parse::<Network>().unwrap_err();
        assert!(error.hint().contains("2001:db8::/32"), "{}", error.hint());
    }

    #[test]
    fn an_address_is_allowed_if_a_network_has_it() {
        let allowed = |networks: &str, address: &str| AllowedIps::allow(networks, Some(address.parse().unwrap()));
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7"] {
            assert!(allowed("10.0.0.0/8 2001:db8::/32", address), "{address}");
            assert!(allowed("", address) && allowed("0.0.0.0/0 ::/0", address), "{address}");
        }
        for address in ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::", "::10.1.2.3", "64:ff9b::10.1.2.3"] {
            assert!(!allowed("10.0.0.0/8 2001:db8::/32", address), "{address}");
        }
        assert!(!allowed("::/0", "10.1.2.3") && !allowed("0.0.0.0/0", "2001:db8::7"));
        assert!(!allowed("damaged", "10.1.2.3"));
        assert!(AllowedIps::allow("", None) && !AllowedIps::allow("0.0.0.0/0 ::/0", None));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "x",
            "192.0.2.0/33",
            "192.0.2/24",
            "192.0.2.0/",
            "192.0.2.0/24 ",
            "2001:db8::/129",
            "fe80::1%eth0",
            "10.0.0.01",
        ] {
            assert_eq!(text.parse::<Network>().unwrap_err().code(), Code::InvalidAllowedIp, "{text:?}");
        }
    }

    #[test]
    fn a_list_is_sorted_has_each_network_once_and_is_bounded() {
        let of = |texts: &[&str]| AllowedIps::new(&texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>());
        let list = of(&["2001:db8::/32", "192.0.2.0/24", "10.0.0.0/8", "::ffff:192.0.2.0/120"]).unwrap();
        assert_eq!(list.as_str(), "10.0.0.0/8 192.0.2.0/24 2001:db8::/32");
        assert_eq!(AllowedIps::new(&list.networks().unwrap()).unwrap(), list);
        let many: Vec<Network> = (0..=100).map(|n| format!("192.0.2.{n}").parse().unwrap()).collect();
        assert_eq!(AllowedIps::new(&many).unwrap_err().code(), Code::InvalidAllowedIp);
        assert!(AllowedIps::new(&many[..100]).is_ok());
    }
}
