//! Facts about our own process.

/// Resident memory in MiB, or `None` where the kernel does not say (not Linux).
pub fn resident_memory_mib() -> Option<f32> {
    // `status` speaks in KiB; `statm` counts pages, which are 16 KiB on a Raspberry Pi 5.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    resident(&status)
}

fn resident(status: &str) -> Option<f32> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: f32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let status = "Name:\taicleaner\nVmHWM:\t   99999 kB\nVmRSS:\t   20480 kB\n";
        assert_eq!(resident(status), Some(20.0));
        assert_eq!(resident("Name:\taicleaner\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_takes_some_memory() {
        let mib = resident_memory_mib().unwrap();
        assert!((1.0..10_000.0).contains(&mib), "{mib} MiB");
    }
}
