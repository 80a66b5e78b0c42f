//! Fixed events for the tests of the drawings, and the files that the drawings are compared with.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic is how a test fails")]

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::client::record::{Event, What};
use crate::draw::growth::{Growth, Measured, Point};
use crate::draw::lanes::{Lane, read_lanes};
use crate::draw::text::ConsoleLine;
use crate::draw::thread_lanes::ThreadLanes;
use crate::process::examples::package_folder;
use crate::threads::usage::Usage;
use crate::threads::{Place, Sample, Thread};

/// What the axis shows.
pub const SPAN: Duration = Duration::from_millis(2200);

/// A thinks, B waits for it, C does not, D gives up, E waits still, F has not come yet.
pub fn lanes() -> Vec<Lane> {
    let own_end = || What::Connected(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000)));
    let events = [
        (0, 'A', What::Connecting),
        (100, 'A', own_end()),
        (150, 'A', What::Waiting("its greeting")),
        (400, 'A', What::Received(b"hi".to_vec())),
        (410, 'A', What::Thinking),
        (420, 'B', What::Connecting),
        (450, 'B', own_end()),
        (460, 'B', What::Waiting("its greeting")),
        (500_000, 'C', What::Connecting),
        (500_300, 'C', own_end()),
        (500_310, 'C', What::Waiting("its greeting")),
        (500_900, 'C', What::Received(b"hi".to_vec())),
        (501_000, 'C', What::Done),
        (600_000, 'D', What::Connecting),
        (600_200, 'D', own_end()),
        (900_000, 'D', What::Waiting("its greeting")),
        (1_300_000, 'D', What::Failed("waited in vain".to_owned())),
        (1_000_000, 'E', What::Connecting),
        (1_000_200, 'E', own_end()),
        (1_000_300, 'E', What::Waiting("its reply")),
        (2_000_400, 'A', What::Sent(b"yes".to_vec())),
        (2_000_700, 'A', What::Done),
        (2_001_000, 'B', What::Received(b"hi".to_vec())),
        (2_001_400, 'B', What::Done),
    ];
    let events = events.map(|(micros, client, what)| Event {
        at: Duration::from_micros(micros),
        client,
        what,
    });
    read_lanes(&['A', 'B', 'C', 'D', 'E', 'F'], &events, Duration::from_micros(2_100_000))
}

/// A server with a thread for each of A and B, of which the second waits for a lock.
pub fn threads() -> ThreadLanes {
    let mut lanes = ThreadLanes::default();
    let peer = || SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    for (millis, second) in [
        (50, None),
        (100, Some(Place::Lock(1))),
        (1950, Some(Place::Lock(1))),
        (2000, Some(Place::Running)),
        (2050, Some(Place::Read(peer()))),
    ] {
        let places = [Some(Place::Accept), Some(Place::Read(peer())), second];
        let threads = (1..).zip(places).filter_map(|(id, place)| {
            let name = if id == 1 { "main".to_owned() } else { format!("unnamed {}", id - 1) };
            Some(Thread::standing(id, &name, place?))
        });
        let sample = Sample { threads: threads.collect(), ..Sample::default() };
        lanes.add(&sample, Duration::from_millis(millis), |_| "A".to_owned());
    }
    lanes
}

/// A line of a console.
pub fn console_line(client: char, text: &str, is_torn: bool) -> ConsoleLine {
    ConsoleLine { at: Duration::ZERO, client, text: text.to_owned(), is_torn }
}

/// Compares with a file under `tests/drawings/`; writes it when `DRAW` is set, to be looked at before a commit.
#[track_caller]
pub fn assert_as_in(name: &str, drawing: &str) {
    let file = package_folder().join("tests/drawings").join(name);
    if env::var_os("DRAW").is_some() {
        fs::write(&file, drawing).expect("the drawing can be written");
    }
    let wanted = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        wanted == drawing,
        "{name} is drawn differently:\n{drawing}\nIf that is right, run the test with DRAW=1"
    );
}

/// A server with one thread, one with a thread for each client, and one that has not been measured to the
/// end and for which nothing is predicted.
pub fn growths() -> [Growth; 3] {
    let growth = |name: &str, waits: &[u64], predicted: &[u64]| {
        let point = |(index, clients)| Point {
            clients,
            predicted: predicted.get(index).map(|millis| Duration::from_millis(*millis)),
            measured: waits.get(index).map(|micros| Measured {
                wait: Duration::from_micros(*micros),
                rounds: 3,
                usage: Some(Usage { threads: 1 + index, resident_kib: 2200 + 50 * index as u64 }),
            }),
        };
        let points = [1, 2, 8, 16].into_iter().enumerate().map(point).collect();
        Growth { name: name.to_owned(), points }
    };
    [
        growth("02 one thread", &[300, 20_400, 141_000, 302_000], &[0, 20, 140, 300]),
        growth("03 a thread per client", &[300, 310, 900, 1800], &[0; 4]),
        growth("<yours> & mine", &[200, 20_300, 400_000], &[]),
    ]
}
