//! exercise: 11
//! verdict: WRONG_REPLY
//! Does not wait for the rest of a line, and forgets what had come of it.

use wrong_servers::polled::{Client, in_one_thread, one_thing, serve};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        let served = serve(client);
        client.unread.clear();
        served
    });
}
