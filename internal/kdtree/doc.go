// Package kdtree finds neighbours among points: a k-d tree after Bentley,
// "Multidimensional binary search trees used for associative searching", Commun.
// ACM 18 (1975), whose nodes hold the least box around their points.
//
// A point is d finite values; points are numbered as they were given. A distance
// is Euclidean and always passed squared; a point is within a distance when
// [kernel.SquaredDistance] is at most the square. All answers are exact by that
// measure, ties included, and do not depend on the number of workers. Memory is
// linear in the points.
package kdtree
