//! Changes valid input at random.

/// Text that parsers treat specially.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"=",
    b"==",
    b"_",
    b"-",
    b"/",
    b"*",
    b"?",
    b"#",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"1e400",
    b"9999999999999999999999",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"2147483648",
    b"9999-12-31",
    b"-0001-01-01T00:00:00Z",
    b"P1Y",
    b"::",
    b"/33",
    b"/128",
    b"255.255.255.255",
    b"-----BEGIN PUBLIC KEY-----",
    b"-----END PUBLIC KEY-----",
    b"-----BEGIN RSA PRIVATE KEY-----",
    b"ssh-rsa ",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc3\xa4",
    b"a\xcc\x88",
    b"\xe2\x80\x8b",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80",
    b"\xff",
    b"\xc0\x80",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x30\x80",
    b"\x02\x01\x00",
    b"Bearer ",
    b"KALSHI-ACCESS-KEY: ",
    b"apiVersion: v1",
];

/// A source of random changes that are the same in every run.
pub(super) struct Mutator(u64);

impl Mutator {
    pub(super) fn new(seed: usize, name: &str) -> Self {
        let start = name.bytes().fold(seed as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self(start)
    }

    /// Returns a number from 0 to `bound - 1` (`SplitMix64`).
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn part(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(input.len() + 1);
        let longest = if self.below(3) == 0 { input.len() } else { 16 };
        start..(start + self.below(longest + 1)).min(input.len())
    }

    /// Returns a seed with a few random changes.
    pub(super) fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input, seeds);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        match self.below(10) {
            0 if !input.is_empty() => {
                let at = at.min(input.len() - 1);
                input[at] ^= 1 << self.below(8);
            }
            1 if !input.is_empty() => {
                let at = at.min(input.len() - 1);
                input[at] = u8::try_from(self.below(256)).unwrap();
            }
            2 => input.truncate(at),
            3 => drop(input.drain(self.part(&input.clone()))),
            4 => {
                let copy = input[self.part(&input.clone())].to_vec();
                drop(input.splice(at..at, copy));
            }
            5 => {
                let other = &seeds[self.below(seeds.len())];
                let copy = other[self.part(other)].to_vec();
                drop(input.splice(at..at, copy));
            }
            6 if self.below(40) == 0 => {
                // Something very long.
                let byte = input.get(at).copied().unwrap_or(b'a');
                let count = 1 << self.below(17);
                drop(input.splice(at..at, std::iter::repeat_n(byte, count)));
            }
            7 => {
                let part = self.part(&input.clone());
                input[part].reverse();
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                let over = if self.below(2) == 0 { at..at } else { at..(at + word.len()).min(input.len()) };
                drop(input.splice(over, word.iter().copied()));
            }
        }
    }
}
