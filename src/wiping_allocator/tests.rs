//! Searches the memory of a process that has delivered a secret for remains of the secret.
//!
//! The process is a second run of this test program. The process runs a command, and then writes its private writable
//! memory, except the stacks in use, to a file. Only the parent process knows the secret, which it reads from the
//! destination of the delivery.

use crate::{key::token, keypair::KeyPair, run};
use std::{
    collections::HashSet,
    env,
    fs::{self, File},
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::Path,
    process::{Command, Stdio},
};

/// The name of the environment variable that contains the arguments of the command, one per line.
const ARGUMENTS: &str = "KEYWRIGHT_TEST_ARGUMENTS";
/// The name of the environment variable that contains the path of the file to which the memory is written.
const DUMP: &str = "KEYWRIGHT_TEST_DUMP";
/// The parts of a string that the child leaves in memory on purpose. The program itself contains only the parts.
const CONTROL: [&str; 3] = ["control-", "text-in-", "memory-of-the-child"];

/// Dumps the private writable memory of the process to a file: the heap, the stacks of ended threads and all other such
/// memory, except the stacks of the main thread and of the current thread.
fn dump(path: &Path) {
    // The process was protected when it ran the command. Without root, that also protects its memory from itself.
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let (memory, mut out) = (File::open("/proc/self/mem").unwrap(), File::create(path).unwrap());
    let mut buffer = [0; 4096];
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [mut at, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        // The stack of a thread that still runs is not free memory: its dead frames are overwritten by later calls.
        if line.ends_with("[stack]") || (at..end).contains(&(buffer.as_ptr() as u64)) {
            continue;
        }
        while at < end && memory.read_exact_at(&mut buffer, at).is_ok() {
            out.write_all(&buffer).unwrap();
            at += buffer.len() as u64;
        }
    }
}

#[test]
fn child_entry() {
    let (Some(arguments), Some(path)) = (env::var_os(ARGUMENTS), env::var_os(DUMP)) else { return };
    let control: String = CONTROL.concat();
    std::hint::black_box(&control);
    let arguments = arguments.into_string().unwrap();
    let status = run(["keywright"].into_iter().chain(arguments.lines()).map(Into::into));
    dump(Path::new(&path));
    assert_eq!(status, std::process::ExitCode::SUCCESS);
}

/// Runs a command in a new process and returns its standard output and the content of its memory.
fn memory_after(home: &Path, arguments: &str) -> (Vec<u8>, Vec<u8>) {
    let path = home.join("dump");
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "wiping_allocator::tests::child_entry", "--nocapture", "--test-threads=1"])
        .env(ARGUMENTS, arguments.replace(' ', "\n"))
        .env(DUMP, &path)
        .env("HOME", home)
        .env_remove("XDG_DATA_HOME")
        .env_remove("KEYWRIGHT_KEYRING")
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    let memory = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    (output.stdout, memory)
}

/// Returns the number of addresses in the memory at which an eight-byte piece of a needle starts.
fn pieces_in(memory: &[u8], needles: &[Vec<u8>]) -> usize {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    let pieces: HashSet<u64> = needles.iter().flat_map(|needle| needle.chunks_exact(8)).map(word).collect();
    // Most positions are ruled out by their first two bytes.
    let mut possible = vec![false; 1 << 16];
    for piece in &pieces {
        possible[(piece & 0xffff) as usize] = true;
    }
    let found = memory.windows(8).filter(|bytes| possible[usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))]);
    found.filter(|bytes| pieces.contains(&word(bytes))).count()
}

/// Returns the parts of a delivered document that must not remain in memory: the secret parts of tokens, whole
/// `api_secret`s, the base64 of private keys, and the numbers of private keys in both byte orders.
fn needles(delivered: &str) -> Vec<Vec<u8>> {
    let mut needles = Vec::new();
    for word in delivered.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if token::is_api_secret(word) {
            needles.push(word.as_bytes().to_vec());
        } else if token::looks_secret(word) {
            needles.push(word.rsplit('_').next().unwrap().as_bytes().to_vec());
        }
    }
    if let Some(start) = delivered.find("-----BEGIN") {
        let pem = &delivered[start..];
        // The first lines are the same for all keys of a size, and the public modulus follows.
        needles.extend(pem.lines().filter(|line| line.len() == 64).skip(8).map(|line| line.as_bytes().to_vec()));
        for number in KeyPair::from_private(pem.as_bytes()).unwrap().private_numbers() {
            needles.push(number.iter().rev().copied().collect());
            needles.push(number);
        }
    }
    assert!(!needles.is_empty(), "{delivered}");
    needles
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_of_a_delivered_secret_remains_in_memory() {
    let home = tempfile::Builder::new().prefix("keywright-test-").tempdir().unwrap();
    let home = home.path();
    let mut left = Vec::new();
    for (generate, name) in [
        ("generate --type token", "token"),
        ("generate --type pair --format json", "pair"),
        ("generate --type rsa --bits 2048", "rsa"),
        ("generate --type rsa --bits 2048 --secret-format json", "json"),
        ("exchange --token-file pair-file --format json", "bearer"),
    ] {
        let destinations: &[&str] = if name == "bearer" { &["stdout", "file"] } else { &["stdout", "file", "command"] };
        for &destination in destinations {
            let file = format!("{name}-{destination}");
            let named = if name == "bearer" { String::new() } else { format!(" --name {file}") };
            let delivery = match destination {
                "file" if name == "pair" => " --secret-format json --out pair-file".to_owned(),
                "file" => format!(" --out {file}"),
                "command" => format!(" -- sh -c cat>{file}"),
                _ => String::new(),
            };
            let arguments = format!("{generate}{named}{delivery}");
            let (stdout, memory) = memory_after(home, &arguments);
            let stdout = String::from_utf8(stdout).unwrap();
            let delivered = match destination {
                "file" if name == "pair" => fs::read_to_string(home.join("pair-file")).unwrap(),
                "stdout" => stdout,
                _ => fs::read_to_string(home.join(&file)).unwrap(),
            };
            assert!(pieces_in(&memory, &[CONTROL.concat().into_bytes()]) > 0, "the control text is not found");
            let mut sought = needles(&delivered.replace("\\n", "\n"));
            if name == "bearer" {
                sought.extend(needles(&fs::read_to_string(home.join("pair-file")).unwrap()));
            }
            let count = pieces_in(&memory, &sought);
            if count > 0 {
                left.push(format!("{arguments}: {count} pieces"));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}
