//! The rules for the broker: host and login, encryption, discovery prefix.
//! Whatever is unclear about encryption leaves the broker unused, so that no
//! password travels in the open by mistake.

use std::{
    net::IpAddr,
    path::{Component, Path, PathBuf},
};

use super::{
    model::{Broker, Mqtt, Tls},
    problem::Report,
    tree::{Group, Node},
};

const DEFAULT_PREFIX: &str = "homeassistant";
const PLAIN_PORT: u16 = 1883;
const TLS_PORT: u16 = 8883;

/// Where the Supervisor shows Home Assistant's certificates.
const SSL_FOLDER: &str = "/ssl";

/// `inside`: there is a Supervisor, so certificates are under `/ssl`.
pub(super) fn mqtt(group: &Group<'_>, inside: bool, report: &mut Report) -> Mqtt {
    let host_node = group.at("host");
    let host_given = host_node.text(report);
    let host = host_given.filter(|host| is_host(host));
    if host_given.is_some() && host.is_none() {
        host_node.misfit(
            report,
            "a host name or address, such as core-mosquitto",
            "Write the host alone; port, user name and password have options of their own. Until then it is not used.",
        );
    }
    let encryption = encryption(group, inside, report);
    let default_port = match &encryption {
        Ok(Some(_)) => TLS_PORT,
        _ => PLAIN_PORT,
    };
    let until = format!("Until then it is {default_port}.");
    let port = group
        .at("port")
        .whole(1, 65535, &until, report)
        .unwrap_or(default_port);
    let username = group.at("username").text(report).map(str::to_owned);
    let password = group.at("password").secret(report);
    if !host_node.is_present() {
        let lonely = ["port", "username", "password", "ca_file"]
            .into_iter()
            .find(|key| group.at(key).is_present())
            .or_else(|| group.at("tls").is_on().then_some("tls"));
        if let Some(key) = lonely {
            host_node.missing(
                report,
                "the broker's host name",
                &format!("mqtt.{key} belongs to a broker of your own: name its host, or remove it. Until then it is not used."),
            );
        }
    }
    let username_node = group.at("username");
    if host.is_some() && password.is_some() && !username_node.is_present() {
        username_node.missing(
            report,
            "the user name that goes with mqtt.password",
            "Add it, or remove the password. Until then the broker is tried without either.",
        );
    }
    let broker = host.zip(encryption.ok()).map(|(host, tls)| Broker {
        host: host.to_owned(),
        port,
        password: password.filter(|_| username.is_some()),
        username,
        tls,
    });
    Mqtt {
        broker,
        discovery_prefix: discovery_prefix(&group.at("discovery_prefix"), report),
    }
}

/// Whether and how to encrypt; `Err` if that is unclear and was reported.
fn encryption(group: &Group<'_>, inside: bool, report: &mut Report) -> Result<Option<Tls>, ()> {
    let (tls_node, file_node) = (group.at("tls"), group.at("ca_file"));
    let on = tls_node.flag(UNUSED, report);
    if tls_node.is_present() && !tls_node.is_flag() {
        return Err(());
    }
    let asked = tls_node.is_present().then_some(on);
    if !file_node.is_present() {
        return Ok((asked == Some(true)).then_some(Tls { ca_file: None }));
    }
    if asked == Some(false) {
        tls_node.misfit(
            report,
            "true, as long as mqtt.ca_file is set",
            "Switch it on to use the file, or remove mqtt.ca_file if your broker may be reached without encryption. Until then the broker is not used, so that no password travels in the open.",
        );
        return Err(());
    }
    let file = file_node.text(report).ok_or(())?;
    let Some(path) = certificate_path(file, inside) else {
        file_node.misfit(
            report,
            "a file in the folder ssl of Home Assistant, such as ca.crt",
            &format!("Put the file there and write its name here. {UNUSED}"),
        );
        return Err(());
    };
    Ok(Some(Tls {
        ca_file: Some(path),
    }))
}

const UNUSED: &str = "Until then the broker is not used, so that no password travels in the open.";

/// Inside the app only `/ssl` is there; outside any path will do.
fn certificate_path(file: &str, inside: bool) -> Option<PathBuf> {
    if !inside {
        return Some(PathBuf::from(file));
    }
    let path = Path::new(SSL_FOLDER).join(file);
    let plain = path
        .components()
        .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    (plain && path.starts_with(SSL_FOLDER) && path != Path::new(SSL_FOLDER)).then_some(path)
}

/// A name or an address, without scheme, port or path.
fn is_host(text: &str) -> bool {
    let name = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    name || text.parse::<IpAddr>().is_ok()
}

fn discovery_prefix(node: &Node<'_>, report: &mut Report) -> String {
    let given = node.text(report);
    let fitting = given.filter(|prefix| {
        prefix.len() <= 64
            && !prefix.contains(['+', '#', ' '])
            && !prefix.split('/').any(str::is_empty)
    });
    if given.is_some() && fitting.is_none() {
        node.misfit(
            report,
            "an MQTT topic of at most 64 characters without +, # and blanks",
            "It must be the one set in Home Assistant's MQTT options. Until then it is homeassistant.",
        );
    }
    fitting.unwrap_or(DEFAULT_PREFIX).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_in_the_folder_of_home_assistant() {
        let inside = |file| certificate_path(file, true);
        assert_eq!(inside("ca.crt"), Some("/ssl/ca.crt".into()));
        assert_eq!(inside("/ssl/own/ca.pem"), Some("/ssl/own/ca.pem".into()));
        for wrong in [
            "/etc/passwd",
            "../data/options.json",
            "/ssl/../data/x",
            "/ssl",
            "/ssl/",
        ] {
            assert_eq!(inside(wrong), None, "{wrong}");
        }
        assert_eq!(
            certificate_path("/home/me/ca.crt", false),
            Some("/home/me/ca.crt".into())
        );
    }
}
