//! How the longest wait grows with the number of clients.
//!
//! | job | module |
//! | --- | --- |
//! | which servers there are, what is predicted of them, what their clients do | [`servers`] |
//! | starting a server, and one round with it | [`round`] |
//! | several rounds: the middle one | [`measure`] |
//! | the sentences, the table and the file of figures | [`words`] |

pub mod measure;
pub mod round;
pub mod servers;
pub mod words;
