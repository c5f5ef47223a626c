//! What a journal is written to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// The file under a journal, as far as a journal needs it. Tests put a simulated one in its place.
pub trait Disk: Send {
    /// Reads everything from the beginning.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Appends all bytes. After an error some of them may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was appended or cut last through a loss of power.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to a length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Sets space for `bytes` more bytes aside without changing the length.
    fn reserve(&mut self, bytes: u64) -> io::Result<()>;
}

/// A file, open for reading and appending.
impl Disk for File {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.seek(SeekFrom::Start(0))?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        let length = self.metadata()?.len();
        match rustix::fs::fallocate(&*self, FallocateFlags::KEEP_SIZE, length, bytes.max(1)) {
            // Some file systems cannot. Being out of space then shows at the first write, which stops the run as well.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            other => Ok(other?),
        }
    }
}
