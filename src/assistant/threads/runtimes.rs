//! The threads that a language's runtime starts for itself: they are no part of a program as it was written.

/// Whose thread it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The program's, as it was written.
    Program,
    /// A part of no lesson: it waits for Ctrl-C, or helps the runtime.
    Helper,
    /// The runtime's, which wakes it again and again, whatever the program does.
    Ticker,
}

/// A runtime: the file that runs it, how the names of its own threads begin (the system keeps 15 bytes of a
/// name), and whose they are.
type Runtime = (&'static str, &'static [&'static str], Owner);

/// As seen with OpenJDK 17 and 25, Node 20, Deno 2.9 and Bun 1.4. Node and Deno leave some of their threads
/// the name of the program.
const RUNTIMES: [Runtime; 4] = [
    (
        "java",
        &[
            "Attach Listener",
            "C1 Compiler",
            "C2 Compiler",
            "Common-Cleaner",
            "Finalizer",
            "G1 ",
            "GC Thread",
            "Monitor Deflati",
            "Notification Th",
            "Reference Handl",
            "Service Thread",
            "Signal Dispatch",
            "Sweeper thread",
            "VM Periodic Tas",
            "VM Thread",
        ],
        Owner::Ticker,
    ),
    (
        "node",
        &["node", "libuv-worker", "V8Worker", "DelayedTaskSche", "SignalInspector"],
        Owner::Helper,
    ),
    ("deno", &["deno", "V8 DefaultWorke", "tokio-runtime-w"], Owner::Helper),
    ("bun", &["Bun Pool", "HeapHelper", "JITWorker", "mi-scavenger"], Owner::Helper),
];

/// Whose a thread is that has this name, in a process that runs this file. `is_first` is true of the thread that
/// the process began with.
pub fn owner(executable: &str, name: &str, is_first: bool) -> Owner {
    let own = RUNTIMES.iter().find(|(runtime, ..)| *runtime == file(executable));
    match own {
        // It waits for the end of the thread that runs `main`.
        Some((runtime, ..)) if is_first => {
            if *runtime == "java" {
                Owner::Helper
            } else {
                Owner::Program
            }
        }
        Some((_, names, owner)) if names.iter().any(|own| name.starts_with(own)) => *owner,
        _ => Owner::Program,
    }
}

/// Whether this file runs Java programs: there the second thread runs `main`.
pub fn is_java(executable: &str) -> bool {
    file(executable) == "java"
}

/// Whether this file runs programs that serve all clients in one thread, in callbacks.
pub fn has_event_loop(executable: &str) -> bool {
    matches!(file(executable), "node" | "deno" | "bun") || file(executable).starts_with("tclsh")
}

/// Whether this file runs Python programs.
pub fn is_python(executable: &str) -> bool {
    file(executable).starts_with("python")
}

fn file(executable: &str) -> &str {
    let name = executable.rsplit('/').next().unwrap_or_default();
    // As npm installs Bun.
    name.strip_suffix(".exe").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtimes_threads_are_told_by_its_file_and_their_names() {
        for (executable, name, is_first, wanted) in [
            ("/usr/lib/jvm/bin/java", "java", true, Owner::Helper),
            ("/usr/lib/jvm/bin/java", "java", false, Owner::Program),
            ("/usr/lib/jvm/bin/java", "VM Periodic Tas", false, Owner::Ticker),
            ("/usr/lib/jvm/bin/java", "Thread-0", false, Owner::Program),
            ("/usr/bin/node", "node", true, Owner::Program),
            ("/usr/bin/node", "node", false, Owner::Helper),
            ("/tmp/07_practice", "VM Thread", false, Owner::Program),
        ] {
            assert_eq!(owner(executable, name, is_first), wanted, "{executable} {name}");
        }
        assert!(has_event_loop("/usr/bin/tclsh8.6") && !has_event_loop("java"));
        assert!(
            is_java("java") && is_python("/usr/bin/python3.11") && !is_python("/usr/python3/x")
        );
    }
}
