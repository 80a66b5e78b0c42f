//! exercise: 10
//! verdict: PASS
//! Right: outboxes made of a queue, a lock and a condition variable.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use wrong_servers::{Room, send};

#[derive(Default)]
struct State {
    lines: VecDeque<String>,
    is_over: bool,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

/// The end that is told; dropping it ends the writer.
struct Outbox(Arc<Queue>);

impl Drop for Outbox {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().is_over = true;
        self.0.changed.notify_all();
    }
}

fn open(stream: TcpStream) -> Outbox {
    let queue = Arc::new(Queue::default());
    let own = Arc::clone(&queue);
    thread::spawn(move || {
        loop {
            let state = own.state.lock().unwrap();
            let is_empty = |state: &mut State| state.lines.is_empty() && !state.is_over;
            let mut state = own.changed.wait_while(state, is_empty).unwrap();
            let Some(line) = state.lines.pop_front() else { return };
            drop(state);
            if send(&stream, &line).is_err() {
                return;
            }
        }
    });
    Outbox(queue)
}

pub fn main() {
    Room::RIGHT.open(open, |Outbox(queue), line| {
        let mut state = queue.state.lock().unwrap();
        let has_room = state.lines.len() < 1000;
        if has_room {
            state.lines.push_back(line.to_owned());
            queue.changed.notify_all();
        }
        has_room
    });
}
