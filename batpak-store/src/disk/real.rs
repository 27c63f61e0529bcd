//! A folder of the operating system.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::lock::{FileLock, writer};
use super::{Access, Disk, DiskFile, DiskLock, FileName, Listed, LockError, Mapped};

/// A folder on a real file system. Links are never followed, and only fixed names inside the folder are ever opened.
#[derive(Debug)]
pub struct RealDisk {
    /// As it was given, for messages.
    path: PathBuf,
    /// The same, whatever folder the process works in.
    absolute: PathBuf,
    /// The open folder, for its sync.
    directory: File,
}

impl RealDisk {
    /// The system call behind [`DiskFile::sync_data`] here.
    pub const SYNC_CALL: &'static str = if cfg!(target_os = "macos") { "fcntl(F_FULLFSYNC)" } else { "fdatasync" };

    /// The folder at `path`, made (for its owner alone) if it is missing, with what is missing above it. What is made is durable.
    ///
    /// # Errors
    /// What the system says; `NotADirectory` if something else is there.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let absolute = std::path::absolute(path)?;
        let missing: Vec<&Path> = absolute.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.iter().rev() {
            match DirBuilder::new().mode(0o700).create(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => sync_parent(folder)?,
            }
        }
        let disk = Self::existing(path)?;
        if missing.is_empty() && !disk.list()?.iter().any(|entry| matches!(entry, Listed::Known(FileName::Segment(_))))
        {
            // An earlier process may have made the folder and died before it was durable. One who made it by hand may look above it.
            match sync_parent(&absolute) {
                Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
                _ => {}
            }
        }
        Ok(disk)
    }

    /// The folder at `path`, which must exist. Creates nothing.
    ///
    /// # Errors
    /// `NotFound`; `NotADirectory` if something else is there.
    pub fn existing(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let absolute = std::path::absolute(&path)?;
        let directory =
            OpenOptions::new().read(true).custom_flags(flags(OFlags::DIRECTORY | OFlags::CLOEXEC)).open(&absolute)?;
        Ok(Self { path, absolute, directory })
    }

    /// What an operator should know about the folder: permissions that let others in. Empty if all is well.
    ///
    /// # Errors
    /// What the system says.
    pub fn advice(&self) -> io::Result<Vec<String>> {
        let mode = self.directory.metadata()?.permissions().mode() & 0o777;
        let open = mode & 0o022 != 0;
        Ok(open
            .then(|| format!("others may write to `{}` (mode {mode:o}); `chmod 700` it", self.path.display()))
            .into_iter()
            .collect())
    }

    /// Who has the folder open for writing, if anybody has. Changes nothing, and stands in no writer's way.
    ///
    /// # Errors
    /// What the system says.
    pub fn writer(&self) -> io::Result<Option<String>> {
        match self.regular(&FileName::Lock, &options(Access::Read)) {
            Ok(file) => writer(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn file(&self, name: &FileName) -> PathBuf {
        self.absolute.join(name.to_string())
    }

    /// Opens a file and refuses links, further names of files that lie elsewhere, pipes and devices, before a byte of them changes.
    fn regular(&self, name: &FileName, options: &OpenOptions) -> io::Result<File> {
        let odd = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file with one link");
        let file = options.open(self.file(name)).map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::LOOP | Errno::NXIO) => odd(),
            _ => error,
        })?;
        let facts = file.metadata()?;
        if facts.is_file() && facts.nlink() == 1 { Ok(file) } else { Err(odd()) }
    }
}

#[expect(clippy::cast_possible_wrap, reason = "open flags are small bit sets")]
fn flags(flags: OFlags) -> i32 {
    flags.bits() as i32
}

fn options(access: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(access == Access::Write).mode(0o600);
    // A pipe that nobody writes to must not keep the open waiting.
    options.custom_flags(flags(OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK));
    options
}

/// Makes the name of `folder` durable.
fn sync_parent(folder: &Path) -> io::Result<()> {
    folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

impl Disk for RealDisk {
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(self.regular(name, &options(access))?)))
    }

    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(self.regular(name, options(Access::Write).create_new(true))?)))
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.absolute)? {
            let entry = entry?;
            let text = entry.file_name().to_string_lossy().into_owned();
            let name = FileName::parse(&text).filter(|_| entry.file_type().is_ok_and(|kind| kind.is_file()));
            listed.push(name.map_or(Listed::Unknown(text), Listed::Known));
        }
        Ok(listed)
    }

    fn rename(&self, from: &FileName, to: &FileName) -> io::Result<()> {
        fs::rename(self.file(from), self.file(to))
    }

    fn remove(&self, name: &FileName) -> io::Result<()> {
        fs::remove_file(self.file(name))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.directory.sync_all()
    }

    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError> {
        let file = self.regular(&FileName::Lock, options(Access::Write).create(true).truncate(false))?;
        Ok(Box::new(FileLock::take(file)?))
    }

    fn is_locked(&self) -> io::Result<bool> {
        Ok(self.writer()?.is_some())
    }

    fn location(&self) -> &Path {
        &self.path
    }
}

/// An open file.
#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(into, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    /// Linux starts writing a range back, without waiting, when it is told that the range is not needed any more.
    fn start_writeback(&self, offset: u64, bytes: u64) {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(&self.0, offset, std::num::NonZeroU64::new(bytes), rustix::fs::Advice::DontNeed);
        #[cfg(not(target_os = "linux"))]
        let _ = (offset, bytes);
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn sync_and_drop_cache(&self) -> io::Result<()> {
        self.0.sync_data()?;
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&self.0, 0, None, rustix::fs::Advice::DontNeed)?;
        Ok(())
    }

    fn map(&self, bytes: u64) -> io::Result<Mapped> {
        Mapped::map(&self.0, bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::disk::{read_full_at, write_all_at};

    const NAME: FileName = FileName::Segment(1);

    fn disk() -> (tempfile::TempDir, RealDisk) {
        let folder = tempfile::tempdir().unwrap();
        let disk = RealDisk::create(folder.path().join("a/b")).unwrap();
        (folder, disk)
    }

    #[test]
    fn a_file_is_made_written_read_mapped_renamed_and_removed() {
        let (_folder, disk) = disk();
        let file = disk.create(&NAME).unwrap();
        assert_eq!(disk.create(&NAME).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        write_all_at(&*file, 3, b"bytes").unwrap();
        file.sync_data().unwrap();
        file.sync_all().unwrap();
        disk.sync_directory().unwrap();
        file.sync_and_drop_cache().unwrap();
        let mut read = [9; 9];
        assert_eq!((read_full_at(&*file, 0, &mut read).unwrap(), &read), (8, b"\0\0\0bytes\x09"));
        let mapped = file.map(5).unwrap();
        assert_eq!((&*mapped, &*file.map(0).unwrap()), (&b"\0\0\0by"[..], &b""[..]));
        assert_eq!(file.map(9).err().unwrap().kind(), io::ErrorKind::UnexpectedEof);
        file.set_len(6).unwrap();
        assert_eq!(file.len().unwrap(), 6);
        disk.rename(&NAME, &FileName::Index(1)).unwrap();
        assert_eq!(disk.list().unwrap(), [Listed::Known(FileName::Index(1))]);
        let reading = disk.open(&FileName::Index(1), Access::Read).unwrap();
        reading.write_at(0, b"x").unwrap_err();
        disk.remove(&FileName::Index(1)).unwrap();
        assert_eq!(disk.open(&FileName::Index(1), Access::Read).err().unwrap().kind(), io::ErrorKind::NotFound);
        assert_eq!(reading.len().unwrap(), 6);
    }

    #[test]
    fn folder_and_files_are_for_the_owner_alone_and_others_are_reported() {
        let (folder, disk) = disk();
        disk.create(&NAME).unwrap();
        let _lock = disk.lock().unwrap();
        let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode("a"), mode("a/b"), mode("a/b/lock"), mode("a/b/0000000000000001.log")),
            (0o700, 0o700, 0o600, 0o600)
        );
        assert!(disk.advice().unwrap().is_empty());
        fs::set_permissions(disk.location(), fs::Permissions::from_mode(0o770)).unwrap();
        assert!(disk.advice().unwrap()[0].contains("mode 770"));
    }

    #[test]
    fn opening_for_reading_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        assert_eq!(RealDisk::existing(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, "").unwrap();
        assert_eq!(RealDisk::existing(&path).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        assert_eq!(RealDisk::create(&path).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let disk = RealDisk::existing(&path).unwrap();
        assert_eq!((disk.writer().unwrap(), disk.list().unwrap(), disk.advice().is_ok()), (None, Vec::new(), true));
        disk.open(&NAME, Access::Write).map(drop).unwrap_err();
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
    }

    #[test]
    fn links_and_odd_files_are_never_followed_or_written() {
        let (folder, disk) = disk();
        let victim = folder.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        type Plant = fn(&Path, &Path);
        let odd: [(&str, Plant); 4] = [
            ("symlink", |from, to| symlink(from, to).unwrap()),
            ("dangling", |from, to| symlink(from.with_extension("none"), to).unwrap()),
            ("hard link", |from, to| fs::hard_link(from, to).unwrap()),
            ("folder", |_, to| fs::create_dir(to).unwrap()),
        ];
        for (what, plant) in odd {
            for name in [NAME, FileName::Lock] {
                let path = disk.file(&name);
                plant(&victim, &path);
                for access in [Access::Read, Access::Write] {
                    disk.open(&name, access).map(drop).expect_err(what);
                }
                disk.create(&name).map(drop).expect_err(what);
                if name == FileName::Lock {
                    assert!(disk.lock().is_err() && disk.writer().is_err(), "{what}");
                }
                if what != "hard link" {
                    assert_eq!(disk.list().unwrap(), [Listed::Unknown(name.to_string())]);
                }
                if what == "folder" { fs::remove_dir(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_pipe_neither_passes_for_a_file_nor_blocks() {
        let (_folder, disk) = disk();
        rustix::fs::mknodat(rustix::fs::CWD, disk.file(&NAME), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for access in [Access::Read, Access::Write] {
            assert_eq!(disk.open(&NAME, access).err().unwrap().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_second_writer_is_refused_and_readers_do_not_care() {
        let (_folder, disk) = disk();
        let held = disk.lock().unwrap();
        let other = RealDisk::existing(disk.location()).unwrap();
        assert!(matches!(other.lock(), Err(LockError::Held { .. })));
        assert!(other.writer().unwrap().is_some());
        assert_eq!(other.list().unwrap(), [Listed::Known(FileName::Lock)]);
        drop(held);
        assert_eq!(disk.writer().unwrap(), None);
        drop(other.lock().unwrap());
        assert!(disk.file(&FileName::Lock).exists(), "the lock file stays");
    }

    #[test]
    fn strangers_are_listed_by_their_name() {
        let (_folder, disk) = disk();
        for name in ["0000000000000001.log", "notes.txt", "1.log"] {
            fs::write(disk.location().join(name), "").unwrap();
        }
        let mut listed = disk.list().unwrap();
        listed.sort();
        assert_eq!(
            listed,
            [Listed::Known(NAME), Listed::Unknown("1.log".to_owned()), Listed::Unknown("notes.txt".to_owned())]
        );
    }
}
