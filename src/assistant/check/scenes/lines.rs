//! Exercise 05: one reply for each line, however its bytes arrive.

use std::time::Duration;

use super::{Scene, explained};
use crate::check::finding::Halt;
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::What;

const REPLY: &str = "its \"-\"";
const QUIT: &str = "--quit--\n";

/// How long a reply may take that must not come, once the server has read what was sent.
const EARLY_REPLY: Duration = Duration::from_millis(100);

/// The longest line that is allowed, with its newline.
const MAX_LINE: usize = 5120;

/// Far more than that.
const ENDLESS: usize = 64 * 1024;

const KEEP_THE_REST: &str = "What becomes of the bytes behind the last newline: they begin the next line. \
                             Keep them until its newline has come, put what arrives then behind them, and \
                             reply and compare only when the line is complete.";

const COMPARE_LINES: &str = "The comparison with `--quit--`: compare each line for itself, without its \
                             newline (`trim_end`), with `==`; neither the whole input nor a part of a line. \
                             (`read_line` and `read_until` append to what stands in the line: clear it.)";

pub const ADVICE: &[(Code, &str)] = &[(
    Code::LockHeld,
    "What the threads share: one of them holds it while it waits for its client. Each thread needs its own \
     bytes only, so this exercise needs no lock.",
)];

pub const SCENES: [Scene; 6] = [
    Scene::new("lines that arrive in one piece", whole_lines),
    Scene::new("several lines in one segment", several_at_once),
    Scene::new("a line in several segments", in_pieces),
    Scene::new("one client in mid-line, another one sends", beside_half_a_line),
    Scene::new("clients that leave, in mid-line too", leaving),
    Scene::new("the longest line, and one without an end", long_lines),
];

fn answered(stage: &mut Stage<'_>, who: char, line: impl AsRef<[u8]>) -> Result<(), Halt> {
    stage.send(who, line)?;
    stage.expect(who, "-", REPLY)
}

fn quit(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.send(who, QUIT)?;
    stage.expect_end(who)
}

fn whole_lines(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    answered(stage, 'A', "hello\n")?;
    explained(
        stage.think('A', EARLY_REPLY),
        &[Code::WrongReply],
        "A sent one line and got more than one reply.",
        "What counts as a line: text that is split at its newlines has an empty part behind the last \
         one, which is not a line.",
    )?;
    explained(
        answered(stage, 'A', "\n"),
        &[Code::ClosedEarly, Code::NeverAnswered],
        "A sent an empty line: a newline and nothing else. That is a line, and gets a `-`.",
        "Where an empty line is handled: it is neither skipped nor the end of input. At the end of \
         input there is not even a newline.",
    )?;
    answered(stage, 'A', "hello from Windows\r\n")?;
    explained(
        answered(stage, 'A', b"\xff\xfe\n"),
        &[Code::ClosedEarly, Code::NeverAnswered],
        "A sent a line with bytes that are not UTF-8. That is a line all the same, and gets a `-`.",
        "How the line is read: `lines`, `read_line` and `from_utf8` return an error for bytes that \
         are not UTF-8. Read bytes (`read_until` with `b'\\n'`), and turn them into text with \
         `String::from_utf8_lossy`.",
    )?;
    for line in ["x--quit--\n", "say --quit-- to end\n"] {
        explained(
            answered(stage, 'A', line),
            &[Code::ClosedEarly],
            "The line holds more than the quit word, so it is a line like any other. The server \
             ended the conversation.",
            COMPARE_LINES,
        )?;
    }
    explained(
        quit(stage, 'A'),
        &[Code::WrongReply, Code::NotClosed],
        "A sent the line `--quit--`, and the server did not end the conversation.",
        COMPARE_LINES,
    )?;
    stage.connect('B')?;
    answered(stage, 'B', "hello\r\n")?;
    stage.send('B', "--quit--\r\n")?;
    explained(
        stage.expect_end('B'),
        &[Code::WrongReply, Code::NotClosed],
        "B sent the line `--quit--` and ended it with \\r\\n, as telnet does. The server did not end \
         the conversation.",
        COMPARE_LINES,
    )
}

fn several_at_once(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    replies(stage, 'A', "one\ntwo\n", "--", "its \"--\"")?;
    replies(stage, 'A', "three\nfour\nfive\n", "---", "its \"---\"")?;
    stage.send('A', "six\n--quit--\n")?;
    let note = "A sent a line and the quit word in one segment. The line must get its `-`, and the \
                quit word must end the conversation.";
    let step = stage.expect('A', "-", REPLY);
    let codes = &[Code::WrongReply, Code::ClosedEarly, Code::NeverAnswered];
    explained(step, codes, note, COMPARE_LINES)?;
    let look = "The loop around `read`: before it reads again, all lines that have arrived must be \
                handled, the quit word too. Compare each line for itself.";
    explained(stage.expect_end('A'), &[Code::WrongReply, Code::NotClosed], note, look)
}

/// A client sends several lines in one segment. If too few replies come, why?
fn replies(
    stage: &mut Stage<'_>,
    who: char,
    lines: &str,
    wanted: &str,
    name: &'static str,
) -> Result<(), Halt> {
    stage.send(who, lines)?;
    let step = stage.expect(who, wanted, name);
    let Err(halt) = step else { return Ok(()) };
    let mut finding = stage.diagnose(halt)?;
    if finding.code == Code::WrongReply {
        finding.note = format!("{who} sent {} lines in one segment.", wanted.len());
        return Err(Halt::Found(finding));
    }
    if finding.code != Code::IncompleteReply {
        return Err(Halt::Found(finding));
    }
    let got = stage.client(who)?.take_arrived(usize::MAX);
    let few =
        format!("{who} sent {} lines in one segment, and got {} `-`.", wanted.len(), got.len());
    // Does half a line get a reply? Then replies go with reads, not with lines.
    stage.send(who, "half a line, without a newline")?;
    stage.wait_until_read(who)?;
    stage.note(who, What::Waiting("what comes of half a line"));
    let patience = stage.reply_patience();
    stage.listen(who, patience, |arrived| !arrived.is_empty())?;
    let got = stage.client(who)?.take_arrived(usize::MAX);
    if got.is_empty() {
        finding.note = format!("{few} The lines behind are lost.");
        finding.look = Some(
            "What becomes of the bytes behind the first newline. A `BufReader` reads more than one \
             line and keeps the rest: a reader that is made for each line takes the rest along when it \
             is dropped. Make it once, before the loop. With a buffer of your own: look for the next newline in it before you read again.",
        );
        return Err(Halt::Found(finding));
    }
    stage.note(who, What::Received(got));
    finding.code = Code::WrongReply;
    finding.note = format!(
        "{few} Then it sent half a line, without a newline, and got a `-` for it: the server replies \
         once for each `read`, whatever the `read` has returned."
    );
    finding.look = Some(
        "The `read` in the loop: it returns what has arrived, which may be half a line or several. \
         Collect bytes until there is a newline. Then handle every complete line (a loop, not an \
         `if`), and keep the rest.",
    );
    Err(Halt::Found(finding))
}

/// A client sends the beginning of a line; nothing may come.
fn beginning(stage: &mut Stage<'_>, who: char, part: &str) -> Result<(), Halt> {
    let step = stage.send_part(who, part, EARLY_REPLY);
    let note = format!(
        "{who} sent \"{}\": behind the last newline, or without one, a line is only half there. It \
         got a reply before the rest had come.",
        part.escape_debug()
    );
    explained(step, &[Code::WrongReply], &note, KEEP_THE_REST)
}

fn in_pieces(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    beginning(stage, 'A', "half a ")?;
    answered(stage, 'A', "line\n")?;
    beginning(stage, 'A', "--qu")?;
    stage.send('A', "it--\n")?;
    explained(
        stage.expect_end('A'),
        &[Code::WrongReply, Code::NotClosed],
        "A sent the line `--quit--` in two segments, \"--qu\" and \"it--\\n\". The server did not \
         take them for one line.",
        KEEP_THE_REST,
    )?;
    stage.connect('B')?;
    beginning(stage, 'B', "x")?;
    explained(
        answered(stage, 'B', QUIT),
        &[Code::ClosedEarly],
        "B sent the line `x--quit--` in two segments, \"x\" and \"--quit--\\n\". The server forgot \
         the first and took the second for the quit word.",
        KEEP_THE_REST,
    )?;
    stage.send('B', "one\ntwo\nth")?;
    let note = "B sent two lines and half of a third in one segment, and got a third reply before the \
                rest had come.";
    let step = stage.expect('B', "--", "its \"--\"");
    explained(step, &[Code::WrongReply], note, KEEP_THE_REST)?;
    explained(stage.wait_for_turn('B', EARLY_REPLY), &[Code::WrongReply], note, KEEP_THE_REST)?;
    answered(stage, 'B', "ree\n")?;
    quit(stage, 'B')
}

fn beside_half_a_line(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    beginning(stage, 'A', "half a ")?;
    stage.connect('B')?;
    answered(stage, 'B', "hello from B\n")?;
    quit(stage, 'B')?;
    answered(stage, 'A', "line\n")?;
    quit(stage, 'A')
}

fn leaving(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    answered(stage, 'A', "hello\n")?;
    stage.finish_sending('A')?;
    stage.expect_end_of_input('A')?;
    stage.connect('B')?;
    beginning(stage, 'B', "half a line")?;
    stage.finish_sending('B')?;
    explained(
        stage.expect_end_of_input('B'),
        &[Code::WrongReply],
        "B ended its input in mid-line. The line was never complete, so it gets no reply.",
        "What is done with the last bytes at the end of input: `lines`, `split` and `read_until` \
         return them too, as a line without a newline. Look whether the newline is there.",
    )?;
    stage.connect('C')?;
    beginning(stage, 'C', "half a line")?;
    stage.close('C');
    stage.connect('D')?;
    stage.send('D', "D resets its connection\n")?;
    stage.break_off('D', REPLY)?;
    stage.connect('E')?;
    answered(stage, 'E', "hello from E\n")?;
    stage.must_be_idle()
}

fn long_lines(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    let longest = [vec![b'x'; MAX_LINE - 1], b"\n".to_vec()].concat();
    explained(
        answered(stage, 'A', longest),
        &[Code::ClosedEarly, Code::WrongReply, Code::NeverAnswered],
        "A sent a line of 5120 bytes, its newline included: the longest line that is allowed. It \
         gets one `-`.",
        "Where the length of a line is limited: 5120 bytes with the newline are allowed.",
    )?;
    explained(
        answered(stage, 'A', "and a short one\n"),
        &[Code::ClosedEarly, Code::NeverAnswered],
        "A sent a short line behind the one of 5120 bytes. The limit is for each line, not for the \
         conversation.",
        "Where the length of a line is limited: `take(5120)` in front of the loop counts all lines \
         together. It must be set anew for each line.",
    )?;
    stage.connect('B')?;
    // The server may have closed before all of it is sent.
    let _ = stage.client('B')?.try_send(&vec![b'x'; ENDLESS]);
    explained(
        stage.expect_end('B'),
        &[Code::NotClosed, Code::WrongReply],
        "B sent 65536 bytes without a newline and was not disconnected. A server that goes on \
         collecting gives one client as much of its memory as that client likes.",
        "Where the bytes of a line are collected: end the conversation once there are 5120 without \
         a newline. For a reader, `take(5120)` sets that limit; it must be set anew for each line.",
    )?;
    answered(stage, 'A', "A is still there\n")?;
    stage.must_be_alive()
}
