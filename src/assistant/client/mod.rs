//! Clients that follow a script, and the record of what happened to them.

pub mod conversation;
pub mod record;
pub mod scripted;

use std::thread;

use crate::process::interrupt::Stopped;

/// Has each of these clients `follow` its script in a thread of its own, and looks on. Then those that are still there
/// are stopped and waited for. Fails when a thread cannot be started, and as `look_on` does.
pub fn side_by_side<C: Send, T>(
    clients: impl IntoIterator<Item = C>,
    follow: impl Fn(C) + Sync,
    look_on: impl FnOnce() -> Result<T, Stopped>,
    stop: impl Fn(),
) -> Result<T, Stopped> {
    let follow = &follow;
    thread::scope(|scope| {
        let mut clients = clients.into_iter();
        let started = clients.try_for_each(|client| {
            thread::Builder::new().spawn_scoped(scope, move || follow(client)).map(drop)
        });
        let seen = started.map_err(Stopped::from).and_then(|()| look_on());
        stop();
        seen
    })
}
