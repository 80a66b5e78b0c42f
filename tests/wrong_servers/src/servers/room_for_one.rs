//! exercise: 10
//! verdict: SERIAL
//! Serves one guest after the other.

use wrong_servers::{guest_lines, in_turn, send};

pub fn main() {
    let mut number = 0;
    in_turn(move |stream, _| {
        number += 1;
        send(stream, &format!("You are Guest-{number}.\n"))?;
        guest_lines(stream, &mut |text| println!("Guest-{number}: {text}"))
    });
}
