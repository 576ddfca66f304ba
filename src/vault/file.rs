//! Files that hold secrets: only the service's own user may look.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Gives a file or folder these permissions, where the system has them.
#[cfg(unix)]
pub fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Gives a file or folder these permissions, where the system has them.
#[cfg(not(unix))]
pub fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Puts a file that only the service's own user may read into the place of another, durably: at each moment one of the
/// two is there whole.
pub fn replace_secret_file(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_secret_file(beside, text)?;
    put_in_place(beside, path)
}

/// Renames a file that is on the disk, durably.
pub fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Not every file system lets a folder be synced; the file itself is on the disk already.
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Makes an empty file that only the service's own user may read. One that is there stays as it is.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    private_file(path).map(|_| ())
}

/// Writes a file that only the service's own user may read, durably, and never over another.
pub fn write_secret_file(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
