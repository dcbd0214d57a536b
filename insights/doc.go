// Package insights computes what a table of customers says without a model:
// descriptive statistics ([Describe]), correlations ([Correlate]), how much of
// their income customers have left ([ComputeSavings]) and what to offer to whom
// ([Recommender]).
//
// Savings and recommendations speak of spending, income, experience and family
// size; [Roles] says which columns play these parts, and [InferRoles] finds them
// by name. Where a part is not filled, the functions say so instead of guessing.
//
// # Profiles and drift
//
// A [Profile] is what is kept of a table to compare later ones with: counts, exact
// sums, the distribution of each column, the same for segments, and a sample of
// rows. [BuildProfile] makes it in one pass over a source, and a [Profiler] from
// parts, which may be merged in any order with the same result to the last bit.
// Its file ([Profile.Save], [LoadProfile]) is readable JSON of at most 64 KiB for
// each column, however many rows there were. It holds numbers and levels of up to
// [SampleRows] customers, but neither IDs nor other texts; ProfileConfig.OmitRows
// leaves these rows out.
//
// The distribution of a numeric column is exact while it has at most 1,000
// different values. Beyond that, values are counted in up to 2,000 buckets with
// fixed bounds, of equal relative width. The distribution function is then wrong
// by at most the share of the fullest bucket, which [ColumnProfile.ErrorBound]
// states: less than 1% for usual data, but much for data that crowds in places and
// spreads over many magnitudes as well. A comparison of two such profiles is not
// wrong but coarse, since both count between the same bounds. A categorical column
// counts up to 256 levels by name, and the others in 32 groups.
//
// [CheckDrift] compares two profiles column by column and gives each a verdict
// that rests on an adjusted p-value and on effects. The thresholds of effect are
// those in use: a PSI of 0.2; a KS distance of 0.1; 0.2 standard deviations
// (Cohen's small effect) for the mean; a Cramér's V of 0.1; and 5 points of missing
// values. One that is reached is enough, because each sees changes that others
// miss: the PSI of a shift by 0.3 standard deviations is below 0.1, and a KS
// distance hardly sees the tails. [LocateDrift] also looks at segments and at all columns together.
//
// # Values
//
// A missing value is NaN in the table, is left out of every figure, and NaN is
// the answer where nothing is left. Tables are never changed, and results do not
// depend on the number of cores.
package insights
