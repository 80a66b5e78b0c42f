//! How the longest wait grows with the number of clients.
//!
//! | job | module |
//! | --- | --- |
//! | which servers there are, and what is predicted of them | [`servers`] |
//! | rounds with a server: the middle one counts | [`round`] |
//! | the sentences, the table and the file of figures | [`words`] |

pub mod round;
pub mod servers;
pub mod words;
