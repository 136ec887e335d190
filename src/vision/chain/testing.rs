//! The picture test, and "test this provider": whether pictures arrive at a
//! model. Its result is kept for as long as the model stays the same.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{info, warn};

use super::{Chain, Counting, Link, Proven, asking::Passed};
use crate::{
    domain::{effect::Change, provider::Failure},
    ports::{Canary, Terms},
};

/// Tests a provider outside a chain, where nothing is counted or remembered: a
/// sentence either way.
pub async fn examine(link: &Link, canary: Canary, now: Timestamp) -> Result<String, String> {
    let (provider, named) = (&link.provider, link.shown());
    let terms = |within| Terms {
        within,
        after: None,
    };
    let inspected = provider.inspect(terms(super::INSPECTION)).await;
    link.learnt(&inspected.map_err(|failure| failure.sentence)?);
    let proof = provider
        .prove(Arc::new(canary), terms(provider.patience()))
        .await
        .map_err(|failure| failure.sentence)?;
    if proof.sees {
        link.learnt(&proof.model);
        Ok(link.works(now))
    } else {
        Err(format!(
            "The model of {named} does not see pictures (shown a test picture it said: {}); choose one that does.",
            proof.said
        ))
    }
}

impl Chain {
    /// Makes sure that pictures arrive, once for each model and version. The
    /// inner error is the provider's failure.
    pub(super) async fn test_picture(&self, link: &Link) -> Result<Result<(), Failure>, Passed> {
        if link.untested(self.now()) {
            // Two rooms at once need one test.
            let _turn = link.testing.lock().await;
            if link.untested(self.now())
                && let Err(failure) = self.prove(link).await?
            {
                return Ok(Err(failure));
            }
        }
        Ok(link.blind().map_or(Ok(()), Err))
    }

    async fn prove(&self, link: &Link) -> Result<Result<(), Failure>, Passed> {
        let canary = Arc::new((self.parts.draw)());
        let most = link.most_of(1).unwrap_or_default();
        let terms = Terms {
            within: link.provider.patience(),
            after: None,
        };
        let call = || link.provider.prove(canary, terms);
        let proof = match self.counted(link, most, call).await? {
            Ok(proof) => proof,
            Err(failure) => return Ok(Err(failure)),
        };
        link.learnt(&proof.model);
        let proven = Proven {
            sees: proof.sees,
            said: proof.said,
            version: proof.model.version,
            at: self.now(),
        };
        if proven.sees {
            info!("{} sees pictures.", link.shown());
        } else {
            warn!("{} does not see pictures.", link.shown());
        }
        if let Ok(value) = serde_json::to_string(&proven) {
            let provider = &link.provider;
            let name = Link::note(provider.name(), provider.model());
            self.save(Change::Note(name, Some(value))).await;
        }
        link.proven(proven);
        Ok(Ok(()))
    }

    /// Tests the provider at this place of the chain now, whatever its circuit
    /// says: first what costs nothing, then the picture test. A sentence
    /// either way.
    pub async fn examine(&self, place: usize) -> Result<String, String> {
        let setup = self.setup();
        let link = setup.links.get(place).ok_or_else(|| {
            format!(
                "There is no provider {place}; the chain has {}.",
                setup.links.len()
            )
        })?;
        let result = self.examine_link(link).await;
        link.tested(&result, self.now());
        result
    }

    async fn examine_link(&self, link: &Link) -> Result<String, String> {
        let shown = link.shown();
        if link.counting == Counting::Free {
            return Ok(format!(
                "{shown} is part of this program and needs nothing."
            ));
        }
        let terms = Terms {
            within: super::INSPECTION,
            after: None,
        };
        match link.provider.inspect(terms).await {
            Ok(facts) => link.learnt(&facts),
            Err(failure) => return Err(self.examined(link, &failure)),
        }
        match self.prove(link).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => return Err(self.examined(link, &failure)),
            Err(Passed::Failed(why) | Passed::Paused(why) | Passed::Budget(why)) => {
                return Err(why);
            }
        }
        if let Some(failure) = link.blind() {
            return Err(self.examined(link, &failure));
        }
        link.mended();
        Ok(link.works(self.now()))
    }

    fn examined(&self, link: &Link, failure: &Failure) -> String {
        link.failed(failure, self.now());
        failure.sentence.clone()
    }

    /// How many providers there are to examine.
    pub fn len(&self) -> usize {
        self.setup().links.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
