//! What a journal is written to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The file under a journal, as far as a journal needs it. Tests put a simulated one in its place.
pub trait Disk: Send {
    /// Reads everything from the beginning.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// How many bytes there are.
    fn length(&mut self) -> io::Result<u64>;
    /// Appends all bytes. After an error some of them may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was appended or cut last through a loss of power.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to a length.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// A file, open for reading and appending.
impl Disk for File {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.seek(SeekFrom::Start(0))?;
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Folder, set_aside_behind};
    use crate::journal::testing::{clock, opened};
    use crate::journal::{Record, Writer, read};

    #[tokio::test]
    async fn a_file_holds_a_journal_and_its_torn_tail_is_cut() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(dir.path()).expect("a folder");
        let mut writer = Writer::create(folder.new_file("j").expect("a file"), clock(), opened()).expect("begun");
        set_aside_behind(&folder.open_to_append("j").expect("the file"), 1 << 20).expect("room");
        let length = folder.read("j").expect("bytes").len();
        writer.append(vec![Record::note("one")]).expect("written");
        drop(writer);
        let whole = folder.read("j").expect("bytes");
        assert!(whole.len() > length, "a reservation does not change the length");
        folder.open_to_append("j").expect("the file").append(br#"{"check":"00"#).expect("torn");

        let (mut writer, torn) = Writer::reopen(folder.open_to_append("j").expect("the file"), clock()).expect("sound");
        assert_eq!(torn.map(|torn| (torn.at, torn.length)), Some((whole.len() as u64, 12)));
        writer.append(vec![Record::note("two")]).expect("written");
        assert_eq!(read(&folder.read("j").expect("bytes")).expect("sound").entries.len(), 3);
    }
}
