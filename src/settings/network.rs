//! Which addresses are in the home network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address can be reached without leaving the home: private,
/// link-local and loopback ones. Everything else, also what leads to the
/// internet in disguise, is outside.
pub fn is_at_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_v4_at_home(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_v4_at_home(address),
            None => is_v6_at_home(address),
        },
    }
}

fn is_v4_at_home(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_loopback() || address.is_link_local()
}

fn is_v6_at_home(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_ranges_are_at_home() {
        for (text, expected) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.30.32.2", true),
            ("172.32.0.1", false),
            ("192.168.178.20", true),
            ("169.254.1.1", true),
            ("100.64.0.1", false),
            ("203.0.113.7", false),
            ("8.8.8.8", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("::1", true),
            ("::", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", false),
            ("::ffff:192.168.1.1", true),
            ("::ffff:203.0.113.7", false),
            // NAT64 and 6to4 lead outside, whatever is inside them.
            ("64:ff9b::c0a8:101", false),
            ("2002:c0a8:101::1", false),
        ] {
            assert_eq!(is_at_home(text.parse().unwrap()), expected, "{text}");
        }
    }
}
