//! The encrypted way to the broker. The client's own TLS is barred for its
//! dependencies, so it speaks through a tunnel: it connects to a Unix socket
//! in a folder that only we may enter, and what it says goes on over rustls; or
//! as it is, where the address at the other end has to be known.

use std::{io, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpStream, UnixListener},
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    mqtt::trouble::Kind,
    settings::model::{Broker, Tls},
};

/// To reach the broker and agree on keys.
const REACHING: Duration = Duration::from_secs(10);
/// For the last bytes to get through.
const DRAINING: Duration = Duration::from_millis(300);
/// Bundles of authorities have a quarter of a megabyte.
const LARGEST_CA_FILE: u64 = 4 * 1024 * 1024;

/// A connection to the broker that waits for the client at `path`.
pub(super) struct Tunnel {
    relay: JoinHandle<()>,
    folder: TempDir,
    peer: IpAddr,
}

/// Why there is no tunnel: what about the broker, in words.
#[derive(Debug)]
pub(super) struct Obstacle {
    pub(super) kind: Kind,
    pub(super) what: String,
}

impl Tunnel {
    /// Connects, and checks the certificate of a broker with encryption. Takes
    /// `REACHING` at most.
    pub(super) async fn open(broker: &Broker) -> Result<Self, Obstacle> {
        let config = match &broker.tls {
            None => None,
            Some(tls) => Some(config(tls).await?),
        };
        let reaching = async {
            let stream = TcpStream::connect((broker.host.as_str(), broker.port)).await?;
            // Packets are small and each is flushed; without it they are only slower.
            let _ = stream.set_nodelay(true);
            let peer = stream.peer_addr()?.ip();
            Ok(match config {
                None => Self::dig(stream, peer),
                Some(config) => Self::dig(greet(broker, config, stream).await?, peer),
            })
        };
        timeout(REACHING, reaching)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| obstacle(&error))?
    }

    fn dig(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: IpAddr,
    ) -> Result<Self, Obstacle> {
        let dug = || -> io::Result<Self> {
            let folder = tempfile::Builder::new().prefix("aicleaner-").tempdir()?;
            let listener = UnixListener::bind(folder.path().join(SOCKET))?;
            let relay = tokio::spawn(relay(listener, stream));
            Ok(Self {
                relay,
                folder,
                peer,
            })
        };
        dug().map_err(|error| Obstacle {
            kind: Kind::Away,
            what: format!(
                "cannot be spoken to, as no socket can be made in the folder for temporary files ({error})"
            ),
        })
    }

    /// The address at the other end.
    pub(super) fn peer(&self) -> IpAddr {
        self.peer
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(SOCKET)
    }

    /// Waits a little for the last words to get through.
    pub(super) async fn drained(mut self) {
        let _ = timeout(DRAINING, &mut self.relay).await;
    }
}

const SOCKET: &str = "broker";

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

/// Carries bytes both ways until either side ends.
async fn relay(listener: UnixListener, mut broker: impl AsyncRead + AsyncWrite + Unpin) {
    let Ok((mut client, _)) = listener.accept().await else {
        return;
    };
    // How it ended is what the client sees and explains.
    let _ = copy_bidirectional(&mut client, &mut broker).await;
    let _ = broker.shutdown().await;
}

async fn greet(
    broker: &Broker,
    config: Arc<ClientConfig>,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(broker.host.clone())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let greeted = TlsConnector::from(config).connect(name, stream).await;
    greeted.map_err(|error| match error.kind() {
        // Who does not understand the greeting hangs up, one way or another.
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            io::ErrorKind::UnexpectedEof.into()
        }
        _ => error,
    })
}

async fn config(tls: &Tls) -> Result<Arc<ClientConfig>, Obstacle> {
    let file = tls.ca_file.clone();
    let roots = spawn_blocking(move || match file {
        Some(file) => own_roots(&file),
        None => system_roots(),
    });
    let roots = roots
        .await
        .unwrap_or_else(|_| Err("reading the certificates failed".into()))
        .map_err(|why| Obstacle {
            kind: Kind::Refused,
            what: format!("cannot be trusted: {why}"),
        })?;
    let provider = Arc::new(ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| Obstacle {
        kind: Kind::Refused,
        what: format!("cannot be spoken to with encryption ({error})"),
    })?;
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// The authorities of a file. The error says what is wrong with it and what to do.
fn own_roots(file: &std::path::Path) -> Result<RootCertStore, String> {
    let shown = file.display();
    let unreadable = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            format!(
                "the certificate file {shown} does not exist; put it there, or correct mqtt.ca_file"
            )
        } else {
            format!(
                "the certificate file {shown} cannot be read ({error}); mend that, or correct mqtt.ca_file"
            )
        }
    };
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST_CA_FILE {
        return Err(format!(
            "the file {shown} is too large for certificates; correct mqtt.ca_file"
        ));
    }
    let text = std::fs::read(file).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok);
    let (used, _) = roots.add_parsable_certificates(certificates);
    if used == 0 {
        return Err(format!(
            "the file {shown} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); correct mqtt.ca_file"
        ));
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(
            "this system has no certificate authorities; install its package ca-certificates, or name the broker's in mqtt.ca_file".into(),
        );
    }
    Ok(roots)
}

/// What a failed attempt means to the household.
fn obstacle(error: &io::Error) -> Obstacle {
    let inner = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>());
    let refused = |what: &str| Obstacle {
        kind: Kind::Refused,
        what: what.to_owned(),
    };
    match inner {
        Some(rustls::Error::InvalidCertificate(certificate)) => refused(&doubtful(certificate)),
        Some(rustls::Error::InvalidMessage(_)) => refused(
            "does not answer with encryption; correct mqtt.port (usually 8883), or switch mqtt.tls off",
        ),
        Some(rustls::Error::AlertReceived(alert)) => refused(&format!(
            "breaks off the encrypted connection ({alert:?}); it may ask for a client certificate, which is not supported"
        )),
        Some(other) => refused(&format!("cannot be spoken to with encryption ({other})")),
        None if error.kind() == io::ErrorKind::UnexpectedEof => refused(
            "closes the connection when asked for encryption; check mqtt.port (usually 8883), or switch mqtt.tls off",
        ),
        None if error.kind() == io::ErrorKind::TimedOut => Obstacle {
            kind: Kind::Away,
            what:
                "cannot be reached (no answer within 10 s); check that it runs, and host and port"
                    .into(),
        },
        None => Obstacle {
            kind: Kind::Away,
            what: format!("cannot be reached ({error}); check that it runs, and host and port"),
        },
    }
}

/// What is wrong with its certificate, and what to do.
fn doubtful(error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => {
            "has a certificate that has expired; renew it, and check this computer's clock".into()
        }
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "has a certificate that is not valid yet; check this computer's clock".into()
        }
        E::UnknownIssuer | E::BadSignature => "has a certificate of an authority that is not known; name the authority's file in mqtt.ca_file, or correct it".into(),
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            "has a certificate made for another name; write in mqtt.host a name or address that its certificate holds".into()
        }
        E::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "uses the certificate of an authority as its own; make it one of its own, signed by that authority".into()
        }
        other => format!("has a certificate that cannot be trusted ({other})"),
    }
}
