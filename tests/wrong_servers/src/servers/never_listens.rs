//! exercise: 02
//! verdict: NOT_LISTENING
//! Is busy with its operator, and has closed its listening socket long ago.

use std::thread;

use wrong_servers::listen;

pub fn main() {
    drop(listen());
    loop {
        thread::park();
    }
}
