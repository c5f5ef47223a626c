//! Notices that a program is given.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a program may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Why a program has not taken a notice.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    Start(std::io::Error),
    /// It has failed.
    #[error("it has ended with {0}")]
    Failed(ExitStatus),
    /// It took too long.
    #[error("it was killed after {} seconds", LONGEST.as_secs())]
    Slow,
}

/// Gives a notice to a program on its stdin, and waits until it ends. What it prints is not read. It and what it has started are killed where
/// they take too long.
pub(super) async fn run(program: &str, arguments: &[String], notice: &str) -> Result<(), CommandError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // What quell signs with is not for whoever tells people.
    for secret in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(secret);
    }
    // A group of its own: an interrupt at the terminal is for quell, and one signal reaches all that the program has started.
    command.process_group(0).kill_on_drop(true);
    let mut child = command.spawn().map_err(CommandError::Start)?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Ok(ended) = timeout(LONGEST, give(&mut child, notice)).await {
        let status = ended.map_err(CommandError::Start)?;
        return if status.success() { Ok(()) } else { Err(CommandError::Failed(status)) };
    }
    if let Some(group) = group {
        // It fails where they have just ended.
        let _ = kill_process_group(group, Signal::KILL);
    }
    // What was killed is waited for, so that nothing is left of it.
    let _ = child.wait().await;
    Err(CommandError::Slow)
}

async fn give(child: &mut Child, notice: &str) -> std::io::Result<ExitStatus> {
    let stdin = child.stdin.take();
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program need not read it to do its work.
            let _ = stdin.write_all(format!("{notice}\n").as_bytes()).await;
        }
    };
    let ((), status) = tokio::join!(write, child.wait());
    status
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{BufRead as _, BufReader, Read as _};

    use super::*;

    fn shell(script: &str, more: &[&str]) -> Vec<String> {
        ["-c", script, "sh"].iter().chain(more).map(|&text| text.to_owned()).collect()
    }

    #[tokio::test]
    async fn it_is_given_on_stdin_and_the_arguments_go_through_no_shell() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("$(touch x); told").display().to_string();
        let notice = "x".repeat(300_000);
        run("sh", &shell("cat > \"$1\"", &[&file]), &notice).await.expect("taken");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), format!("{notice}\n"));
        // More than a pipe holds, for one that reads nothing of it.
        run("true", &[], &notice).await.expect("taken");
    }

    #[tokio::test]
    async fn what_fails_is_told() {
        let failed = run("sh", &shell("exit 3", &[]), "{}").await.expect_err("it fails").to_string();
        assert_eq!(failed, "it has ended with exit status: 3");
        let killed = run("sh", &shell("kill -9 $$", &[]), "{}").await.expect_err("it fails").to_string();
        assert!(killed.contains("signal: 9"), "{killed}");
        let missing = run("/nowhere/notify", &[], "{}").await.expect_err("it fails");
        assert!(matches!(missing, CommandError::Start(_)), "{missing}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_killed_with_all_it_has_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo");
        assert!(made.success());
        let script = "exec 3> \"$1\"; (echo begun >&3; sleep 60; echo alive >&3) & wait";
        let arguments = shell(script, &[&file.display().to_string()]);
        // The clock stands still while a thread waits for what the program has started.
        let reading = tokio::task::spawn_blocking(move || {
            let mut pipe = BufReader::new(File::open(file).expect("a pipe"));
            let mut line = String::new();
            pipe.read_line(&mut line).expect("a line");
            (pipe, line)
        });
        let begun = tokio::time::Instant::now();
        let (slow, read) = tokio::join!(run("sh", &arguments, "{}"), reading);
        assert!(matches!(slow, Err(CommandError::Slow)), "{slow:?}");
        assert_eq!(begun.elapsed(), LONGEST);
        let (mut pipe, mut text) = read.expect("a line");
        // The pipe ends when nobody is left who could write.
        pipe.read_to_string(&mut text).expect("an end");
        assert_eq!(text, "begun\n");
    }
}
