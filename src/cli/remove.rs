//! `aicleaner remove`: before an uninstall. The running service does it; where
//! none runs, it is done here. Bounded: half a minute, or two where an old
//! installation has to be told from a living one.

use std::{io, path::PathBuf, process::ExitCode, time::Duration};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{loopback, print, with_runtime};
use crate::{
    app,
    clock::Clock,
    domain::standing::Standing,
    engine,
    home_assistant::HomeAssistant,
    mqtt,
    settings::{self, Settings, Sources},
    telemetry::{Metrics, logs::Logs},
};

/// For the running service to answer: it takes nine seconds at most.
const ASKING: Duration = Duration::from_secs(15);
/// For doing it here.
const DOING: Duration = Duration::from_mins(2);

pub(super) fn remove(config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let settings = settings::load(&Sources::of_process(config)).settings;
    let port = settings.web.ingress.port();
    let result = match ask(port) {
        Ok(result) => result,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Logs::start(settings.log_level);
            with_runtime(do_it(settings))?
        }
        Err(error) => Err(format!(
            "The running service does not answer ({error}); stop it and try again."
        )),
    };
    let (text, code) = match result {
        Ok(()) => (
            "Everything of AICleaner was taken out of Home Assistant and the MQTT broker."
                .to_owned(),
            ExitCode::SUCCESS,
        ),
        Err(sentence) => (sentence, ExitCode::FAILURE),
    };
    print(&format!("{text}\n"))?;
    Ok(code)
}

/// Asks the service on this computer.
fn ask(port: u16) -> io::Result<Result<(), String>> {
    let answer = loopback::ask(port, "POST", "/api/v1/remove", ASKING)?;
    if answer.code == Some(200) {
        return Ok(Ok(()));
    }
    let said: Option<serde_json::Value> = serde_json::from_str(&answer.body).ok();
    let sentence = said.as_ref().and_then(|said| said["error"].as_str());
    let unknown = || {
        format!(
            "The service on port {port} answers {}; is it AICleaner?",
            answer.status
        )
    };
    Ok(Err(sentence.map_or_else(unknown, str::to_owned)))
}

/// Takes everything out without a running service.
async fn do_it(settings: Settings) -> anyhow::Result<Result<(), String>> {
    let stop = CancellationToken::new();
    let metrics = Metrics::new(&[]);
    // Nobody listens to what Home Assistant has to say.
    let inbox = mpsc::channel(64).0;
    let access = &settings.home_assistant;
    let real = HomeAssistant::start(access, inbox, &metrics, stop.clone());
    let Some(broker) = app::broker(&settings, &real) else {
        return Ok(Err(
            "No MQTT broker is set up, so there is nothing that could be taken out of it.".into(),
        ));
    };
    let started = Clock::wall().now();
    let context = mqtt::Context {
        device_id: settings.device_id,
        discovery_prefix: settings.mqtt.discovery_prefix,
        broker,
        slug: None,
        data_dir: settings.data_dir,
        pace: mqtt::Pace::default(),
        metrics,
        started,
    };
    let (_sender, view) = watch::channel(std::sync::Arc::new(engine::nothing_yet(
        started,
        Standing::default(),
    )));
    let result = mqtt::remove(context, view, DOING).await;
    stop.cancel();
    Ok(result)
}
