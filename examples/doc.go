// Package examples holds one small program per story. Each folder has the output
// that its program prints, which the test of this package compares.
//
//   - quickstart: from a CSV file, or the sample data, to segments, verdicts and
//     a report, in 30 lines
//   - ownsource: customers from a storage that the library does not know
//   - explanation: a random forest, saved and loaded, and what its predictions
//     are made of
//   - driftcheck: whether later customers have changed, and whether it matters
//
// The programs use nothing but the library.
package examples
