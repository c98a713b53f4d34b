//! A model of a file system that distinguishes what is durable from what is only in the cache.
//!
//! The model promises no more than POSIX: a sync of a file makes its content and size durable, but not its name, and a
//! sync of a directory makes the names in it durable, but nothing below them. It assumes two things that every disk and
//! journaling file system grants: a sector of 512 bytes is written completely or not at all, and renaming a file never
//! loses it under both names.

use crate::random::Random;
use std::{
    collections::{BTreeMap, HashMap, hash_map::DefaultHasher},
    fs,
    hash::{Hash, Hasher as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// The number of a file or a directory.
pub(super) type Inode = usize;

/// The directory that contains everything else.
pub(super) const ROOT: Inode = 0;

/// The number of bytes that a disk writes completely or not at all.
const SECTOR: usize = 512;

/// A change of the file system, or the end of a command.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A file or directory without a name appears.
    New {
        inode: Inode,
        directory: bool,
    },
    /// A name is added to a directory.
    Link {
        directory: Inode,
        name: String,
        inode: Inode,
    },
    Unlink {
        directory: Inode,
        name: String,
    },
    Rename {
        directory: Inode,
        from: String,
        to: String,
        inode: Inode,
    },
    Write {
        inode: Inode,
        at: usize,
        bytes: Vec<u8>,
    },
    Resize {
        inode: Inode,
        length: usize,
    },
    Sync {
        inode: Inode,
    },
    /// A command has reported success.
    Acknowledged,
}

/// The system calls for syncing that the model takes seriously.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syncs {
    All,
    None,
    /// Syncs of directories, but not of files.
    Directories,
    /// Syncs of files, but not of directories.
    Files,
}

#[derive(Clone)]
enum Node {
    File { durable: Vec<u8>, current: Vec<u8>, pending: Vec<FileChange> },
    Directory { durable: Names, current: Names, pending: Vec<NameChange> },
}

type Names = BTreeMap<String, Inode>;

#[derive(Clone)]
enum FileChange {
    Write(usize, Vec<u8>),
    Resize(usize),
}

#[derive(Clone)]
enum NameChange {
    Link(String, Inode),
    Unlink(String),
    Rename(String, String, Inode),
}

/// The file system of the model.
#[derive(Clone)]
pub(super) struct Disk(HashMap<Inode, Node>);

impl Disk {
    /// Reads the content of a directory. Everything in it is durable.
    pub(super) fn read(path: &Path) -> Self {
        let mut disk = Self(HashMap::new());
        disk.read_directory(ROOT, path);
        disk
    }

    fn read_directory(&mut self, inode: Inode, path: &Path) {
        self.0.insert(inode, Node::Directory { durable: Names::new(), current: Names::new(), pending: Vec::new() });
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let child = self.0.len();
            if entry.file_type().unwrap().is_dir() {
                self.read_directory(child, &entry.path());
            } else {
                let content = fs::read(entry.path()).unwrap();
                let node = Node::File { durable: content.clone(), current: content, pending: Vec::new() };
                self.0.insert(child, node);
            }
            let name = entry.file_name().into_string().unwrap();
            self.apply(&Event::Link { directory: inode, name, inode: child }, Syncs::All);
        }
        self.apply(&Event::Sync { inode }, Syncs::All);
    }

    /// Returns a number that is not in use.
    pub(super) fn next(&self) -> Inode {
        self.0.len()
    }

    /// Returns the file or directory at a path, as running programs see it.
    pub(super) fn find(&self, path: &Path) -> Option<Inode> {
        path.iter().try_fold(ROOT, |inode, name| match &self.0[&inode] {
            Node::Directory { current, .. } => current.get(name.to_str().unwrap()).copied(),
            Node::File { .. } => None,
        })
    }

    /// Applies an event to the cache, and to the disk if the event is a sync.
    pub(super) fn apply(&mut self, event: &Event, syncs: Syncs) {
        match event {
            Event::New { inode, directory: true } => {
                let node = Node::Directory { durable: Names::new(), current: Names::new(), pending: Vec::new() };
                self.0.insert(*inode, node);
            }
            Event::New { inode, directory: false } => {
                self.0.insert(*inode, Node::File { durable: Vec::new(), current: Vec::new(), pending: Vec::new() });
            }
            Event::Link { directory, name, inode } => self.rename(*directory, NameChange::Link(name.clone(), *inode)),
            Event::Unlink { directory, name } => self.rename(*directory, NameChange::Unlink(name.clone())),
            Event::Rename { directory, from, to, inode } => {
                self.rename(*directory, NameChange::Rename(from.clone(), to.clone(), *inode));
            }
            Event::Write { inode, at, bytes } => self.change(*inode, FileChange::Write(*at, bytes.clone())),
            Event::Resize { inode, length } => self.change(*inode, FileChange::Resize(*length)),
            Event::Sync { inode } => match self.0.get_mut(inode).unwrap() {
                Node::File { durable, current, pending } if matches!(syncs, Syncs::All | Syncs::Files) => {
                    durable.clone_from(current);
                    pending.clear();
                }
                Node::Directory { durable, current, pending } if matches!(syncs, Syncs::All | Syncs::Directories) => {
                    durable.clone_from(current);
                    pending.clear();
                }
                _ => {}
            },
            Event::Acknowledged => {}
        }
    }

    fn rename(&mut self, directory: Inode, change: NameChange) {
        let Some(Node::Directory { current, pending, .. }) = self.0.get_mut(&directory) else { unreachable!() };
        name(current, &change, Fate::Kept);
        pending.push(change);
    }

    fn change(&mut self, inode: Inode, change: FileChange) {
        let Some(Node::File { current, pending, .. }) = self.0.get_mut(&inode) else { unreachable!() };
        match &change {
            FileChange::Write(at, bytes) => {
                let end = at + bytes.len();
                current.resize(current.len().max(end), 0);
                current[*at..end].copy_from_slice(bytes);
            }
            FileChange::Resize(length) => current.resize(*length, 0),
        }
        pending.push(change);
    }

    /// Returns the files and directories as running programs see them.
    pub(super) fn running(&self) -> Tree {
        let mut tree = Tree::new();
        self.collect(ROOT, Path::new(""), &mut tree, &mut |node| node.running());
        tree
    }

    /// Returns the files and directories that a power failure leaves.
    pub(super) fn after_power_failure(&self, random: &mut Random) -> Tree {
        let (mut tree, mut files) = (Tree::new(), HashMap::new());
        let whole = random.below(3) == 0;
        let extent = Extent::random(random);
        self.collect(ROOT, Path::new(""), &mut tree, &mut |node| {
            let extent = if whole { extent } else { Extent::random(random) };
            let key = std::ptr::from_ref(node);
            files.entry(key).or_insert_with(|| node.after_power_failure(extent, random)).clone()
        });
        tree
    }

    fn collect(&self, inode: Inode, path: &Path, tree: &mut Tree, content: &mut dyn FnMut(&Node) -> Content) {
        match content(&self.0[&inode]) {
            Content::File(bytes) => drop(tree.insert(path.to_owned(), Some((inode, bytes)))),
            Content::Directory(names) => {
                tree.insert(path.to_owned(), None);
                for (name, child) in names {
                    self.collect(child, &path.join(name), tree, content);
                }
            }
        }
    }
}

/// The relative path of each file, with its inode and content, and of each directory.
pub(super) type Tree = BTreeMap<PathBuf, Option<(Inode, Vec<u8>)>>;

/// Returns a number that is the same for equal trees.
pub(super) fn digest(tree: &Tree) -> u64 {
    let mut hasher = DefaultHasher::new();
    tree.hash(&mut hasher);
    hasher.finish()
}

/// Writes files and directories below `home`. A file with several names becomes a file with hard links.
pub(super) fn write(tree: &Tree, home: &Path) {
    let mut written = HashMap::new();
    for (path, file) in tree {
        let path = home.join(path);
        match file {
            None if path.is_dir() => {}
            None => {
                fs::create_dir(&path).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            }
            Some((inode, bytes)) => {
                if let Some(first) = written.get(inode) {
                    fs::hard_link(first, &path).unwrap();
                } else {
                    fs::write(&path, bytes).unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
                    written.insert(*inode, path);
                }
            }
        }
    }
}

#[derive(Clone)]
enum Content {
    File(Vec<u8>),
    Directory(Names),
}

/// How much of the cache a power failure leaves.
#[derive(Clone, Copy)]
enum Extent {
    Nothing,
    Everything,
    /// Everything up to a random change.
    Start,
    /// Each sector as it was after a random change, and each name by itself.
    Parts,
}

impl Extent {
    fn random(random: &mut Random) -> Self {
        match random.below(5) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::Start,
            _ => Self::Parts,
        }
    }
}

/// The part of a change of a name that is left after a power failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lost,
    Kept,
    /// A renamed file has both names.
    Half,
}

fn name(names: &mut Names, change: &NameChange, fate: Fate) {
    match change {
        _ if fate == Fate::Lost => {}
        NameChange::Link(name, inode) => drop(names.insert(name.clone(), *inode)),
        NameChange::Unlink(name) => drop(names.remove(name)),
        NameChange::Rename(from, to, inode) => {
            names.insert(to.clone(), *inode);
            if fate == Fate::Kept {
                names.remove(from);
            }
        }
    }
}

impl Node {
    fn running(&self) -> Content {
        match self {
            Self::File { current, .. } => Content::File(current.clone()),
            Self::Directory { current, .. } => Content::Directory(current.clone()),
        }
    }

    fn after_power_failure(&self, extent: Extent, random: &mut Random) -> Content {
        match self {
            Self::File { durable, pending, .. } => Content::File(torn(durable, pending, extent, random)),
            Self::Directory { durable, pending, .. } => {
                let mut names = durable.clone();
                let start = random.index(pending.len() + 1);
                for (index, change) in pending.iter().enumerate() {
                    let fate = match extent {
                        Extent::Everything => Fate::Kept,
                        Extent::Start if index < start => Fate::Kept,
                        Extent::Nothing | Extent::Start => Fate::Lost,
                        Extent::Parts => random.pick(&[Fate::Lost, Fate::Kept, Fate::Lost, Fate::Half]).unwrap(),
                    };
                    let fate = match change {
                        NameChange::Rename(..) => fate,
                        _ if fate == Fate::Half => Fate::Kept,
                        _ => fate,
                    };
                    name(&mut names, change, fate);
                }
                Content::Directory(names)
            }
        }
    }
}

/// Returns the content that a power failure leaves of a file. A sector has its content after one of the changes. The
/// length of the file is written by itself, so a file may be longer than what was written of it; the rest is empty, or
/// what another file had there before.
fn torn(durable: &[u8], pending: &[FileChange], extent: Extent, random: &mut Random) -> Vec<u8> {
    let mut lengths = vec![durable.len()];
    for change in pending {
        let last = *lengths.last().unwrap();
        lengths.push(match change {
            FileChange::Write(at, bytes) => last.max(at + bytes.len()),
            FileChange::Resize(length) => *length,
        });
    }
    let most = *lengths.iter().max().unwrap();
    let stale = if random.below(4) == 0 { 0xa5 } else { 0 };
    let mut content = durable.to_vec();
    content.resize(most, stale);
    let start = random.index(pending.len() + 1);
    let mut until = |extent| match extent {
        Extent::Nothing => 0,
        Extent::Everything => pending.len(),
        Extent::Start => start,
        Extent::Parts => match random.below(3) {
            0 => 0,
            1 => pending.len(),
            _ => random.index(pending.len() + 1),
        },
    };
    let length = lengths[until(extent)];
    let sectors: Vec<usize> = (0..most.div_ceil(SECTOR)).map(|_| until(extent)).collect();
    for (index, change) in pending.iter().enumerate() {
        let kept = |sector: usize| index < sectors[sector];
        match change {
            FileChange::Write(at, bytes) => {
                let mut done = 0;
                while done < bytes.len() {
                    let from = at + done;
                    let piece = (SECTOR - from % SECTOR).min(bytes.len() - done);
                    if kept(from / SECTOR) {
                        content[from..from + piece].copy_from_slice(&bytes[done..done + piece]);
                    }
                    done += piece;
                }
            }
            FileChange::Resize(length) => {
                for at in (*length..most).filter(|at| kept(at / SECTOR)) {
                    content[at] = 0;
                }
            }
        }
    }
    content.truncate(length);
    content
}
