//! The rules: from the options' tree to settings. Whatever is wrong is named
//! and its default put in place; a zone with a fault is left out.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use config::{Map, Value};

use crate::domain::mark::DEFAULT_DEVICE_ID;

use super::{
    household, judging, known,
    model::{HomeAssistantAccess, LogLevel, Settings, Web},
    mqtt::mqtt,
    problem::{Report, quote},
    secret::Secret,
    tree::{Group, Node},
    zones,
};

/// What the surroundings decide rather than the options.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The Supervisor's address and our token, inside the app.
    pub(super) supervisor: Option<(String, Secret)>,
    /// Where state lives unless `data_dir` says otherwise.
    pub(super) data_dir: PathBuf,
}

const DEFAULT_INTERVAL: u32 = 60;
const PAGE_PORT: u16 = 8099;
const PROBES_PORT: u16 = 9464;

/// Settings from the options; `true` if every zone in them is watched.
pub(super) fn check(
    tree: &Map<String, Value>,
    surroundings: Surroundings,
    report: &mut Report,
) -> (Settings, bool) {
    let root = Group::root(tree);
    let interval_minutes = root
        .at("interval_minutes")
        .whole(1, 1440, "Until then it is 60 minutes.", report)
        .unwrap_or(DEFAULT_INTERVAL);
    let (zones, complete) = zones::read(&root, interval_minutes, report);
    let inside = surroundings.supervisor.is_some();
    let mqtt = mqtt(&root.at("mqtt").group(report), inside, report);
    let judging = judging::read(&root, report);
    let house = household::read(&root, judging.language.clone(), report);
    let settings = Settings {
        zones,
        judging,
        house,
        interval_minutes,
        mqtt,
        device_id: device_id(&root.at("device_id"), report),
        log_level: log_level(&root.at("log_level"), report),
        home_assistant: home_assistant(&root.at("home_assistant"), surroundings.supervisor, report),
        web: web(&root.at("web").group(report), inside, report),
        data_dir: root
            .at("data_dir")
            .text(report)
            .map_or(surroundings.data_dir, PathBuf::from),
    };
    known::notice_unused(tree, report);
    (settings, complete)
}

fn log_level(node: &Node<'_>, report: &mut Report) -> LogLevel {
    node.choice(
        &[
            ("trace", LogLevel::Trace),
            ("debug", LogLevel::Debug),
            ("info", LogLevel::Info),
            ("warning", LogLevel::Warning),
            ("error", LogLevel::Error),
        ],
        "Until then it is info.",
        report,
    )
    .unwrap_or(LogLevel::Info)
}

fn device_id(node: &Node<'_>, report: &mut Report) -> String {
    let given = node.text(report);
    let fitting = given.filter(|id| {
        (1..=32).contains(&id.len())
            && id
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    });
    if given.is_some() && fitting.is_none() {
        node.misfit(
            report,
            "1 to 32 of a-z, 0-9 and _",
            "Until then it is aicleaner_v3.",
        );
    }
    fitting.unwrap_or(DEFAULT_DEVICE_ID).to_owned()
}

fn home_assistant(
    node: &Node<'_>,
    supervisor: Option<(String, Secret)>,
    report: &mut Report,
) -> HomeAssistantAccess {
    if let Some((base_url, token)) = supervisor {
        if node.is_present() {
            report.notice(
                &node.path,
                "not used inside the app: the Supervisor leads to Home Assistant.",
            );
        }
        return HomeAssistantAccess::Supervisor { base_url, token };
    }
    let group = node.group(report);
    let (url_node, token_node) = (group.at("url"), group.at("token"));
    let url = url_node.text(report);
    let token = token_node.secret(report);
    let until = "Until then Home Assistant's cameras and lists are out of reach.";
    if let Some(url) = url.filter(|url| !zones::is_web_address(url)) {
        let hint = format!("Write it as in the browser, without a path. {until}");
        report.problem(
            &url_node.path,
            quote(url),
            "an address such as http://homeassistant.local:8123",
            hint,
        );
        return HomeAssistantAccess::None;
    }
    match (url, token) {
        (Some(url), Some(token)) => HomeAssistantAccess::Direct {
            base_url: url.trim_end_matches('/').to_owned(),
            token,
        },
        (Some(_), None) if !token_node.is_present() => {
            let hint = format!("Create one in Home Assistant: your profile, Security. {until}");
            token_node.missing(report, "a long-lived access token", &hint);
            HomeAssistantAccess::None
        }
        (None, Some(_)) if !url_node.is_present() => {
            let hint = format!("Add it next to the token. {until}");
            url_node.missing(report, "Home Assistant's address", &hint);
            HomeAssistantAccess::None
        }
        _ => HomeAssistantAccess::None,
    }
}

fn web(group: &Group<'_>, inside: bool, report: &mut Report) -> Web {
    let password = group.at("password").secret(report);
    let anywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let guarded = inside || password.is_some();
    let page = group.at("ingress");
    let mut ingress = socket(
        &page,
        if guarded { anywhere } else { here },
        PAGE_PORT,
        report,
    );
    if !guarded && !ingress.ip().is_loopback() {
        page.misfit(
            report,
            "an address of this computer only, as long as there is no web.password",
            "Set web.password to open the page to the network. Until then it listens on 127.0.0.1.",
        );
        ingress.set_ip(here);
    }
    let probes_node = group.at("probes");
    let default = if inside { anywhere } else { here };
    let mut probes = socket(&probes_node, default, PROBES_PORT, report);
    if probes.port() == ingress.port() && probes.port() != 0 {
        let other = if ingress.port() == PROBES_PORT {
            PAGE_PORT
        } else {
            PROBES_PORT
        };
        probes_node.misfit(
            report,
            "a port of its own, another than the page's",
            &format!("Until then the probes answer on port {other}."),
        );
        probes.set_port(other);
    }
    Web {
        ingress,
        probes,
        password,
    }
}

fn socket(node: &Node<'_>, ip: IpAddr, port: u16, report: &mut Report) -> SocketAddr {
    let default = SocketAddr::new(ip, port);
    let Some(text) = node.text(report) else {
        return default;
    };
    text.parse().unwrap_or_else(|_| {
        node.misfit(
            report,
            "an address and a port, such as 127.0.0.1:8099",
            &format!("Until then it listens on {default}."),
        );
        default
    })
}
