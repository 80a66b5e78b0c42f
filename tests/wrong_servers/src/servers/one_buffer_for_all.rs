//! exercise: 11
//! verdict: WRONG_REPLY
//! Keeps the half lines of all clients in one buffer.

use wrong_servers::polled::{Client, in_one_thread, one_thing, serve};

pub fn main() {
    let mut unread = Vec::new();
    in_one_thread(None, one_thing, |client: &mut Client| {
        std::mem::swap(&mut unread, &mut client.unread);
        let served = serve(client);
        std::mem::swap(&mut unread, &mut client.unread);
        served
    });
}
