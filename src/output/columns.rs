//! The columns of a list of keys, and their widths on a terminal.

use std::io::stdout;

/// The number of spaces between columns.
pub(super) const GAP: u16 = 2;
/// The minimum width of a column of free text, in terminal cells.
const TEXT_MIN: usize = 12;

/// The headers of the columns.
pub(super) const HEADER: [&str; 10] =
    ["NAME", "STATUS", "TYPE", "ENV", "ID", "ENDS", "OWNER", "SCOPES", "LAST USED", "CREATED"];
/// The indexes of the columns with free text, apart from the name, which are narrowed first if the terminal is narrow.
const TEXT: [usize; 2] = [7, 6];
/// The indexes of the columns that are left out, in this order, if narrowing is not enough.
const DISPENSABLE: [usize; 7] = [9, 8, 7, 6, 2, 5, 3];
/// The index of the column with the name, which is narrowed only if no column can be left out.
const NAME: usize = 0;
/// The index of the column with the status.
pub(super) const STATUS: usize = 1;

/// The widths of the columns. The width of a column that is left out is 0.
pub(super) type Widths = [usize; HEADER.len()];

pub(super) fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// Returns the width of the terminal that standard output is connected to, or `None` if it is not a terminal. In
/// `list | grep`, the text must be complete, so the width of standard error does not matter.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    let columns = rustix::termios::tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col));
    columns.filter(|columns| *columns > 0)
}

/// Returns the widths that the rows and the header need.
pub(super) fn natural<'a>(rows: impl Iterator<Item = &'a [String; HEADER.len()]>) -> Widths {
    let header = HEADER.map(width);
    rows.fold(header, |widths, cells| std::array::from_fn(|column| widths[column].max(width(&cells[column]))))
}

/// Returns column widths that fit the terminal. First, empty columns are left out, which gives them a width of 0. If that
/// is not enough, columns with free text are narrowed, and then columns are left out. The name is narrowed last, and ids
/// and statuses never.
pub(super) fn arrange(mut widths: Widths, is_empty: impl Fn(usize) -> bool, terminal: Option<usize>) -> Widths {
    let Some(terminal) = terminal else { return widths };
    let gap = usize::from(GAP);
    let total =
        |widths: &[usize]| widths.iter().filter(|w| **w > 0).map(|w| w + gap).sum::<usize>().saturating_sub(gap);
    let narrow = |widths: &mut Widths| {
        for column in TEXT {
            let excess = total(widths).saturating_sub(terminal);
            let room = widths[column].saturating_sub(TEXT_MIN);
            widths[column] -= excess.min(room);
        }
    };
    if total(&widths) <= terminal {
        return widths;
    }
    for column in DISPENSABLE.into_iter().filter(|column| is_empty(*column)) {
        widths[column] = 0;
    }
    let natural = widths;
    for count in 0..=DISPENSABLE.len() {
        // Start with the natural widths, because the text may fit now that a column is left out.
        widths = natural;
        DISPENSABLE[..count].iter().for_each(|column| widths[*column] = 0);
        narrow(&mut widths);
        if total(&widths) <= terminal {
            return widths;
        }
    }
    // The name does not fit, whatever is left out, so the column that would be left out last can stay.
    let last = DISPENSABLE[DISPENSABLE.len() - 1];
    for width in [natural[last], 0] {
        widths[last] = width;
        widths[NAME] = natural[NAME];
        let excess = total(&widths).saturating_sub(terminal);
        widths[NAME] -= excess.min(natural[NAME].saturating_sub(TEXT_MIN));
        if total(&widths) <= terminal {
            break;
        }
    }
    widths
}

/// Returns the indexes of the columns that are not left out.
pub(super) fn shown(widths: &Widths) -> impl Iterator<Item = usize> {
    let widths = *widths;
    (0..HEADER.len()).filter(move |column| widths[*column] > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_fit_the_terminal() {
        let natural = [40, 8, 5, 4, 8, 12, 30, 60, 12, 12];
        let sum = |widths: [usize; 10]| widths.iter().filter(|w| **w > 0).map(|w| w + 2).sum::<usize>() - 2;
        let none = |_: usize| false;
        assert_eq!(arrange(natural, none, None), natural);
        for terminal in [300, 160, 120, 100, 80, 60, 50] {
            let widths = arrange(natural, none, Some(terminal));
            assert!(sum(widths) <= terminal, "{terminal}: {widths:?}");
            assert!(widths[0] >= TEXT_MIN && widths[STATUS] == 8 && widths[4] == 8, "{terminal}: {widths:?}");
        }
    }

    #[test]
    fn the_name_is_cut_only_if_no_other_column_is_left() {
        let natural = [26, 8, 5, 4, 8, 12, 12, 6, 9, 8];
        for terminal in 20..130 {
            let widths = arrange(natural, |column| column == 7, Some(terminal));
            let others = DISPENSABLE.into_iter().filter(|column| widths[*column] > 0).count();
            assert!(widths[NAME] == 26 || others <= 1, "{terminal}: {widths:?}");
            assert!(widths[7] == 0 || terminal >= 116, "an empty column is the first to go, {terminal}: {widths:?}");
        }
    }
}
