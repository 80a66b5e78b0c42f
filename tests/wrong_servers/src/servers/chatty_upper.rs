//! exercise: 01
//! verdict: PASS
//! Right, and prints a great deal.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, peer| {
        while let Some(message) = receive(stream)? {
            for byte in &message {
                println!("{peer}: byte {byte:#04x}, which may mean {:?}", char::from(*byte));
            }
            println!("error: none. panicked: nobody. {}", upper(&message).escape_debug());
            eprintln!("warning: {peer} is still there");
            send(stream, &upper(&message))?;
        }
        Ok(())
    });
}
