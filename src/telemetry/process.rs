//! Facts about our own process.

/// Resident memory in MiB, or `None` where the kernel does not say (not Linux).
pub fn resident_memory_mib() -> Option<f32> {
    // `status` speaks in KiB; `statm` counts pages, which are 16 KiB on a Raspberry Pi 5.
    in_status(&status()?, "VmRSS:")
}

/// The most resident memory that this process ever held, in MiB.
pub fn peak_memory_mib() -> Option<f32> {
    in_status(&status()?, "VmHWM:")
}

fn status() -> Option<String> {
    std::fs::read_to_string("/proc/self/status").ok()
}

fn in_status(status: &str, what: &str) -> Option<f32> {
    let line = status.lines().find_map(|l| l.strip_prefix(what))?;
    let kib: f32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let status = "Name:\taicleaner\nVmHWM:\t   99999 kB\nVmRSS:\t   20480 kB\n";
        assert_eq!(in_status(status, "VmRSS:"), Some(20.0));
        assert_eq!(in_status("Name:\taicleaner\n", "VmRSS:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_takes_some_memory() {
        let mib = resident_memory_mib().unwrap();
        assert!((1.0..10_000.0).contains(&mib), "{mib} MiB");
        assert!(peak_memory_mib().unwrap() >= mib);
    }
}
