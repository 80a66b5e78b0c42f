//! The ports of a page, which stand for others in every run.

use std::collections::HashMap;
use std::net::SocketAddr;

/// The ports of a page and the real ones that they stand for.
#[derive(Default)]
pub struct Ports {
    pub real: HashMap<String, String>,
    /// Keeps ports at which nobody listens.
    reserved: Vec<socket2::Socket>,
}

impl Ports {
    /// The real port that stands for `shown`; if there is none yet, one at which nobody listens.
    pub fn nobody_at(&mut self, shown: &str) -> String {
        if let Some(real) = self.real.get(shown) {
            return real.clone();
        }
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let port = socket.local_addr().unwrap().as_socket().unwrap().port().to_string();
        self.reserved.push(socket);
        self.real.insert(shown.to_owned(), port.clone());
        port
    }

    /// Whether the page's line says what was printed, but for the ports. `…` stands for any text.
    pub fn same(&mut self, shown: &str, printed: &str) -> bool {
        if let Some((before, after)) = shown.split_once('…').filter(|_| !printed.contains('…'))
        {
            let (before, after) = (self.real_ports(before), self.real_ports(after));
            let rest = printed.strip_prefix(&before);
            return rest.is_some_and(|rest| rest.ends_with(&after));
        }
        let (shown, printed) = (pieces(shown), pieces(printed));
        let mut learnt: HashMap<&str, &str> = HashMap::new();
        let same = shown.len() == printed.len()
            && (0..shown.len()).all(|index| {
                let (page, real) = (shown[index], printed[index]);
                if !is_port(&shown, index) || !real.starts_with(|c: char| c.is_ascii_digit()) {
                    return page == real;
                }
                match self.real.get(page).map(String::as_str).or(learnt.get(page).copied()) {
                    Some(known) => known == real,
                    None => {
                        learnt.insert(page, real);
                        !self.real.values().any(|known| known == real)
                    }
                }
            });
        if same {
            let learnt = learnt.into_iter();
            self.real.extend(learnt.map(|(page, real)| (page.to_owned(), real.to_owned())));
        }
        same
    }

    /// The page's text with the real ports in it, as far as they are known.
    fn real_ports(&self, shown: &str) -> String {
        let pieces = pieces(shown);
        let real = |index: usize| self.real.get(pieces[index]).filter(|_| is_port(&pieces, index));
        (0..pieces.len()).map(|index| real(index).map_or(pieces[index], String::as_str)).collect()
    }

    /// A server has begun to listen: where the page shows its address, this is what it stands for from now on.
    pub fn listening(&mut self, shown: &str, printed: &str) {
        let port = |line: &str| {
            let (_, address) = line.split_once("listening on ")?;
            let address = address.split_whitespace().next()?;
            Some(address.rsplit(':').next()?.to_owned())
        };
        if let (Some(page), Some(real)) = (port(shown), port(printed)) {
            self.real.insert(page, real);
        }
    }
}

/// Whether the piece is a port: a long number behind `:` or `port`.
fn is_port(pieces: &[&str], index: usize) -> bool {
    let before = if index == 0 { "" } else { pieces[index - 1] };
    pieces[index].len() >= 4
        && pieces[index].starts_with(|c: char| c.is_ascii_digit())
        && [":", ": ", "port ", "--port "].iter().any(|end| before.ends_with(end))
}

/// Splits a text where digits begin or end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let is_digit = |index: usize| text.as_bytes()[index].is_ascii_digit();
    for (index, _) in text.char_indices().skip(1) {
        if is_digit(index) != is_digit(index - 1) {
            pieces.push(&text[start..index]);
            start = index;
        }
    }
    pieces.push(&text[start..]);
    pieces
}
