package segment

// Algorithm names a clustering algorithm.
type Algorithm string

const (
	// KMeans is k-means with greedy k-means++ starts. It is the default.
	KMeans Algorithm = "kmeans"
	// GMM is a Gaussian mixture, fitted by expectation-maximisation.
	GMM Algorithm = "gmm"
	// DBSCAN finds dense groups of any shape, and rows that belong to none.
	DBSCAN Algorithm = "dbscan"
)

// Criterion names what the number of segments is chosen by.
type Criterion string

const (
	// BySilhouette takes the K of the greatest silhouette. It is the default.
	BySilhouette Criterion = "silhouette"
	// ByBIC takes the K of the least Bayesian information criterion, for a
	// mixture.
	ByBIC Criterion = "bic"
)

// Covariance names the shape of the components of a mixture.
type Covariance string

// The shapes: each component its own matrix, one matrix for all, each component
// its own variance in each feature, each component its own single variance.
const (
	FullCovariance      Covariance = "full"
	TiedCovariance      Covariance = "tied"
	DiagonalCovariance  Covariance = "diag"
	SphericalCovariance Covariance = "spherical"
)

// Noise is the label of a row that belongs to no segment.
const Noise = -1

// Result is a segmentation of one table: the model, where each row belongs, and
// what a reader needs to judge it.
type Result struct {
	Algorithm Algorithm
	// Model assigns further customers.
	Model *Model
	// Labels holds for each row of the table the ID of its segment, or [Noise].
	Labels []int
	// Noise is the number of rows that belong to no segment. Only DBSCAN has
	// any. They take no part in silhouettes and descriptions.
	Noise int
	// Mixture is set for [GMM].
	Mixture *Mixture
	// Silhouette is the mean silhouette width of the partition, -1 to 1.
	// SilhouetteError is its standard error where it is that of drawn rows (see
	// [MaxExactSilhouette]), and 0 where it is exact.
	Silhouette, SilhouetteError float64
	// Inertia is the sum of squared distances, in scaled units, of the rows
	// from the centres of their segments.
	Inertia float64
	// Scores has one entry for each k that was tried, in ascending order. It
	// has one entry when k was given.
	Scores []Score
	// Segments describes each segment; Segments[i].ID is i.
	Segments []Segment
	// Separation ranks the features by how far they tell the segments apart,
	// the strongest first.
	Separation []Separation
	Structure  Structure
	// Stability says of each segment, in order of ID, whether it comes back when
	// the rows are drawn again. It is nil unless [Config.Bootstraps] is set.
	Stability []Stability
	// Migration says who moved since [Config.Previous]; nil without one.
	Migration *Migration
	// Notes says in words what was left out or decided, such as a constant
	// column.
	Notes []string
}

// Score is the quality of the best partition into K segments.
type Score struct {
	K          int
	Silhouette float64
	Inertia    float64
	// DaviesBouldin (the lower, the better) and CalinskiHarabasz (the higher,
	// the better) judge the same partition in their own ways.
	DaviesBouldin, CalinskiHarabasz float64
	// BIC and AIC, the lower, the better, are set for a mixture.
	BIC, AIC float64
}

// Mixture says how the fit of a mixture ended.
type Mixture struct {
	Covariance Covariance
	// LogLikelihood is the mean over the rows, of the density in scaled units.
	LogLikelihood float64
	BIC, AIC      float64
	// Iterations counts those of the start that won, its refinement included;
	// Converged says that it came within the tolerance before MaxIterations.
	Iterations int
	Converged  bool
	// Weights has the share of each component, by segment. They sum to 1.
	Weights []float64
	// Probabilities has, for each row of the table, the posterior probability
	// of each segment.
	Probabilities [][]float64
}

// Segment describes one group of customers. Segments are numbered from 0 by
// size, the largest first; equal sizes by their scaled centres, compared feature
// by feature in order of name. A component of a mixture that is no row's likeliest
// makes a segment of size 0, whose means are those of the whole table.
type Segment struct {
	ID    int
	Label string
	Size  int
	// Share is Size over all rows, 0 to 1.
	Share float64
	// Columns summarises the numeric columns of the table, features first.
	Columns []Summary
	// Categories summarises the categorical columns of the table.
	Categories []CategorySummary
	// Recommendation is what the hook in [Config] said, "" without one.
	Recommendation string
}

// Mean returns the segment's mean of a numeric column, and whether it has one.
func (s Segment) Mean(column string) (float64, bool) {
	for _, c := range s.Columns {
		if c.Column == column {
			return c.Mean, true
		}
	}
	return 0, false
}

// Summary is the distribution of a numeric column within a segment, missing
// values left out.
type Summary struct {
	Column string
	// Mean and Std (population standard deviation) are in the column's unit.
	Mean, Std float64
	// Overall is the mean over the whole table, and Z the difference of the
	// two means in population standard deviations of the whole table.
	Overall, Z float64
	// Feature says that the segmentation used this column.
	Feature bool
}

// CategorySummary holds the most frequent levels of a categorical column within
// a segment, at most three, the most frequent first.
type CategorySummary struct {
	Column string
	Top    []LevelShare
}

// LevelShare is how often a level occurs, within the segment and in the whole
// table, each 0 to 1.
type LevelShare struct {
	Level          string
	Share, Overall float64
}

// Separation says how much of a feature's variance lies between segments, 0 to
// 1 (eta squared).
type Separation struct {
	Column string
	Share  float64
}

// Verdict says in a word whether the data has clusters.
type Verdict string

// The verdicts on structure. See [Structure].
const (
	StrongStructure Verdict = "strong"
	WeakStructure   Verdict = "weak"
	NoStructure     Verdict = "none"
)

// Structure compares the silhouette of the segmentation with the silhouettes of
// data without structure: the same columns, each shuffled on its own (see
// [Config.References]), and, where features are correlated, shuffled so that
// their correlations remain.
type Structure struct {
	// Verdict is the worse of the verdicts of the two comparisons.
	Verdict Verdict
	// Evidence explains the verdict in a few sentences.
	Evidence string
	// Silhouette is that of the data, Reference the silhouettes of the draws
	// that were shuffled column by column, ReferenceMean and ReferenceStd
	// (population) theirs.
	Silhouette                  float64
	Reference                   []float64
	ReferenceMean, ReferenceStd float64
	// Correlated holds the silhouettes of the draws that keep correlations, nil
	// where no two features are correlated by more than 0.1.
	Correlated []float64
	// PValue is (1 + the number of draws that reach the data's silhouette) /
	// (1 + the number of draws), the greater of the two comparisons.
	PValue float64
}
