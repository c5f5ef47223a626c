//! The binary at a terminal of which every byte is kept, and the screen that a terminal emulator makes of them.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rexpect::process::{PtyProcess, WaitStatus};

/// Wide enough for a whole question.
const COLUMNS: u16 = 140;
/// High enough that nothing scrolls away.
const ROWS: u16 = 4_000;
/// How long the binary may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with the binary in it.
pub(crate) struct Terminal {
    process: PtyProcess,
    keys: File,
    heard: Receiver<Vec<u8>>,
    pub(crate) bytes: Vec<u8>,
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
        Self { process, keys, heard, bytes: Vec::new() }
    }

    /// Waits until the screen says something.
    pub(crate) fn shows(&mut self, text: &str) {
        while !self.screen().contains(text) {
            match self.heard.recv_timeout(PATIENCE) {
                Ok(piece) => self.bytes.extend(piece),
                Err(error) => panic!("`{text}` is not shown ({error}):\n{}", self.screen()),
            }
        }
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits for the end, and gives the exit code.
    pub(crate) fn ends(&mut self) -> i32 {
        while let Ok(piece) = self.heard.recv_timeout(PATIENCE) {
            self.bytes.extend(piece);
        }
        match self.process.wait().expect("it ends") {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}:\n{}", self.screen()),
        }
    }

    /// What a person sees.
    pub(crate) fn screen(&self) -> String {
        self.emulated().screen().contents()
    }

    /// The row in which the cursor stands, and what is right of it.
    pub(crate) fn at_cursor(&self) -> (usize, String) {
        let emulated = self.emulated();
        let (row, column) = emulated.screen().cursor_position();
        (usize::from(row), emulated.screen().contents_between(row, column, row, COLUMNS))
    }

    fn emulated(&self) -> vt100::Parser {
        let size = |count| NonZeroU16::new(count).expect("not zero");
        let mut parser = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        parser.process(&self.bytes);
        parser
    }
}
