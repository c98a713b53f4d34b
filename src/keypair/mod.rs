//! Making, reading and judging RSA keys; the only home of the `rsa` and `pkcs8` crates.
