//! How a secret leaves the program: to standard output, to a new file, or into a command.
