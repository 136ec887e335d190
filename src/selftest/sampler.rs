//! What the service's process holds and uses, from outside: `/proc`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use procfs::process::Process;
use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;

const EVERY: Duration = Duration::from_millis(500);
/// Samples that are kept; from then on every second one is dropped, and only
/// every second is taken. A day's worth fits.
const KEPT: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Since the first sample.
    pub seconds: f64,
    pub resident_mib: f64,
    /// Of all threads, since the process began.
    pub cpu_seconds: f64,
    pub threads: u64,
    pub descriptors: usize,
    /// Bytes that went to the disk, if the system tells.
    pub written: Option<u64>,
}

/// Samples one process until it is dropped or the process ends.
#[derive(Debug)]
pub struct Sampler {
    samples: Arc<Mutex<Vec<Sample>>>,
    _task: AbortOnDropHandle<()>,
}

impl Sampler {
    /// Needs a tokio runtime.
    pub fn start(pid: i32) -> Self {
        let samples = Arc::new(Mutex::new(Vec::new()));
        let kept = samples.clone();
        let task = async move {
            let begun = Instant::now();
            let mut every = EVERY;
            while let Some(sample) = sample(pid, begun.elapsed()) {
                {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.push(sample);
                    if kept.len() == KEPT {
                        let mut keep = false;
                        kept.retain(|_| {
                            keep = !keep;
                            keep
                        });
                        every *= 2;
                    }
                }
                tokio::time::sleep(every).await;
            }
        };
        Self {
            samples,
            _task: AbortOnDropHandle::new(tokio::spawn(task)),
        }
    }

    pub fn samples(&self) -> Vec<Sample> {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.clone()
    }
}

/// `None` once the process has ended.
#[allow(clippy::cast_precision_loss, reason = "bytes and ticks of one process")]
fn sample(pid: i32, since: Duration) -> Option<Sample> {
    let process = Process::new(pid).ok()?;
    let stat = process.stat().ok()?;
    let status = process.status().ok()?;
    let ticks = procfs::ticks_per_second() as f64;
    Some(Sample {
        seconds: since.as_secs_f64(),
        resident_mib: status.vmrss? as f64 / 1024.0,
        cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
        threads: status.threads,
        descriptors: process.fd_count().ok()?,
        written: process.io().ok().map(|io| io.write_bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_can_be_sampled_and_one_that_is_not_there_cannot() {
        let own = i32::try_from(std::process::id()).unwrap();
        let sample = sample(own, Duration::ZERO).unwrap();
        assert!(sample.resident_mib > 1.0 && sample.threads >= 1 && sample.descriptors >= 3);
        assert_eq!(super::sample(i32::MAX, Duration::ZERO), None);
    }
}
