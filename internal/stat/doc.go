// Package stat has the sums that statistics reduce to, as accumulators with Add,
// Merge and a result, and the quantiles, which do not. An accumulator fed in
// parts and merged holds what one fed at once holds, up to rounding; merged in a
// fixed order, as by [Reduce], it is the same to the last bit for any number of
// workers.
package stat
