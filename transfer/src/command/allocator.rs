//! One setting of the GNU C library's allocator, which must stand before a program begins.
//!
//! Large blocks come straight from the system and go back when freed, but only above a threshold that rises up to
//! 32 MiB with the blocks that are freed (mallopt(3), `M_MMAP_THRESHOLD`). From then on every thread keeps what it
//! once had, and a few threads that met documents near MongoDB's limit of 16 MiB keep hundreds of MiB. A threshold
//! that is set does not rise. Ordinary batches come straight from the system, too, then: no slower, as measured.

/// Starts this program anew with the setting, as the same process; returns if it is set, cannot be set, or is
/// another system's.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn settle() {
    use std::os::unix::process::CommandExt;

    const TUNABLES: &str = "GLIBC_TUNABLES";
    const NAME: &str = "glibc.malloc.mmap_threshold";
    const BYTES: usize = 1 << 20;
    // The library takes its own variable away from programs that run with another's rights.
    const DONE: &str = "WHIMBREL_ALLOCATOR_SET";

    let before = std::env::var(TUNABLES).unwrap_or_default();
    let is_set = |name| std::env::var_os(name).is_some();
    if is_set(DONE) || is_set("MALLOC_MMAP_THRESHOLD_") || before.contains(NAME) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let separator = if before.is_empty() { "" } else { ":" };
    let mut command = std::process::Command::new(program);
    command.env(TUNABLES, format!("{before}{separator}{NAME}={BYTES}")).env(DONE, "1");
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // Whatever the reason: without it the program only needs more memory.
    let error = command.args(arguments).exec();
    tracing::debug!(%error, "going on with the allocator as it is");
}

/// Nothing to do.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn settle() {}
