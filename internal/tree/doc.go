// Package tree holds regression trees as arrays of nodes. It grows random forests
// of them ([Grow]), predicts with them ([Ensemble.Evaluate]), and checks
// ([Ensemble.Validate]) and encodes ([Ensemble.AppendBinary], [Decode]) them. What
// predict and insights grow, explain takes apart.
//
// A row is a value for each encoded column, and rows stand one after the other. NaN
// is a missing value and has its side at each split. A prediction is
// Base + Scale * (sum of the leaves, in the order of the trees).
//
// What Grow and Decode return is valid. Of other ensembles Validate tells; to
// evaluate one that is not valid can panic or never end. Ensembles and forests are
// immutable, and all their methods can be called from several goroutines at once.
//
// The same data, parameters and seed give the same bits, whatever the number of
// workers.
package tree
