//! Records what commands change in a directory. `strace` reports the system calls.

use super::disk::{Disk, Event, Inode, Syncs};
use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
};

/// The system calls that change files. A call that a system does not have is ignored.
const CALLS: &str = "openat,?open,?creat,mkdirat,?mkdir,write,pwrite64,writev,pwritev,?pwritev2,ftruncate,truncate,\
                     fallocate,?rename,?renameat,renameat2,?link,linkat,?unlink,unlinkat,?rmdir,fsync,fdatasync,sync,\
                     syncfs,sync_file_range,?symlink,symlinkat,?copy_file_range,sendfile,splice,lseek,prctl";

/// Returns the `strace` options for recording a command to the file `log`.
///
/// The program makes itself undumpable, which would hide its data from a tracer that is not root, so that call has no
/// effect. The calls that copy a file within the kernel do not show the data, so they fail, and the program copies it
/// itself.
pub(super) fn options(log: &Path) -> Vec<String> {
    let trace = format!("trace={CALLS}");
    let copies = "inject=?copy_file_range,sendfile,splice:error=ENOSYS";
    let plain = ["-f", "-y", "-xx", "-s", "4194304", "-e", &trace, "-e", "inject=prctl:retval=0", "-e", copies, "-o"];
    plain.iter().map(|word| (*word).to_owned()).chain([log.to_str().unwrap().to_owned()]).collect()
}

/// The changes of a directory.
pub(super) struct Recorder {
    home: PathBuf,
    /// The directory as running programs see it.
    pub(super) disk: Disk,
    pub(super) events: Vec<Event>,
    /// The files that have, or had, no name, by the path that `strace` shows for them.
    nameless: HashMap<PathBuf, Inode>,
    /// The file that was last opened as each descriptor.
    opened: HashMap<String, Inode>,
    /// The position of the next write to each file.
    positions: HashMap<Inode, usize>,
}

impl Recorder {
    pub(super) fn new(home: &Path) -> Self {
        Self {
            home: home.canonicalize().unwrap(),
            disk: Disk::read(home),
            events: Vec::new(),
            nameless: HashMap::new(),
            opened: HashMap::new(),
            positions: HashMap::new(),
        }
    }

    pub(super) fn push(&mut self, event: Event) {
        self.disk.apply(&event, Syncs::All);
        self.events.push(event);
    }

    /// Adds the changes in a log of `strace`.
    pub(super) fn read(&mut self, log: &str) {
        let mut unfinished = HashMap::new();
        for line in log.lines() {
            let (process, call) = line.split_once(' ').unwrap();
            let call = call.trim_start();
            if let Some((start, "")) = call.rsplit_once(" <unfinished ...>") {
                unfinished.insert(process, start.to_owned());
            } else if let Some((_, rest)) = call.split_once(" resumed>") {
                let start = unfinished.remove(process).unwrap();
                self.call(&format!("{start}{rest}"));
            } else if call.starts_with(|c: char| c.is_ascii_lowercase()) {
                self.call(call);
            }
        }
    }

    fn call(&mut self, line: &str) {
        let (name, rest) = line.split_once('(').unwrap();
        let (arguments, returned) = rest.rsplit_once(" = ").unwrap();
        let arguments = arguments.trim_end().strip_suffix(')').unwrap();
        let words: Vec<&str> = arguments.split(", ").collect();
        let Ok(result) = returned.split(['<', ' ']).next().unwrap().parse::<usize>() else { return };
        match name {
            "openat" => self.open(&words, returned),
            "mkdir" => self.create(self.path(None, words[0]), true),
            "mkdirat" => self.create(self.path(Some(words[0]), words[1]), true),
            "write" | "writev" => {
                let Some(inode) = self.descriptor(words[0]) else { return };
                let at = self.positions.get(&inode).copied().unwrap_or(0);
                self.write(inode, at, arguments, result);
                self.positions.insert(inode, at + result);
            }
            "pwrite64" | "pwritev" | "pwritev2" => {
                let Some(inode) = self.descriptor(words[0]) else { return };
                let at = words.iter().rev().find_map(|word| word.parse().ok()).unwrap();
                self.write(inode, at, arguments, result);
            }
            "lseek" => {
                if let Some(inode) = self.descriptor(words[0]) {
                    self.positions.insert(inode, result);
                }
            }
            "ftruncate" => {
                if let Some(inode) = self.descriptor(words[0]) {
                    self.push(Event::Resize { inode, length: words[1].parse().unwrap() });
                }
            }
            "rename" => self.rename(self.path(None, words[0]), self.path(None, words[1])),
            "renameat" | "renameat2" => {
                self.rename(self.path(Some(words[0]), words[1]), self.path(Some(words[2]), words[3]));
            }
            "link" => self.link(words[0], self.path(None, words[0]), self.path(None, words[1])),
            "linkat" => {
                self.link(words[1], self.path(Some(words[0]), words[1]), self.path(Some(words[2]), words[3]));
            }
            "unlink" | "rmdir" => self.unlink(self.path(None, words[0])),
            "unlinkat" => self.unlink(self.path(Some(words[0]), words[1])),
            "fsync" | "fdatasync" => {
                if let Some(inode) = self.descriptor(words[0]) {
                    self.push(Event::Sync { inode });
                }
            }
            // These calls do not sync anything that another call does not sync.
            "sync" | "syncfs" | "sync_file_range" | "prctl" => {}
            _ => {
                let here = words.iter().any(|word| annotation(word).is_some_and(|path| path.starts_with(&self.home)));
                assert!(!here, "the model lacks {name}");
            }
        }
    }

    fn open(&mut self, words: &[&str], returned: &str) {
        let flag = |flag| words[2].split('|').any(|one| one == flag);
        if flag("O_TMPFILE") {
            let Some(path) = annotation(returned).filter(|path| path.starts_with(&self.home)) else { return };
            let inode = self.disk.next();
            self.push(Event::New { inode, directory: false });
            self.nameless.insert(path, inode);
        } else {
            let Some(path) = self.path(Some(words[0]), words[1]) else { return };
            match self.disk.find(&path) {
                None => self.create(Some(path), false),
                Some(inode) if flag("O_TRUNC") => self.push(Event::Resize { inode, length: 0 }),
                Some(_) => {}
            }
        }
        if let Some(inode) = self.descriptor(returned) {
            self.opened.insert(returned.split('<').next().unwrap().to_owned(), inode);
            if !flag("O_RDONLY") {
                self.positions.insert(inode, 0);
            }
        }
    }

    fn create(&mut self, path: Option<PathBuf>, directory: bool) {
        let Some(path) = path else { return };
        let inode = self.disk.next();
        self.push(Event::New { inode, directory });
        self.add(inode, &path);
    }

    fn add(&mut self, inode: Inode, path: &Path) {
        let (directory, name) = self.split(path);
        self.push(Event::Link { directory, name, inode });
    }

    fn link(&mut self, from: &str, old: Option<PathBuf>, new: Option<PathBuf>) {
        let Some(new) = new else { return };
        let from = String::from_utf8(string(from).unwrap()).unwrap();
        let inode = match from.strip_prefix("/proc/self/fd/") {
            Some(descriptor) => self.opened[descriptor],
            None => self.disk.find(&old.unwrap()).unwrap(),
        };
        self.add(inode, &new);
    }

    fn rename(&mut self, from: Option<PathBuf>, to: Option<PathBuf>) {
        let (Some(from), Some(to)) = (from, to) else { return };
        let inode = self.disk.find(&from).unwrap();
        let ((directory, from), (other, to)) = (self.split(&from), self.split(&to));
        assert_eq!(directory, other, "the model lacks renames between directories");
        self.push(Event::Rename { directory, from, to, inode });
    }

    fn unlink(&mut self, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        let inode = self.disk.find(&path).unwrap();
        self.nameless.insert(self.home.join(&path), inode);
        let (directory, name) = self.split(&path);
        self.push(Event::Unlink { directory, name });
    }

    fn write(&mut self, inode: Inode, at: usize, arguments: &str, length: usize) {
        assert!(!arguments.contains("\"..."), "strace left something out");
        let mut bytes: Vec<u8> = arguments.split('"').skip(1).step_by(2).flat_map(unescape).collect();
        bytes.truncate(length);
        self.push(Event::Write { inode, at, bytes });
    }

    /// Returns the file of a descriptor, such as `3<\x2f>`, or `None` if the file is not in the directory.
    fn descriptor(&self, word: &str) -> Option<Inode> {
        let path = annotation(word)?;
        if word.ends_with("(deleted)") {
            return self.nameless.get(&path).copied();
        }
        self.disk.find(path.strip_prefix(&self.home).ok()?)
    }

    /// Returns a path relative to the directory, or `None` if the path is elsewhere.
    fn path(&self, directory: Option<&str>, name: &str) -> Option<PathBuf> {
        let name = String::from_utf8(string(name)?).unwrap();
        let base = directory.map_or(Some(self.home.clone()), annotation)?;
        let mut path = PathBuf::new();
        for part in base.join(name).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => drop(path.pop()),
                _ => path.push(part),
            }
        }
        path.strip_prefix(&self.home).ok().map(Path::to_owned)
    }

    fn split(&self, path: &Path) -> (Inode, String) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (self.disk.find(path.parent().unwrap()).unwrap(), name)
    }
}

/// Returns the path that `strace` shows for a descriptor.
fn annotation(word: &str) -> Option<PathBuf> {
    let (_, rest) = word.split_once('<')?;
    let path = unescape(rest.split('>').next().unwrap());
    Some(PathBuf::from(String::from_utf8(path).ok()?))
}

/// Returns the content of a string literal.
fn string(word: &str) -> Option<Vec<u8>> {
    Some(unescape(word.split('"').nth(1)?))
}

/// Decodes text in which each byte is written like `\x2f`.
fn unescape(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}
