//! One picture into Home Assistant's media folder, over a connection that may
//! be held to the home network.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    multipart::{Form, Part},
};

use super::super::{
    error::HaError,
    rest::{self, Rest},
};
use crate::settings::network::is_at_home;

/// What a picture is refused for, before a byte of it is sent.
const OUTSIDE: &str = "Home Assistant's address is outside the home network and local_only is on: no picture was sent; use its address at home, or switch local_only off";

/// A client for pictures: with `at_home` it connects to addresses in the home
/// network only, whatever a name resolves to.
pub(super) fn client(at_home: bool) -> Result<Client, String> {
    let builder = rest::builder(rest::CONNECT, rest::WHOLE);
    rest::build(if at_home {
        builder.dns_resolver(AtHome)
    } else {
        builder
    })
}

pub(super) async fn upload(
    rest: &Rest,
    client: &Client,
    at_home: bool,
    folder: &str,
    name: &str,
    picture: Bytes,
) -> Result<(), HaError> {
    // A host that is an address is not resolved.
    if at_home && rest.literal().is_some_and(|ip| !is_at_home(ip)) {
        return Err(HaError::Failed(OUTSIDE.into()));
    }
    let length = picture.len() as u64;
    let part = Part::stream_with_length(picture, length)
        .file_name(name.to_owned())
        .mime_str("image/jpeg")
        .map_err(|why| HaError::Failed(why.to_string()))?;
    let form = Form::new()
        .text("media_content_id", folder.to_owned())
        .part("file", part);
    let sent = rest
        .post_form(client, "media_source/local_source/upload", form)
        .await;
    sent.map_err(|why| match why {
        HaError::Away(said) if said.contains(OUTSIDE) => HaError::Failed(OUTSIDE.into()),
        other => other,
    })
}

/// Resolves names to addresses in the home network, or not at all.
struct AtHome;

impl Resolve for AtHome {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One address outside is enough: the next connection may take it.
            if found.iter().any(|address| !is_at_home(address.ip())) {
                return Err(io::Error::other(OUTSIDE).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
