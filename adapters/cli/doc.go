// Package cli is the command line of CohortLens. It translates flags into a
// configuration and a request to package service, and the answer into tables or
// JSON; it decides nothing else.
//
// # Arguments
//
// Flags may stand before or after the command and its argument. A flag that the
// command does not have, a flag given twice, a second argument: all are errors
// that name the nearest flag, command or file. After "--", nothing is a flag.
//
// # Output
//
// Results go to standard output, all else to standard error. With --json, one
// JSON document and nothing else is printed; its bytes depend on data, flags and
// configuration alone.
//
// --out, --output and --model replace what is there when all is done, and leave
// it as it was when something fails. A link is followed, and keeps leading there;
// into a pipe or a character device the result is written. "-" is refused: with
// --json, the result itself is on standard output. Text from files is shown with
// the codes of characters that cannot be seen, such as marks that turn text
// around.
//
// # Database
//
// Commands on the database, its users and its audit log use the one of --database,
// or else of NEON_DATABASE_URL, or else the SQLite file of the configuration. The
// URL of a database is also a place to read customers from, wherever a file is.
// Passwords are asked for on a terminal, or read from standard input; no flag has
// one. The audit log names the account of the operating system, after "cli:".
//
// # Exit codes
//
// 0 for success, 2 for bad input or usage, 3 for drift where --fail-on-drift asks
// for it, 130 when interrupted, 1 for a fault of the program or the machine, such
// as a database that does not answer. An audit log that is not as it was written
// is bad input. An error is one line, with what to do about it on the next ones.
package cli
