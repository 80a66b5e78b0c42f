//! The TCP sockets of a program, remembered from one look to the next: so the system is asked about these, and
//! searched only when there are others.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::threads::connections::{Ends, Row};
use crate::threads::sock_diag::SockDiag;

/// With more sockets than this, searching all that the system has takes less time than asking about each.
const MANY: usize = 200;

/// How soon the system is searched again for what it was searched for in vain: a search can miss a socket that
/// changes meanwhile.
const SEARCH_INTERVAL: Duration = Duration::from_secs(1);

/// What is known of a program's sockets.
#[derive(Debug, Default)]
pub struct Sockets {
    /// The program's ends.
    known: HashSet<Ends>,
    /// When the system was searched last, and what was missing after that.
    searched: Option<(Instant, Missing)>,
}

/// What there must be beside the sockets that are known.
#[derive(Debug, PartialEq, Eq)]
struct Missing {
    /// Sockets of the program: those of other protocols, too.
    own: Vec<u64>,
    /// How many connections more wait to be accepted.
    pending: u32,
}

impl Sockets {
    /// A client with this address is connected to the program, which listens at `server`.
    pub fn add_client(&mut self, server: SocketAddr, client: SocketAddr) {
        self.known.insert(Ends::new(server, client));
        let Some(mut diag) = SockDiag::open() else { return };
        if let Ok(Some(listener)) = diag.listener_at(server) {
            self.known.insert(listener.ends());
        }
    }

    /// The rows of the program's sockets, of those that wait to be accepted, and of the other ends on this machine;
    /// others may be among them. `own` are the numbers of the program's sockets.
    ///
    /// Nothing where the system does not answer.
    pub fn look(&mut self, own: &HashSet<u64>) -> Option<Vec<Row>> {
        let mut diag = SockDiag::open()?;
        self.ask(&mut diag, own)
            .and_then(|rows| rows.map_or_else(|| self.search(&mut diag, own), Ok))
            .ok()
    }

    /// Asks about those that are known; returns nothing if there are others.
    fn ask(&mut self, diag: &mut SockDiag, own: &HashSet<u64>) -> io::Result<Option<Vec<Row>>> {
        if self.known.len() > MANY {
            return Ok(None);
        }
        let mut rows = HashMap::new();
        for ends in std::mem::take(&mut self.known) {
            let Some(row) = diag.find(ends)? else { continue };
            self.known.insert(row.ends());
            rows.insert(row.ends(), row);
            if !row.is_listening() {
                if let Some(other) = diag.find(row.ends().reversed())? {
                    rows.insert(other.ends(), other);
                }
            }
        }
        let rows: Vec<Row> = rows.into_values().collect();
        let missing = Missing::beside(&rows, own);
        let was_searched_for = |(at, before): &(Instant, Missing)| {
            *before == missing && at.elapsed() < SEARCH_INTERVAL
        };
        let is_all = missing.is_nothing() || self.searched.as_ref().is_some_and(was_searched_for);
        Ok(is_all.then_some(rows))
    }

    /// Searches all that the system has.
    fn search(&mut self, diag: &mut SockDiag, own: &HashSet<u64>) -> io::Result<Vec<Row>> {
        let mut rows = diag.all(false)?;
        // The system goes through everything once more for the second family.
        if !Missing::beside(&rows, own).is_nothing() {
            rows.extend(diag.all(true)?);
        }
        let listeners = listeners(&rows, own);
        let belongs = |row: &&Row| {
            own.contains(&row.inode)
                || self.known.contains(&row.ends())
                || listeners.iter().any(|listener| row.waits_at(listener))
        };
        let known = rows.iter().filter(belongs).map(Row::ends).collect();
        self.known = known;
        self.searched = Some((Instant::now(), Missing::beside(&rows, own)));
        Ok(rows)
    }
}

impl Missing {
    fn beside(rows: &[Row], own: &HashSet<u64>) -> Self {
        let known: HashSet<u64> = rows.iter().map(|row| row.inode).collect();
        let mut missing: Vec<u64> = own.difference(&known).copied().collect();
        missing.sort_unstable();
        let mut pending = 0;
        for listener in listeners(rows, own) {
            let waiting = rows.iter().filter(|row| row.waits_at(&listener)).count();
            let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
            pending += listener.pending().saturating_sub(waiting);
        }
        Self { own: missing, pending }
    }

    fn is_nothing(&self) -> bool {
        self.own.is_empty() && self.pending == 0
    }
}

/// The program's sockets that listen.
fn listeners(rows: &[Row], own: &HashSet<u64>) -> Vec<Row> {
    let is_own = |row: &&Row| row.is_listening() && own.contains(&row.inode);
    rows.iter().filter(is_own).copied().collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::fs;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    /// The number that the system gives to a socket.
    fn number(socket: &impl AsRawFd) -> u64 {
        let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap();
        let link = link.to_str().unwrap();
        link.strip_prefix("socket:[").unwrap().trim_end_matches(']').parse().unwrap()
    }

    /// A program that listens; its sockets are a part of those of this test.
    struct Program {
        listener: TcpListener,
        server: SocketAddr,
        own: HashSet<u64>,
        sockets: Sockets,
    }

    impl Program {
        /// Nothing where the system does not answer.
        fn start() -> Option<Self> {
            SockDiag::open()?;
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let (server, own) =
                (listener.local_addr().unwrap(), HashSet::from([number(&listener)]));
            Some(Self { listener, server, own, sockets: Sockets::default() })
        }

        /// The numbers of the sockets at the program's end of the connections of these clients.
        fn ends_of(&mut self, clients: &[&TcpStream]) -> Vec<Option<u64>> {
            let rows = self.sockets.look(&self.own).unwrap();
            let ends =
                clients.iter().map(|client| Ends::new(self.server, client.local_addr().unwrap()));
            ends.map(|ends| Some(rows.iter().find(|row| row.has(ends))?.inode)).collect()
        }

        fn accept(&mut self) -> TcpStream {
            let stream = self.listener.accept().unwrap().0;
            self.own.insert(number(&stream));
            stream
        }

        /// Forgets when the last search was; returns whether there was one.
        fn was_searched(&mut self) -> bool {
            self.sockets.searched.take().is_some()
        }
    }

    #[test]
    fn a_client_that_is_announced_is_not_searched_for() {
        let Some(mut program) = Program::start() else { return };
        let client = TcpStream::connect(program.server).unwrap();
        program.sockets.add_client(program.server, client.local_addr().unwrap());
        assert_eq!(program.ends_of(&[&client]), [Some(0)], "in the queue");
        let stream = program.accept();
        assert_eq!(program.ends_of(&[&client]), [Some(number(&stream))]);
        let rows = program.sockets.look(&program.own).unwrap();
        assert!(rows.iter().any(|row| row.local == client.local_addr().unwrap()), "its own end");
        assert_eq!(rows.len(), 3);
        drop(client);
        assert!(program.own.remove(&number(&stream)));
        drop(stream);
        // The two ends take a moment to take leave of each other.
        let deadline = Instant::now() + Duration::from_secs(20);
        while program.sockets.look(&program.own).unwrap().len() > 1 {
            assert!(Instant::now() < deadline, "only the listener is left");
        }
        assert!(!program.was_searched());
    }

    #[test]
    fn another_client_is_searched_for_when_it_comes_and_when_it_is_accepted() {
        let Some(mut program) = Program::start() else { return };
        program.sockets.look(&program.own).unwrap();
        assert!(program.was_searched(), "for the listener");
        let client = TcpStream::connect(program.server).unwrap();
        assert_eq!(program.ends_of(&[&client]), [Some(0)]);
        assert!(program.was_searched());
        let other = TcpStream::connect(program.server).unwrap();
        let (first, second) = (program.accept(), program.accept());
        let wanted = [Some(number(&first)), Some(number(&second))];
        assert_eq!(program.ends_of(&[&client, &other]), wanted);
        assert!(program.was_searched());
        assert_eq!(program.ends_of(&[&client, &other]), wanted);
        assert!(!program.was_searched(), "nothing has changed");
    }

    #[test]
    fn what_is_not_found_is_not_searched_for_at_every_look() {
        let Some(mut program) = Program::start() else { return };
        let (one, _other) = UnixStream::pair().unwrap();
        program.own.insert(number(&one));
        program.sockets.look(&program.own).unwrap();
        let searched = program.sockets.searched.as_ref().unwrap().0;
        program.sockets.look(&program.own).unwrap();
        assert_eq!(program.sockets.searched.as_ref().unwrap().0, searched);
        // Unless something has changed.
        let client = TcpStream::connect(program.server).unwrap();
        assert_eq!(program.ends_of(&[&client]), [Some(0)]);
        // Or it was long ago: a search can miss something.
        let long_ago = Instant::now().checked_sub(SEARCH_INTERVAL).unwrap();
        program.sockets.searched.as_mut().unwrap().0 = long_ago;
        program.sockets.look(&program.own).unwrap();
        assert!(program.sockets.searched.as_ref().unwrap().0 > long_ago);
    }

    #[test]
    fn many_sockets_are_found_in_one_search() {
        let Some(mut program) = Program::start() else { return };
        let connect = |_| {
            let client = TcpStream::connect(program.server).unwrap();
            let stream = program.listener.accept().unwrap().0;
            program.own.insert(number(&stream));
            (client, stream)
        };
        let pairs: Vec<_> = (0..=MANY).map(connect).collect();
        for _ in 0..2 {
            let clients: Vec<&TcpStream> = pairs.iter().map(|(client, _)| client).collect();
            let streams = pairs.iter().map(|(_, stream)| Some(number(stream)));
            assert!(program.ends_of(&clients).into_iter().eq(streams));
            assert!(program.was_searched());
        }
    }
}
