//! What exercises 08 and 09 share: clients that get places, are refused while all are taken, leave in every
//! way, and come in when a place is free again.

use std::time::Duration;

use super::explained;
use crate::check::finding::{Finding, Lack, Missed, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::Reply;
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::client::scripted::Heard;
use crate::process::interrupt::POLL_INTERVAL;

pub const FULL: &str = "Server full, try again later.\n";
pub const REFUSAL: &str = "its refusal";

/// How long the pause between two tries is when it is looked whether the server is busy.
const BUSY_PAUSE: Duration = POLL_INTERVAL.saturating_mul(8);

/// What a client does that comes, and what it is told if it gets a place.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Whether it speaks first.
    pub speaks: bool,
    /// What it is told.
    pub reply: &'static str,
    /// What that is called.
    pub name: &'static str,
}

impl Entry {
    /// A client comes and gets a place.
    pub fn enter(self, stage: &mut Stage<'_>, who: char) -> Outcome {
        self.come(stage, who)?;
        stage.expect(who, self.reply, self.name)
    }

    fn come(self, stage: &mut Stage<'_>, who: char) -> Outcome {
        stage.connect(who)?;
        if self.speaks {
            // It may have been refused, and its connection closed.
            let _ = stage.client(who)?.try_send(format!("hello from {who}").as_bytes());
        }
        Ok(())
    }

    /// A client comes, and listens to what it is told.
    pub fn try_to_enter(self, stage: &mut Stage<'_>, who: char) -> Outcome<Heard> {
        self.come(stage, who)?;
        stage.note(who, What::Waiting(self.name));
        stage.listen(who, stage.patience(), |arrived| !arrived.is_empty())
    }

    /// A client comes when another one has left. It tries again and again, because a server cannot know at
    /// once who has left; returns whether it is not refused any more.
    pub fn comes_in(self, stage: &mut Stage<'_>, who: char) -> Outcome<bool> {
        let mut wait = stage.begin_wait(stage.patience());
        let (mut pause, mut is_proved) = (POLL_INTERVAL, false);
        loop {
            let heard = self.try_to_enter(stage, who)?;
            // What the server has not read makes its close a reset, which can destroy the refusal.
            let is_reset = self.speaks && matches!(heard, Heard::End(_));
            if !is_reset && !stage.arrived(who).starts_with(b"Server full") {
                return Ok(true);
            }
            stage.take(who)?;
            if pause == BUSY_PAUSE {
                // A thread that never ends never gives its place back.
                if let Some(busy) = stage.busy() {
                    return Err(Missed::new(who, Lack::Rest(busy)).into());
                }
            }
            if is_proved || stage.has_run_out(&mut wait) {
                stage.died(who)?;
                return Ok(false);
            }
            stage.close(who);
            is_proved = stage.wait_for_nothing(pause);
            pause *= 2;
        }
    }

    /// A client comes while all places are taken. Returns whether it is told so; if not, it has been told
    /// nothing, or what is told to a client that gets a place.
    pub fn is_refused(
        self,
        stage: &mut Stage<'_>,
        who: char,
        patience: Duration,
        look: &'static str,
    ) -> Outcome<bool> {
        stage.connect(who)?;
        stage.note(who, What::Waiting(REFUSAL));
        let reply = stage.hear(who, FULL.as_bytes(), patience)?;
        let arrived = stage.arrived(who);
        if (reply == Reply::Silent && arrived.is_empty()) || arrived == self.reply.as_bytes() {
            return Ok(false);
        }
        let mut step = stage.judge(reply, who, FULL.as_bytes(), REFUSAL);
        if arrived.is_empty() {
            let note =
                "The server was full. It closed the client's connection and told it nothing.";
            step = explained(step, &[Code::ClosedEarly], note, look);
        }
        step.map(|()| true)
    }
}

/// `who` was told nothing while `stays` was connected, which had been refused and has not closed its own end. Was
/// that the cause?
pub fn kept_by_the_refused(
    stage: &mut Stage<'_>,
    who: char,
    stays: char,
) -> Outcome<Option<Finding>> {
    let finding = stage.finding(who, Code::NotRefused, "");
    stage.close(stays);
    if stage.hear(who, FULL.as_bytes(), stage.patience())? != Reply::Right {
        return Ok(None);
    }
    let note = format!(
        "{stays} was refused, said nothing, and did not close its end of the connection. Until it did, the \
         server waited for it: {who} was told nothing."
    );
    Ok(Some(Finding { note, ..finding }.look(LINGERS)))
}

const LINGERS: &str = "What is done with a client that is turned away: nothing that waits for it. `read` until it \
                       closes waits as long as it likes, and no other client is accepted meanwhile. After \
                       `set_nonblocking(true)`, `read` returns at once.";

/// A way to leave: how that is told, what the client does, and where to look if its place is lost.
pub type Way = (&'static str, fn(&mut Stage<'_>, char) -> Outcome, &'static str);

/// A client leaves in this way, and the server has time to notice. Returns how that is told.
pub fn leaves(stage: &mut Stage<'_>, who: char, (how, leave, _): Way) -> Outcome<String> {
    let address = stage.client(who)?.address();
    leave(stage, who)?;
    stage.wait_until_closed(address)?;
    Ok(format!("{who} {how}"))
}

/// A client closes its connection.
pub fn close(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.close(who);
    Ok(())
}

/// A client ends its input, and waits for the end of its connection.
pub fn end_input(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.finish_sending(who)?;
    stage.expect_end_of_input(who)
}
