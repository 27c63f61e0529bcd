//! A folder of the operating system.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, OFlags};

use super::lock::{FileLock, holder};
use super::{Access, Disk, DiskFile, DiskLock, FileName, Listed, LockError, Mapped};

/// A folder on a real file system. Links are never followed, and only fixed names inside the folder are ever opened.
#[derive(Debug)]
pub struct RealDisk {
    path: PathBuf,
}

impl RealDisk {
    /// The system call behind [`DiskFile::sync_data`] here.
    pub const SYNC_CALL: &'static str = if cfg!(target_os = "macos") { "fcntl(F_FULLFSYNC)" } else { "fdatasync" };

    /// The folder at `path`, made (for its owner alone) if it is missing.
    ///
    /// # Errors
    /// What the system says; `NotADirectory` if something else is there.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        if !path.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(parent)?.sync_all()?;
        }
        Self::existing(path)
    }

    /// The folder at `path`, which must exist. Creates nothing.
    ///
    /// # Errors
    /// `NotFound`; `NotADirectory` if something else is there.
    pub fn existing(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        if fs::metadata(&path)?.is_dir() { Ok(Self { path }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// What an operator should know about the folder: permissions that let others in. Empty if all is well.
    ///
    /// # Errors
    /// What the system says.
    pub fn advice(&self) -> io::Result<Vec<String>> {
        let mode = fs::metadata(&self.path)?.permissions().mode() & 0o777;
        let open = mode & 0o022 != 0;
        Ok(open.then(|| format!("others may write to `{}` (mode {mode:o}); `chmod 700` it", self.path.display())).into_iter().collect())
    }

    /// Who has the folder open for writing, if anybody has. Changes nothing.
    ///
    /// # Errors
    /// What the system says.
    pub fn writer(&self) -> io::Result<Option<String>> {
        let mut file = match self.options(Access::Read).open(self.file(&FileName::Lock)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(fs::TryLockError::WouldBlock) => Ok(Some(holder(&mut file))),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn file(&self, name: &FileName) -> PathBuf {
        self.path.join(name.to_string())
    }

    #[expect(clippy::cast_possible_wrap, reason = "open flags are small bit sets")]
    fn options(&self, access: Access) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(access == Access::Write).mode(0o600).custom_flags((OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK).bits() as i32);
        options
    }
}

impl Disk for RealDisk {
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let file = self.options(access).open(self.file(name))?;
        let facts = file.metadata()?;
        if !facts.is_file() || facts.nlink() != 1 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file with one link"));
        }
        Ok(Box::new(RealFile(file)))
    }

    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(self.options(Access::Write).create_new(true).open(self.file(name))?)))
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.path)? {
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
        File::open(&self.path)?.sync_all()
    }

    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError> {
        let file = self.options(Access::Write).create(true).truncate(false).open(self.file(&FileName::Lock))?;
        Ok(Box::new(FileLock::take(file)?))
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

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn sync_and_drop_cache(&self) -> io::Result<()> {
        self.0.sync_data()?;
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&self.0, 0, None, Advice::DontNeed)?;
        Ok(())
    }

    fn map(&self, bytes: u64) -> io::Result<Mapped> {
        Mapped::map(&self.0, bytes)
    }
}
