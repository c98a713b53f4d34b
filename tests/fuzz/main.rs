//! Gives mutated input to every parser of input from outside.
//!
//! ```sh
//! KEYWRIGHT_FUZZ_CASES=60000 cargo test --locked --test fuzz -- --nocapture
//! ```
//!
//! gives about 1,850,000 inputs to the parsers, which takes a few minutes, and prints the number of inputs per parser.
//! `KEYWRIGHT_FUZZ_CASES` is the number of inputs of a fast parser, by default a few hundred, and `KEYWRIGHT_FUZZ_SEED`
//! chooses the inputs.
//!
//! These properties must hold for every input:
//!
//! * No parser panics.
//! * No value exceeds its documented length.
//! * What a parser accepts and the program writes again is accepted again, with the same meaning.
//! * No error repeats a secret.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop there")]

mod mutate;
mod parsers;
mod seeds;

use mutate::Mutator;
use parsers::{PARSERS, Parser};
use seeds::Seeds;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// The number of inputs for the fastest parsers, unless `KEYWRIGHT_FUZZ_CASES` sets another one.
const CASES: usize = 300;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// The results for one parser.
#[derive(Default)]
struct Tally {
    cases: usize,
    accepted: usize,
    slowest: Duration,
    failures: Vec<String>,
}

fn run(parser: &Parser, seeds: &Seeds, cases: usize) -> Tally {
    let mut mutator = Mutator::new(setting("KEYWRIGHT_FUZZ_SEED", 1), parser.name);
    let inputs = (parser.seeds)(seeds);
    let mut tally = Tally::default();
    for number in 0..cases {
        // The first inputs are the seeds as they are.
        let input = inputs.get(number).cloned().unwrap_or_else(|| mutator.mutated(&inputs));
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| (parser.run)(&input, seeds)));
        tally.slowest = tally.slowest.max(start.elapsed());
        tally.cases += 1;
        match result {
            Ok(Ok(accepted)) => tally.accepted += usize::from(accepted),
            Ok(Err(broken)) => tally.failures.push(format!("{broken}: b\"{}\"", input.escape_ascii())),
            Err(_) => tally.failures.push(format!("panic: b\"{}\"", input.escape_ascii())),
        }
        if tally.failures.len() >= 3 {
            break;
        }
    }
    tally
}

#[expect(clippy::print_stdout, reason = "a report")]
fn run_all(cases: usize) {
    let seeds = Seeds::new();
    let (mut total, mut failures) = (0, Vec::new());
    println!("{:<22} {:>9} {:>9} {:>12}", "parser", "inputs", "accepted", "slowest");
    for parser in PARSERS {
        let tally = run(parser, &seeds, (cases / parser.cost).max(20));
        println!("{:<22} {:>9} {:>9} {:>9} µs", parser.name, tally.cases, tally.accepted, tally.slowest.as_micros());
        total += tally.cases;
        assert!(tally.accepted > 0, "{} accepts nothing, so the inputs are useless", parser.name);
        failures.extend(tally.failures.into_iter().map(|failure| format!("{}: {failure}", parser.name)));
    }
    println!("{total} inputs");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_parser_withstands_mutated_input() {
    run_all(setting("KEYWRIGHT_FUZZ_CASES", CASES));
}
