//! Space on a disk, set aside before it is needed.

use std::fs::File;
use std::io;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// Sets space for `bytes` more bytes behind the end of a file aside, and leaves its length as it is.
pub fn set_aside_behind(file: &File, bytes: u64) -> io::Result<()> {
    allocate(file, FallocateFlags::KEEP_SIZE, file.metadata()?.len(), bytes)
}

/// Makes a file `bytes` long, all of it on the disk. Cutting it gives space back.
pub fn set_aside_in(file: &File, bytes: u64) -> io::Result<()> {
    allocate(file, FallocateFlags::empty(), 0, bytes)
}

fn allocate(file: &File, flags: FallocateFlags, from: u64, bytes: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, flags, from, bytes.max(1)) {
        // Some file systems cannot. Being out of space then shows at the first write, which stops a run as well.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        other => Ok(other?),
    }
}
