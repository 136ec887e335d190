//! One run of the pipeline: capture, gates, judge. What the answer does to the
//! household is decided elsewhere.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

use super::references::References;
use crate::{
    domain::{
        change::{Fingerprint, changed},
        check::{CheckError, ErrorClass, KnownTask, Outcome, Trigger},
        gate::Unusable,
        learning::Taste,
        mask::{Mask, Masks},
        zone::{Zone, shown},
    },
    imaging::{self, Prepared},
    ports::{Camera, Frame, Judge, Question},
    telemetry::{Metrics, labels::Stage},
};

/// A camera that has not answered by then does not answer.
const CAPTURE_LIMIT: Duration = Duration::from_secs(20);
/// Preparing a picture takes a fraction of a second; a Pi under load, a few.
const PREPARE_LIMIT: Duration = Duration::from_secs(30);
/// Providers have limits of their own, and a model that loads on a small
/// machine takes minutes; this is for a judge that hangs for ever.
const JUDGE_LIMIT: Duration = Duration::from_mins(30);

/// What all checks share.
pub struct Bench {
    pub camera: Arc<dyn Camera>,
    pub judge: Arc<dyn Judge>,
    pub metrics: Metrics,
    /// One picture at a time is decoded: memory, not speed, is what a Pi lacks.
    pub decoding: Arc<Semaphore>,
    /// Why no picture may be taken, if none may.
    pub hold: watch::Receiver<Option<String>>,
    pub references: Arc<References>,
}

/// One check to run.
pub struct Job {
    /// With what is in force, see `household::in_force`.
    pub zone: Zone,
    pub trigger: Trigger,
    pub known: Vec<KnownTask>,
    pub masks: Masks,
    /// The likeness of the last assessed pictures; `None` forces a judgement.
    pub baseline: Option<Arc<[Fingerprint]>>,
    /// When the next scheduled check comes: no provider is tried again then.
    pub until: Timestamp,
    /// What the household taught the embedded judge about the zone.
    pub taste: Arc<Taste>,
}

/// What a check brought.
pub struct Done {
    pub outcome: Outcome,
    /// Of an assessed picture: each camera's likeness, and the JPEG that was judged.
    pub seen: Option<(Arc<[Fingerprint]>, Vec<Bytes>)>,
}

impl From<CheckError> for Done {
    fn from(error: CheckError) -> Self {
        Self {
            outcome: Outcome::Failed(error),
            seen: None,
        }
    }
}

/// Runs a check to its end; always ends within the sum of its limits.
pub async fn run(bench: &Bench, job: &Job) -> Done {
    #[cfg(feature = "mutants")]
    crate::mutants::at_a_check();
    match look(bench, job).await {
        Ok(done) => done,
        Err(error) => error.into(),
    }
}

async fn look(bench: &Bench, job: &Job) -> Result<Done, CheckError> {
    // All of them before the first picture is taken.
    let masks: Vec<Option<Mask>> = (job.zone.options.cameras.iter())
        .map(|source| masked(&job.masks, source))
        .collect::<Result<_, _>>()?;
    let is_masked = masks.iter().any(Option::is_some);
    let mut prepared = Vec::new();
    for (source, mask) in job.zone.options.cameras.iter().zip(masks) {
        prepared.push(take(bench, source, mask).await?);
    }
    let prints: Arc<[Fingerprint]> = prepared.iter().map(|p| p.fingerprint.clone()).collect();
    if let Some(baseline) = &job.baseline
        && baseline.len() == prints.len()
        && !baseline
            .iter()
            .zip(prints.iter())
            .any(|(a, b)| changed(a, b))
    {
        bench.metrics.gate_unchanged();
        return Ok(Done {
            outcome: Outcome::Unchanged,
            seen: None,
        });
    }
    let frames: Vec<Frame> = prepared.into_iter().map(|p| p.frame).collect();
    let options = &job.zone.options;
    let shown = frames.iter().map(|frame| frame.jpeg.clone()).collect();
    let (references, changes) = bench
        .references
        .beside(&job.zone, &job.masks, &prints)
        .await;
    let question = Arc::new(Question {
        zone_name: options.name.clone(),
        purpose: options.purpose.clone(),
        frames,
        is_masked,
        known: job.known.clone(),
        ignore: options.ignore.clone(),
        pickiness: options.pickiness,
        references,
        changes,
        taste: Arc::clone(&job.taste),
        ..Question::default()
    });
    // Somebody may have come home while the pictures were prepared.
    if let Some(sentence) = bench.hold.borrow().clone() {
        return Err(error(ErrorClass::Paused, sentence));
    }
    let begun = Instant::now();
    let answer = timeout(JUDGE_LIMIT, bench.judge.assess(question, job.until))
        .await
        .unwrap_or_else(|_| {
            Err(error(
                ErrorClass::Provider,
                format!(
                    "The provider {} gave no answer within {} minutes; the last result stands.",
                    bench.judge.standing().provider,
                    JUDGE_LIMIT.as_secs() / 60
                ),
            ))
        });
    bench.metrics.stage_took(Stage::Judge, begun.elapsed());
    if let Err(error) = &answer
        && error.class == ErrorClass::Budget
    {
        bench.metrics.gate_budget();
    }
    Ok(Done {
        outcome: Outcome::Assessed(answer?),
        seen: Some((prints, shown)),
    })
}

/// A camera's mask; without one that it needs it shows nothing.
fn masked(masks: &Masks, source: &str) -> Result<Option<Mask>, CheckError> {
    let mask = masks.of(source);
    mask.map(Option::<&Mask>::cloned)
        .map_err(|sentence| error(ErrorClass::Picture, sentence))
}

/// What a provider would get now of one camera, with this mask or else the
/// zone's. Nothing is judged and nothing kept.
pub async fn preview(
    bench: &Bench,
    source: &str,
    masks: &Masks,
    draft: Option<Mask>,
) -> Result<Frame, String> {
    let mask = match draft {
        Some(draft) => Some(draft),
        None => masked(masks, source).map_err(|error| error.sentence)?,
    };
    let prepared = take(bench, source, mask).await;
    prepared.map(|p| p.frame).map_err(|error| error.sentence)
}

/// One picture of one camera, masked and ready to be judged.
async fn take(bench: &Bench, source: &str, mask: Option<Mask>) -> Result<Prepared, CheckError> {
    let begun = Instant::now();
    let encoded = timeout(CAPTURE_LIMIT, bench.camera.capture(source))
        .await
        .unwrap_or_else(|_| {
            Err(error(
                ErrorClass::Camera,
                format!(
                    "{} delivered no picture within {} seconds; check that the camera works in Home Assistant.",
                    shown(source),
                    CAPTURE_LIMIT.as_secs()
                ),
            ))
        });
    bench.metrics.stage_took(Stage::Capture, begun.elapsed());
    let encoded = encoded?;

    let permit = Arc::clone(&bench.decoding).acquire_owned().await;
    let begun = Instant::now();
    let work = tokio::task::spawn_blocking(move || {
        // Its turn ends with the work, even when nobody waits for it any more.
        let _permit = permit;
        imaging::prepare(&encoded, mask.as_ref())
    });
    let prepared = match timeout(PREPARE_LIMIT, work).await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(_panic)) => Err(Unusable::NotAPicture("it broke the decoder".into())),
        Err(_late) => Err(Unusable::NotAPicture("decoding took too long".into())),
    };
    bench.metrics.stage_took(Stage::Prepare, begun.elapsed());
    prepared.map_err(|unusable| {
        bench.metrics.gate_unusable(&unusable);
        error(ErrorClass::Picture, unusable.sentence(source))
    })
}

fn error(class: ErrorClass, sentence: String) -> CheckError {
    CheckError { class, sentence }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        domain::zone::{ZoneId, ZoneOptions},
        ports::Boxed,
        vision,
    };

    struct Hanging;

    impl Camera for Hanging {
        fn capture<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_camera_is_named_without_its_password() {
        let bench = Bench {
            camera: Arc::new(Hanging),
            judge: vision::built_in(),
            metrics: Metrics::new(&[]),
            decoding: Arc::new(Semaphore::new(1)),
            hold: watch::channel(None).1,
            references: Arc::new(References::none()),
        };
        let job = Job {
            zone: Zone {
                id: ZoneId(1),
                options: ZoneOptions {
                    name: "Kitchen".into(),
                    slug: "kitchen".into(),
                    cameras: vec!["http://me:pa55@cam/x.jpg?k=pa55".into()],
                    ..ZoneOptions::default()
                },
            },
            trigger: Trigger::Manual,
            known: vec![],
            masks: Masks::None,
            baseline: None,
            until: Timestamp::MAX,
            taste: Arc::default(),
        };
        let Outcome::Failed(error) = run(&bench, &job).await.outcome else {
            panic!("there is no picture")
        };
        assert_eq!(error.class, ErrorClass::Camera);
        let said = error.sentence;
        assert!(
            said.starts_with("http://…@cam/x.jpg?… delivered no"),
            "{said}"
        );
    }
}
