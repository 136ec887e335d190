//! What one check of a 1080p picture costs, stage by stage: milliseconds and
//! peak memory. `benches/run.sh` sets other libraries' figures beside these.
//!
//! Usage: `cargo bench --bench stages -- [--tsv] [--keep FOLDER] [PICTURE]`.
//! PICTURE is enlarged to 1080p; without it a room from assets/rooms, else a
//! generated one. Each stage runs in a process of its own, which gets its input
//! ready, forgets its peak so far, and runs the stage.

use std::{
    env,
    error::Error,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant,
};

use aicleaner::{
    domain::change::changed,
    imaging::{decode, encode, fingerprint, prepare, quality},
    ports::{Frame, Judge, Question},
    vision::local::Local,
};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Enough for a steady median, few enough for a Raspberry Pi.
const RUNS: usize = 25;

/// The names are also those of benches/stages.py.
const STAGES: [&str; 7] = [
    "decode",
    "shrink",
    "gates",
    "encode",
    "load network",
    "judge",
    "whole check",
];

fn main() -> Result<()> {
    let mut args: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    if args.first().is_some_and(|a| a == "--stage") {
        return run_stage(&args[1], Path::new(&args[2]));
    }
    let tsv = take(&mut args, "--tsv").is_some();
    let temporary = tempfile::tempdir()?;
    let folder = match args.iter().position(|a| a == "--keep") {
        Some(at) => PathBuf::from(
            args.drain(at..=at + 1)
                .nth(1)
                .ok_or("--keep needs a folder")?,
        ),
        None => temporary.path().to_path_buf(),
    };
    fs::create_dir_all(&folder)?;
    let encoded = full_hd(args.first().map(Path::new))?;
    fs::write(folder.join("picture.jpg"), &encoded)?;
    fs::write(
        folder.join("frame.rgb"),
        &prepare(&encoded, None)
            .map_err(|e| format!("{e:?}"))?
            .frame
            .rgb,
    )?;

    if !tsv {
        println!(
            "1080p JPEG, {} kB; median of {RUNS} runs\n",
            encoded.len() / 1000
        );
        println!(
            "{:<14}{:>10}{:>16}{:>16}",
            "stage", "ms", "peak, MiB", "process, MiB"
        );
    }
    for stage in STAGES {
        let child = Command::new(env::current_exe()?)
            .args(["--stage", stage])
            .arg(&folder)
            .output()?;
        let out = String::from_utf8(child.stdout)?;
        let figures: Vec<&str> = out.split_whitespace().collect();
        let [ms, peak, process] = figures[..] else {
            return Err(format!(
                "stage {stage} failed: {}",
                String::from_utf8_lossy(&child.stderr)
            )
            .into());
        };
        if tsv {
            println!("{stage}\t{ms}\t{peak}\t{process}");
        } else {
            println!("{stage:<14}{ms:>10}{peak:>16}{process:>16}");
        }
    }
    Ok(())
}

fn take(args: &mut Vec<String>, flag: &str) -> Option<String> {
    let at = args.iter().position(|a| a == flag)?;
    Some(args.remove(at))
}

/// A camera-like 1080p JPEG: enlarged to size, with grain, as sensors give it.
fn full_hd(source: Option<&Path>) -> Result<Vec<u8>> {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/rooms/living_room/day-08.jpg");
    let source = source
        .map(Path::to_path_buf)
        .or_else(|| shipped.is_file().then_some(shipped));
    let mut picture = match source {
        Some(path) => {
            let small = image::load_from_memory(&fs::read(path)?)?.into_rgb8();
            imageops::resize(&small, 1920, 1080, imageops::FilterType::CatmullRom)
        }
        None => RgbImage::from_fn(1920, 1080, |x, y| {
            let tile = (x / 60 * 7 + y / 60 * 13) % 11 * 20;
            Rgb([40 + tile, 60 + (x + y) % 90, 220 - tile].map(|v| v as u8))
        }),
    };
    let mut random = fastrand::Rng::with_seed(1);
    for value in picture.iter_mut() {
        *value = value.saturating_add_signed(random.i8(-4..=4));
    }
    let mut encoded = Vec::new();
    JpegEncoder::new_with_quality(&mut encoded, 90).encode_image(&picture)?;
    Ok(encoded)
}

fn run_stage(stage: &str, folder: &Path) -> Result<()> {
    let encoded = || fs::read(folder.join("picture.jpg"));
    let small = || -> Result<RgbImage> {
        RgbImage::from_raw(1024, 576, fs::read(folder.join("frame.rgb"))?)
            .ok_or_else(|| "frame.rgb is short".into())
    };
    match stage {
        "decode" => {
            let encoded = encoded()?;
            measured(
                || (),
                |()| {
                    decode::decode(&encoded)
                        .map(drop)
                        .map_err(|e| format!("{e:?}"))
                },
            )
        }
        "shrink" => {
            let encoded = encoded()?;
            measured(
                || decode::decode(&encoded),
                |decoded| {
                    decoded
                        .map(|d| black_box(d.shrunk()))
                        .map(drop)
                        .map_err(|e| format!("{e:?}"))
                },
            )
        }
        "gates" => {
            let small = small()?;
            let before = fingerprint::of(&small, None);
            measured(
                || (),
                |()| {
                    quality::check(&small, None).map_err(|e| format!("{e:?}"))?;
                    black_box(changed(&before, &fingerprint::of(&small, None)));
                    Ok(())
                },
            )
        }
        "encode" => {
            let small = small()?;
            measured(
                || small.clone(),
                |small| encode::frame(small).map(drop).map_err(|e| format!("{e:?}")),
            )
        }
        "load network" => {
            let (runtime, question) = (runtime()?, question(small()?));
            // What the first question costs above the others.
            measured(Local::new, |judge| {
                runtime
                    .block_on(judge.assess(question.clone(), jiff::Timestamp::MAX))
                    .map(drop)
                    .map_err(|e| e.sentence)
            })
        }
        "judge" => {
            let (runtime, question, judge) = (runtime()?, question(small()?), Local::new());
            runtime
                .block_on(judge.assess(question.clone(), jiff::Timestamp::MAX))
                .map_err(|e| e.sentence)?;
            measured(
                || (),
                |()| {
                    runtime
                        .block_on(judge.assess(question.clone(), jiff::Timestamp::MAX))
                        .map(drop)
                        .map_err(|e| e.sentence)
                },
            )
        }
        _ => {
            let (runtime, judge, encoded) = (runtime()?, Local::new(), encoded()?);
            measured(
                || (),
                |()| {
                    let prepared = prepare(&encoded, None).map_err(|e| format!("{e:?}"))?;
                    let question = Question {
                        zone_name: "Room".into(),
                        frames: vec![prepared.frame],
                        ..Question::default()
                    };
                    runtime
                        .block_on(judge.assess(Arc::new(question), jiff::Timestamp::MAX))
                        .map(drop)
                        .map_err(|e| e.sentence)
                },
            )
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

fn question(small: RgbImage) -> Arc<Question> {
    let frame = Frame {
        width: 1024,
        height: 576,
        rgb: small.into_raw().into(),
        jpeg: Vec::new().into(),
    };
    Arc::new(Question {
        zone_name: "Room".into(),
        frames: vec![frame],
        ..Question::default()
    })
}

/// Prints the median time, the peak above what the process held before, and the
/// process's peak.
fn measured<T>(
    mut input: impl FnMut() -> T,
    mut stage: impl FnMut(T) -> std::result::Result<(), String>,
) -> Result<()> {
    // Linux: 5 makes the peak start again from what is resident now.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status_mib("VmRSS:")?;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let input = input();
            let begun = Instant::now();
            stage(input).map(|()| begun.elapsed().as_secs_f64() * 1000.0)
        })
        .collect::<std::result::Result<_, _>>()?;
    times.sort_by(f64::total_cmp);
    let peak = status_mib("VmHWM:")?;
    println!("{:.1} {:.1} {peak:.1}", times[RUNS / 2], peak - before);
    Ok(())
}

fn status_mib(line: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|l| l.strip_prefix(line))
        .and_then(|v| v.split_whitespace().next());
    Ok(kib
        .ok_or("no such line in /proc/self/status")?
        .parse::<f64>()?
        / 1024.0)
}
