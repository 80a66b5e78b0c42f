//! Where a server's threads stood in the course of time: their lanes, from samples.

use std::net::SocketAddr;
use std::time::Duration;

use crate::draw::lanes::{Doing, Stretch};
use crate::threads::{Place, Sample};

/// One thread's way through a run, as far as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadLane {
    /// The system's number of the thread.
    id: u32,
    /// Its name in the samples.
    sampled_name: String,
    /// Its name. Threads without one are numbered anew, the oldest first: some wait for Ctrl-C and have not named
    /// themselves yet.
    pub name: String,
    /// Where it stood; between two of these it was on its way.
    pub stretches: Vec<Stretch>,
    /// Whether it did nothing but wait to be woken.
    is_parked: bool,
}

/// The lanes of all threads of a server, but for those that wait for Ctrl-C.
#[derive(Debug, Clone, Default)]
pub struct ThreadLanes {
    lanes: Vec<ThreadLane>,
    /// When the last sample was taken.
    last: Duration,
}

impl ThreadLanes {
    /// Adds a sample that holds for the time since the last one; `client` gives the name of a peer.
    pub fn add(&mut self, sample: &Sample, at: Duration, client: impl Fn(SocketAddr) -> String) {
        for thread in sample.own_threads() {
            if thread.place == Place::Running {
                continue;
            }
            let index = self.lane_of(thread.id, &thread.name);
            let mut words = thread.place_in_words(&client);
            if let Place::Join(sampled_name) = &thread.place {
                let joined = self.lanes.iter().find(|lane| lane.sampled_name == *sampled_name);
                words = words.replace(sampled_name, joined.map_or(sampled_name, |lane| &lane.name));
            }
            let doing = match thread.place {
                Place::Lock(_) | Place::Join(_) => Doing::HeldUp(words),
                _ => Doing::Standing(words),
            };
            self.lanes[index].is_parked &= thread.place == Place::Parked;
            let stretches = &mut self.lanes[index].stretches;
            match stretches.last_mut() {
                Some(last) if last.to == self.last && last.doing == doing => last.to = at,
                _ => stretches.push(Stretch { from: self.last, to: at, doing }),
            }
        }
        self.last = at;
    }

    /// The place of a thread's lane, which is made if there is none.
    fn lane_of(&mut self, id: u32, sampled_name: &str) -> usize {
        let same = |lane: &ThreadLane| lane.id == id && lane.sampled_name == sampled_name;
        self.lanes.iter().position(same).unwrap_or_else(|| {
            // The system numbers threads in the order of their birth.
            let index = self.lanes.partition_point(|lane| lane.id < id);
            let [sampled_name, name] = [sampled_name; 2].map(str::to_owned);
            let (stretches, is_parked) = (Vec::new(), true);
            self.lanes.insert(index, ThreadLane { id, sampled_name, name, stretches, is_parked });
            let is_unnamed = |lane: &&mut ThreadLane| lane.name.starts_with("unnamed ");
            for (number, lane) in (1..).zip(self.lanes.iter_mut().filter(is_unnamed)) {
                lane.name = format!("unnamed {number}");
            }
            index
        })
    }

    /// The lanes, the oldest thread first.
    pub fn lanes(&self) -> &[ThreadLane] {
        &self.lanes
    }

    /// The lanes that fit into `rows` if a row says how many do not: parked threads are left out first, then the youngest.
    pub fn fitting(&self, rows: usize) -> Vec<&ThreadLane> {
        let mut lanes: Vec<&ThreadLane> = self.lanes.iter().collect();
        if lanes.len() > rows {
            lanes.sort_by_key(|lane| lane.is_parked);
            lanes.truncate(rows.saturating_sub(1));
        }
        lanes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::Owner;
    use crate::threads::Thread;

    #[test]
    fn a_place_lasts_while_every_sample_shows_it() {
        let millis = Duration::from_millis;
        let standing = |id, place| Thread::standing(id, &format!("unnamed {id}"), place);
        let mut lanes = ThreadLanes::default();
        for (at, first, second) in [
            (50, Place::Running, Place::Lock(1)),
            (100, Place::Accept, Place::Running),
            (150, Place::Accept, Place::Read(([127, 0, 0, 1], 50_112).into())),
        ] {
            let ctrl_c = Thread { owner: Owner::Helper, ..standing(9, Place::Signal) };
            let threads = vec![standing(1, first), standing(2, second), ctrl_c];
            let sample = Sample { threads, ..Sample::default() };
            lanes.add(&sample, millis(at), |_| "A".to_owned());
        }
        let names: Vec<&str> = lanes.lanes().iter().map(|lane| lane.name.as_str()).collect();
        // Numbered by age, although the second was seen first; the thread for Ctrl-C is part of no lesson.
        assert_eq!(names, ["unnamed 1", "unnamed 2"]);
        let stretch = |from, to, doing| Stretch { from: millis(from), to: millis(to), doing };
        let first = [stretch(50, 150, Doing::Standing("accept".into()))];
        let second = [
            stretch(0, 50, Doing::HeldUp("waits for lock 1".into())),
            stretch(100, 150, Doing::Standing("read, for A".into())),
        ];
        assert_eq!(lanes.lanes()[0].stretches, first);
        assert_eq!(lanes.lanes()[1].stretches, second);
    }

    #[test]
    fn threads_that_were_only_parked_are_left_out_first() {
        let mut lanes = ThreadLanes::default();
        let places = [Place::Accept, Place::Parked, Place::Lock(1), Place::Parked];
        let threads = (1..).zip(places).map(|(id, it)| Thread::standing(id, &id.to_string(), it));
        let sample = Sample { threads: threads.collect(), ..Sample::default() };
        lanes.add(&sample, Duration::from_millis(50), |_| String::new());
        let names =
            |rows| lanes.fitting(rows).iter().map(|lane| lane.name.as_str()).collect::<String>();
        assert_eq!([4, 3, 2, 1, 0].map(names), ["1234", "13", "1", "", ""]);
    }
}
