//! The binary at a terminal of which every byte is kept, and the screen that a terminal emulator makes of them.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rexpect::process::{PtyProcess, WaitStatus};

/// Wide enough for a whole question.
const COLUMNS: u16 = 140;
/// High enough that nothing scrolls away.
const ROWS: u16 = 1_500;
/// How long the binary may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with the binary in it.
pub(crate) struct Terminal {
    process: PtyProcess,
    keys: File,
    heard: Receiver<Vec<u8>>,
    pub(crate) bytes: Vec<u8>,
    emulated: vt100::Parser,
}

impl Terminal {
    /// Starts a command in a terminal of this kind, as `TERM` names it.
    pub(crate) fn with(piped: &Command, kind: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("stty rows 50 cols {COLUMNS} && exec \"$0\" \"$@\"")]).arg(piped.get_program());
        command.args(piped.get_args()).env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
        command.envs(piped.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("TERM", kind).env("PATH", "/usr/bin:/bin");
        let process = PtyProcess::new(command).expect("a terminal");
        let mut screen = process.get_file_handle().expect("its screen");
        let keys = process.get_file_handle().expect("its keys");
        let (tell, heard) = channel();
        // It ends with the terminal, whose last reader it is.
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                if tell.send(piece[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let size = |count| NonZeroU16::new(count).expect("not zero");
        let emulated = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        Self { process, keys, heard, bytes: Vec::new(), emulated }
    }

    /// Waits for a question, which is the last line of the screen: names that look like one stand in other places.
    pub(crate) fn asks(&mut self) {
        let is_asked = |screen: &str| {
            screen.lines().last().is_some_and(|line| line.starts_with("Type  ") && line.trim_end().ends_with("[no]:"))
        };
        while !is_asked(&self.screen()) {
            match self.heard.recv_timeout(PATIENCE) {
                Ok(piece) => self.keep(&piece),
                Err(error) => panic!("nothing is asked ({error}):\n{}", self.screen()),
            }
        }
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits for the end, and gives the exit code.
    pub(crate) fn ends(&mut self) -> i32 {
        loop {
            match self.heard.recv_timeout(PATIENCE) {
                Ok(piece) => self.keep(&piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.screen()),
            }
        }
        match self.process.wait().expect("it ends") {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}:\n{}", self.screen()),
        }
    }

    /// What a person sees.
    pub(crate) fn screen(&self) -> String {
        self.emulated.screen().contents()
    }

    /// The row in which the cursor stands, and what is right of it.
    pub(crate) fn at_cursor(&self) -> (usize, String) {
        let screen = self.emulated.screen();
        let (row, column) = screen.cursor_position();
        (usize::from(row), screen.contents_between(row, column, row, COLUMNS))
    }

    fn keep(&mut self, piece: &[u8]) {
        self.emulated.process(piece);
        self.bytes.extend(piece);
    }
}
