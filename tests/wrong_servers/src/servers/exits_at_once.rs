//! exercise: 01
//! verdict: DID_NOT_START
//! Ends with an error before it listens.

pub fn main() {
    wrong_servers::fail(&std::io::Error::other("cannot read server.conf"));
}
