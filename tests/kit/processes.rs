//! Programs that the assistant builds, starts and waits for.

use std::net::TcpListener;
use std::time::Duration;

use assistant::process::examples::Examples;
use assistant::process::free_port::FreePort;
use assistant::process::interrupt::Stopped;
use assistant::process::server_process::ServerProcess;

#[cfg(unix)]
mod waits {
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use assistant::process::program::Program;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Program {
        Program::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn every_wait_ends_when_it_is_cancelled() {
        static CANCELLED: AtomicBool = AtomicBool::new(false);
        let mut program = shell("echo started; exec sleep 60");
        program.cancel_waits_when(|| CANCELLED.load(Ordering::SeqCst));
        program.wait_for(LONG, "a line", |printed| printed.lines.first().cloned()).unwrap();
        let start = Instant::now();
        thread::scope(|scope| {
            let wait = scope.spawn(|| program.wait_for(LONG, "no line", |_| None::<()>));
            CANCELLED.store(true, Ordering::SeqCst);
            assert!(wait.join().unwrap().is_err());
        });
        assert_eq!(program.end_within(LONG), None);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }

    #[test]
    fn an_end_is_seen_although_another_process_holds_the_output() {
        let mut program = shell("sleep 60 & exit 3");
        assert_eq!(program.end_within(LONG).and_then(|status| status.code()), Some(3));
        assert!(!program.printed_all());
        program.end_group();
    }
}

#[test]
fn a_program_that_ends_at_once_is_no_server() {
    // The test program itself knows no --port.
    let program = std::env::current_exe().unwrap();
    let outcome = ServerProcess::start(&program, &[], Duration::from_secs(20));
    let Err(failure) = outcome else { panic!("{outcome:?}") };
    let text = failure.to_string();
    assert!(text.contains(" did not start: it ended (exit "), "{text}");
    assert!(text.contains("before it was listening; its last lines:\n    "), "{text}");
    assert!(text.contains("'port'"), "{text}");
}

#[test]
fn what_does_not_build_is_named() {
    let outcome = Examples::build(["no_such_example"]);
    let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
    let text = failure.to_string();
    assert!(text.starts_with("no_such_example cannot be built: cargo says why"), "{text}");
}

#[test]
fn no_port_is_picked_twice() {
    let ports: Vec<_> = (0..100).filter_map(|_| FreePort::pick().ok()).collect();
    let mut numbers: Vec<_> = ports.iter().map(|port| port.address().port()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 100);
    assert!(TcpListener::bind(ports[0].address()).is_ok(), "it is free for TCP");
}
