//! Brokers that expect TLS: our own broker behind a TLS listener, and what is
//! said of certificates that do not fit.

use std::{io::Write, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tokio::{io::copy_bidirectional, net::TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::settings::model::Tls;

/// An authority and a folder with its certificate.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let authority = Self { issuer, folder };
        authority.write("ca.crt", "CERTIFICATE", authority.issuer.der());
        authority
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, what: &str, der: &[u8]) {
        let mut file = std::fs::File::create(self.file(name)).unwrap();
        let text = STANDARD.encode(der);
        writeln!(file, "-----BEGIN {what}-----").unwrap();
        for line in text.as_bytes().chunks(64) {
            writeln!(file, "{}", std::str::from_utf8(line).unwrap()).unwrap();
        }
        writeln!(file, "-----END {what}-----").unwrap();
    }

    /// A certificate and its key, as DER.
    pub fn certify(&self, name: &str, expired: bool) -> (Vec<u8>, Vec<u8>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().to_vec(), key.serialize_der())
    }

    /// Puts TLS in front of a broker; where it listens.
    async fn front(&self, broker: &TestBroker, name: &str, expired: bool) -> u16 {
        let (certificate, key) = self.certify(name, expired);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], PrivateKeyDer::Pkcs8(key.into()))
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, addr) = (listener.local_addr().unwrap().port(), broker.addr());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut inside = TcpStream::connect(addr).await?;
                    let mut stream = acceptor.accept(stream).await?;
                    copy_bidirectional(&mut stream, &mut inside).await
                });
            }
        });
        port
    }
}

fn encrypted(port: u16, ca_file: Option<PathBuf>) -> Broker {
    Broker {
        host: "localhost".into(),
        port,
        username: None,
        password: None,
        tls: Some(Tls { ca_file }),
    }
}

async fn complaint(broker: Broker) -> String {
    let mut service = Service::start(broker, sample::shared(&["kitchen"]), Pace::default());
    let condition = service.health().await;
    service.stop().await;
    match condition {
        Condition::Degraded(sentence) => sentence,
        other => panic!("no complaint: {other:?}"),
    }
}

#[tokio::test]
async fn the_main_flow_with_encryption() {
    let authority = Authority::new();
    let broker = start_broker(capturing()).await;
    let addr = broker.addr();
    let port = authority.front(&broker, "localhost", false).await;
    let mut running = Some(broker);
    main_flow::main_flow(
        encrypted(port, Some(authority.file("ca.crt"))),
        async || {
            running.take().unwrap().stop().await;
            let listener = TcpListener::bind(addr).await.unwrap();
            running = Some(TestBroker::start(listener, capturing()).unwrap());
        },
    )
    .await;
}

#[tokio::test]
async fn remove_says_no_last_will_through_the_tunnel() {
    use crate::ports::Farewell;
    let authority = Authority::new();
    let broker = start_broker(capturing()).await;
    let port = authority.front(&broker, "localhost", false).await;
    let source = encrypted(port, Some(authority.file("ca.crt")));
    let mut service = Service::start(source, sample::shared(&["kitchen"]), brisk());
    assert_eq!(service.health().await, Condition::Ok);
    assert!(is_online(&broker).await);
    assert_eq!(service.senders.withdraw().await, Ok(()));
    service.stop().await;
    assert!(broker.until(SOON, |b| b.clients() == 0).await);
    assert_eq!(broker.all_retained(), Retained::new());
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_words() {
    let authority = Authority::new();
    let broker = start_broker(capturing()).await;
    let own = |port| encrypted(port, Some(authority.file("ca.crt")));
    let good = authority.front(&broker, "localhost", false).await;
    let other = authority.front(&broker, "broker.example", false).await;
    let old = authority.front(&broker, "localhost", true).await;
    std::fs::write(authority.file("empty.crt"), "not a certificate").unwrap();
    let stranger = Authority::new();

    for (broker, words) in [
        (own(other), "made for another name"),
        (own(old), "has expired"),
        (encrypted(good, None), "authority that is not known"),
        (
            encrypted(good, Some(stranger.file("ca.crt"))),
            "authority that is not known",
        ),
        (
            encrypted(good, Some(authority.file("missing.crt"))),
            "does not exist",
        ),
        (
            encrypted(good, Some(authority.file("empty.crt"))),
            "holds no certificate",
        ),
        (own(broker.addr().port()), "asked for encryption"),
        (own(1), "cannot be reached"),
    ] {
        let sentence = complaint(broker).await;
        assert!(sentence.contains(words), "{words}: {sentence}");
        assert!(
            sentence.starts_with("The MQTT broker at localhost:"),
            "{sentence}"
        );
    }
    assert_eq!(broker.counts().connects, 0);
}

#[tokio::test]
async fn a_certificate_put_right_is_taken_without_a_restart() {
    let authority = Authority::new();
    let broker = start_broker(capturing()).await;
    let port = authority.front(&broker, "localhost", false).await;
    let file = authority.file("late.crt");
    let source = encrypted(port, Some(file.clone()));
    let mut service = Service::start(source, sample::shared(&["kitchen"]), brisk());
    assert!(matches!(service.health().await, Condition::Degraded(_)));
    std::fs::copy(authority.file("ca.crt"), file).unwrap();
    assert_eq!(service.health().await, Condition::Ok);
    service.stop().await;
}
