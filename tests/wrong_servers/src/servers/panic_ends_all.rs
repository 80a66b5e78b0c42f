//! exercise: 07
//! verdict: DIED
//! A panic in one handler ends the whole server.

use std::{panic, process};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

pub fn main() {
    panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        process::exit(101);
    }));
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            print_record(&String::from_utf8_lossy(&message));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
