//! Waits until a running process has reached a state that the process does not report itself. The state is read from
//! `/proc`.

use super::wait_until;
use std::{fs, path::PathBuf, process::Child, thread, time::Duration};

/// The time to wait on systems without `/proc`, where the state cannot be read.
const PAUSE: Duration = Duration::from_millis(500);

/// Returns the contents of the status files of all threads of a process, or `None` on systems without `/proc`.
fn threads(child: &Child) -> Option<Vec<String>> {
    let directory = PathBuf::from(format!("/proc/{}/task", child.id()));
    let threads = fs::read_dir(directory).ok()?;
    Some(threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok()).collect())
}

fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim()
}

/// Returns the number of times that the threads of a process have gone to sleep.
fn sleeps(threads: &[String]) -> u64 {
    threads.iter().filter_map(|status| field(status, "voluntary_ctxt_switches").parse::<u64>().ok()).sum()
}

/// Waits until a process has gone to sleep many times, as is the case while it waits for a lock.
pub(crate) fn wait_for_polling(child: &Child) {
    let Some(before) = threads(child) else {
        return thread::sleep(PAUSE);
    };
    let enough = sleeps(&before) + 30;
    wait_until("polling", || sleeps(&threads(child).unwrap_or_default()) > enough);
}

/// Waits until a process sleeps and nothing wakes it, as is the case while nothing reads its output.
pub(crate) fn wait_for_idle(child: &Child) {
    if threads(child).is_none() {
        return thread::sleep(PAUSE);
    }
    let (mut before, mut same) = (Vec::new(), 0);
    wait_until("an idle process", || {
        let now = threads(child).unwrap_or_default();
        let asleep = now.iter().all(|status| field(status, "State").starts_with('S'));
        same = if asleep && sleeps(&now) == sleeps(&before) { same + 1 } else { 0 };
        before = now;
        same >= 6
    });
}

/// Waits until no signal to a process is pending.
pub(crate) fn wait_for_signal(child: &Child) {
    if threads(child).is_none() {
        return thread::sleep(PAUSE);
    }
    wait_until("the signal", || {
        let threads = threads(child).unwrap_or_default();
        let pending = |name| threads.iter().any(|status| field(status, name).contains(|digit: char| digit != '0'));
        !pending("ShdPnd") && !pending("SigPnd")
    });
}

/// Waits until a process has ended, or has worked long enough to be past its start.
pub(crate) fn wait_for_work(child: &Child) {
    let stat = PathBuf::from(format!("/proc/{}/stat", child.id()));
    let Ok(_) = fs::read_to_string(&stat) else {
        return thread::sleep(PAUSE);
    };
    wait_until("work", || {
        let text = fs::read_to_string(&stat).unwrap();
        // The name of the program, in parentheses, may contain spaces. The first field after the name is the state, and
        // the twelfth is the time in user mode, in ticks of 10 ms.
        let fields: Vec<&str> = text[text.rfind(')').unwrap() + 1..].split_whitespace().collect();
        fields[0] == "Z" || fields[11].parse::<u64>().unwrap() >= 4
    });
}
