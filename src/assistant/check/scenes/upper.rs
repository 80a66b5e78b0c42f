//! Exercise 01: a server that answers every message of a client, then serves the next client.

use super::Scene;
use crate::assistant::check::stage::{Outcome, Stage};

const REPLY: &str = "its reply";

pub const SCENES: [Scene; 2] = [
    Scene {
        title: "one client with several messages, then the next client",
        options: &[],
        needs_console: false,
        play: several_messages,
    },
    Scene {
        title: "clients that leave early, and strange bytes",
        options: &[],
        needs_console: false,
        play: leaving,
    },
];

fn several_messages(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    for message in ["a long message comes first", "then a short one", "ok", "grüße, straße"] {
        stage.send('A', message)?;
        stage.expect('A', message.to_uppercase(), REPLY)?;
    }
    stage.close('A');
    served(stage, 'B')?;
    stage.must_be_idle()
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.close('A');
    served(stage, 'B')?;
    stage.connect('C')?;
    stage.send('C', "nobody reads the reply")?;
    stage.break_off('C', REPLY)?;
    served(stage, 'D')?;
    stage.connect('E')?;
    stage.send('E', b"\xff\xfe caf\xe9")?;
    // A slow server has time for it, before the next client waits.
    let patience = stage.patience();
    stage.listen('E', patience, |arrived| !arrived.is_empty())?;
    stage.close('E');
    served(stage, 'F')?;
    stage.must_be_idle()
}

/// One more client is served, while nobody else is there.
fn served(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    let message = format!("hello from {who}");
    stage.send(who, &message)?;
    stage.expect(who, message.to_uppercase(), REPLY)?;
    stage.close(who);
    Ok(())
}
