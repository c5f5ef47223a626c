//! A folder that only its owner sees.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

/// A folder of mode 0700 with files of mode 0600.
///
/// Everything below it is reached by a single name from the open folder, never by a path, and no link is ever followed, so
/// nothing that is planted in it leads outside.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    handle: OwnedFd,
}

/// Why somebody else could put things into a folder, or lead to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exposed {
    /// Its mode lets others write.
    #[error("others may write in it: its mode is {0:o}")]
    Writable(u32),
    /// It belongs to somebody else.
    #[error("it belongs to user {0}")]
    Foreign(u32),
    /// Its path is a link that somebody else has made.
    #[error("it is a link that belongs to user {0}, who decides where it leads")]
    ForeignLink(u32),
}

/// Whether a user is trusted with where things are: oneself, and the system's own.
fn is_trusted(user: u32, me: u32) -> bool {
    user == me || user == 0
}

const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

impl Folder {
    /// Opens the folder at a path, and makes it and those above it where they are missing. The path is the user's own choice
    /// and may lead through links.
    pub fn at(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let handle = rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { path: path.to_owned(), handle })
    }

    /// Where it is, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why somebody else could put things into it, if so. A link that one has made oneself, or the system, is where one wants it
    /// to lead.
    pub fn exposed(&self) -> io::Result<Option<Exposed>> {
        let me = rustix::process::geteuid().as_raw();
        let link = std::fs::symlink_metadata(&self.path).ok().filter(|found| found.is_symlink());
        if let Some(owner) = link.map(|link| link.uid()).filter(|owner| !is_trusted(*owner, me)) {
            return Ok(Some(Exposed::ForeignLink(owner)));
        }
        let found = rustix::fs::fstat(&self.handle)?;
        let mode = found.st_mode & 0o7777;
        Ok(match (is_trusted(found.st_uid, me), mode & 0o022) {
            (false, _) => Some(Exposed::Foreign(found.st_uid)),
            (true, 0) => None,
            (true, _) => Some(Exposed::Writable(mode)),
        })
    }

    /// Takes away what its mode lets others read.
    pub fn tighten(&self) -> io::Result<()> {
        let mode = rustix::fs::fstat(&self.handle)?.st_mode;
        if mode & 0o077 == 0 {
            return Ok(());
        }
        Ok(rustix::fs::fchmod(&self.handle, Mode::RWXU)?)
    }

    /// Opens a folder in it.
    pub fn folder(&self, name: &str) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(&self.handle, single(name)?, flags, Mode::empty())?;
        Ok(Self { path: self.path.join(name), handle })
    }

    /// Makes a folder in it that is not there yet.
    pub fn new_folder(&self, name: &str) -> io::Result<Self> {
        rustix::fs::mkdirat(&self.handle, single(name)?, Mode::RWXU)?;
        self.sync()?;
        self.folder(name)
    }

    /// Opens a folder in it, and makes it where it is missing.
    pub fn folder_or_new(&self, name: &str) -> io::Result<Self> {
        match self.new_folder(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.folder(name),
            made => made,
        }
    }

    /// Opens a file for reading.
    pub fn open(&self, name: &str) -> io::Result<File> {
        self.file(name, OFlags::RDONLY)
    }

    /// Opens a file for reading and appending.
    pub fn open_to_append(&self, name: &str) -> io::Result<File> {
        self.file(name, OFlags::RDWR | OFlags::APPEND)
    }

    /// Makes a file that is not there yet, for reading and appending.
    pub fn new_file(&self, name: &str) -> io::Result<File> {
        self.file(name, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL)
    }

    /// Opens a file for reading and appending, and makes it where it is missing.
    pub fn file_or_new(&self, name: &str) -> io::Result<File> {
        self.file(name, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE)
    }

    /// Reads a file whole.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Puts a file in place, whole or not at all, and makes it last: a new file, synced, is renamed to the name.
    pub fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = format!(".{}.new", single(name)?);
        self.remove(&temporary)?;
        let mut file = self.new_file(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        rustix::fs::renameat(&self.handle, &temporary, &self.handle, name)?;
        self.sync()
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.handle, single(name)?, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Removes a folder in it that is empty.
    pub fn remove_folder(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, single(name)?, AtFlags::REMOVEDIR)?)
    }

    /// The names in it, in order. Names that are not UTF-8 are none of ours and are left out.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.handle)? {
            if let Ok(name) = entry?.file_name().to_str()
                && !name.starts_with('.')
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Makes names that were added or removed last through a loss of power.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.handle)?)
    }

    fn file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        // NONBLOCK: a planted pipe is refused below instead of being waited for.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::openat(&self.handle, single(name)?, flags, PRIVATE_FILE)?);
        let found = file.metadata()?;
        if !found.is_file() || found.nlink() != 1 {
            return Err(io::Error::other(format!("`{name}` is not a plain file with one name")));
        }
        Ok(file)
    }
}

fn single(name: &str) -> io::Result<&str> {
    let is_single = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']);
    if is_single {
        Ok(name)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is not the name of a file")))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_leads_outside() {
        let dir = tempfile::tempdir().expect("a folder");
        let outside = dir.path().join("outside");
        std::fs::create_dir(&outside).expect("a folder");
        std::fs::write(outside.join("file"), "theirs").expect("a file");
        let folder = Folder::at(&dir.path().join("a/b")).expect("a folder");
        let planted = |name: &str| folder.path().join(name);
        symlink(outside.join("file"), planted("link")).expect("a link");
        symlink(&outside, planted("folder")).expect("a link");
        std::fs::hard_link(outside.join("file"), planted("hard")).expect("a link");
        std::fs::hard_link(outside.join("file"), planted(".new.new")).expect("a link");

        for name in ["", ".", "..", "../outside", "/etc/passwd", "a\0b", "outside/file", &"x".repeat(256)] {
            assert!(folder.file_or_new(name).is_err(), "{name}");
            assert!(folder.put(name, b"ours").is_err(), "{name}");
            assert!(folder.new_folder(name).is_err(), "{name}");
        }
        for name in ["link", "hard"] {
            assert!(folder.read(name).is_err(), "{name}");
            assert!(folder.file_or_new(name).is_err(), "{name}");
            assert!(folder.new_file(name).is_err(), "{name}");
        }
        assert!(folder.folder("folder").is_err());
        assert!(folder.folder_or_new("folder").is_err());
        folder.put("new", b"ours").expect("a file");
        folder.put("link", b"ours").expect("the link itself is replaced");
        assert_eq!(std::fs::read(outside.join("file")).expect("a file"), b"theirs");
        assert_eq!(std::fs::read_dir(&outside).expect("a folder").count(), 1);
    }

    #[test]
    fn what_others_may_write_in_or_lead_to_is_exposed() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("state");
        let folder = Folder::at(&path).expect("a folder");
        for (mode, exposed) in [(0o700, false), (0o755, false), (0o770, true), (0o777, true), (0o1777, true)] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
            let found = folder.exposed().expect("its mode");
            assert_eq!(found, exposed.then_some(Exposed::Writable(mode)), "{mode:o}");
        }
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a mode");
        folder.tighten().expect("a mode");
        assert_eq!(path.metadata().expect("it is there").mode() & 0o777, 0o700);
        let link = dir.path().join("link");
        symlink(&path, &link).expect("a link");
        assert_eq!(Folder::at(&link).expect("a folder").exposed().expect("its mode"), None, "a link of one's own");
        assert!(is_trusted(1000, 1000) && is_trusted(0, 1000) && !is_trusted(1001, 1000) && !is_trusted(1000, 0));
    }

    #[test]
    fn only_the_owner_sees_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&dir.path().join("state")).expect("a folder");
        folder.new_folder("inner").expect("a folder");
        folder.put("file", b"x").expect("a file");
        folder.put("file", b"y").expect("the same again");
        drop(folder.new_file("other").expect("a file"));
        let mode = |path: &str| dir.path().join(path).metadata().expect("it is there").mode() & 0o777;
        assert_eq!([mode("state"), mode("state/inner")], [0o700; 2]);
        assert_eq!([mode("state/file"), mode("state/other")], [0o600; 2]);
        assert_eq!(folder.names().expect("names"), ["file", "inner", "other"]);
        assert_eq!(folder.read("file").expect("the file"), b"y");
    }
}
