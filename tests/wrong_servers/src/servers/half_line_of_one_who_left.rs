//! exercise: 11
//! verdict: WRONG_REPLY
//! Keeps half lines in a list beside the clients, and forgets none of them when its client leaves.

use std::cell::RefCell;

use wrong_servers::polled::{Client, in_one_thread, one_thing, serve};

pub fn main() {
    // The half lines of those that have left.
    let left = RefCell::new(Vec::new());
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unread.is_empty() {
            client.unread.append(&mut left.borrow_mut());
        }
        let served = serve(client);
        if let Ok(false) = served {
            left.replace(client.unread.clone());
        }
        served
    });
}
