// Package segment groups customers who are alike, says whether the groups are
// there at all, and describes each in words.
//
// [Fit] scales the numeric features of a table to mean 0 and population standard
// deviation 1, partitions its rows, chooses the number of segments by the
// silhouette if it is not given, and returns a [Result]: an immutable [Model]
// that assigns further customers, the label of each row, a description of each
// segment, and a verdict on the structure of the data.
//
// # Invariants
//
// The same table, [Config] and seed give the same bits for any number of workers
// and any GOMAXPROCS. Permuting the rows or the columns of the table permutes the
// labels and changes nothing else: rows are sorted by their values, features by
// their names, before anything is computed or drawn. Segments are numbered by
// size, the largest first. Inputs are never changed.
//
// # Density
//
// [DBSCAN] finds the number of segments itself. A row with at least MinSamples rows,
// itself included, within Epsilon (at most Epsilon away, in scaled units) is a
// core row; core rows within Epsilon of each other are of one segment. A further
// row belongs to the segment of its nearest core row within Epsilon, else it is
// [Noise]. Of core rows equally near, that of the least features counts, compared
// in order of name. So the answer depends on the rows alone; scikit-learn's
// differs only for such border rows, which it gives to the segment that it comes
// upon first.
//
// # Mixtures
//
// [GMM] says of each row how likely it belongs to each segment; its label is the
// likeliest, the first of equals. The steps are those of scikit-learn's
// GaussianMixture from the same start, to rounding; a posterior below e^-40 of the
// row's greatest counts as 0. The search goes further: each start of k-means is
// followed by moves of single components, and the best mixture is refined. A
// component may be no row's likeliest; its segment then has size 0.
// Regularisation keeps a component on equal rows or collinear features from
// collapsing.
//
// # Identity and stability
//
// Numbers go by size, so a refit may number the same customers anew. [Match], or
// [Config.Previous], says which previous segment each new one continues, by the
// pairing in which the most customers stay, and who moved. [Config.Bootstraps]
// says of each segment whether it comes back when the customers are drawn again.
//
// # Why this segment
//
// [Model.Why] says of each row, for k-means and mixtures, what each feature adds to
// how much better its segment suits it than the next one. The parts are exact and
// sum to the whole.
//
// # Model files
//
// [Model.Save] writes a model with the description of its segments as one line of
// JSON, with a version and a checksum, and [Load] reads it back to the last bit.
// Load trusts no byte. Every version that was ever released stays readable.
//
// # Tables larger than memory
//
// [Model.AssignBatches] assigns a source of any size batch by batch. [FitStream]
// fits k-means, and only that, to one: K and the start come from a sample, the
// centres from all rows, at one pass over the source for each iteration.
//
// # Missing values
//
// A feature with a missing value is refused; other columns may have them, and
// summaries leave them out. [Model.Assign] gives -1 to a row that lacks a
// feature, and [FitStream] counts and skips it. No result contains NaN or an infinity.
//
// # Honesty
//
// Any algorithm cuts any data into pieces. [Structure] compares the silhouette
// with that of the same columns shuffled each on its own and, where features are
// correlated, shuffled so that their correlations remain. It says "none" when the
// segments are no better than those of shuffled data: then they are a convenience
// for addressing customers, not a finding about them.
package segment
