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
// # Exit codes
//
// 0 for success, 2 for bad input or usage, 130 when interrupted, 1 for a fault of
// the program or the machine. An error is one line, with what to do about it on
// the next ones.
package cli
