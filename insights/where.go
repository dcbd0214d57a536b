package insights

import "math"

// streamSample labels the random stream that draws rows from a sample.
const streamSample = streamShuffledColumn + 1

// LocateConfig sets how [LocateDrift] looks for changes. The zero value stands for
// the defaults.
type LocateConfig struct {
	// DriftConfig is what columns are judged by, within segments too. Its Alpha
	// is the level of each of the three looks: at the columns, at the segments
	// and at the columns together.
	DriftConfig
	// ShareEffect is the change of the share of a segment from which on it is
	// material, as Cohen's h; 0 means 0.2, Cohen's small effect: from 12.5% to
	// 20% of the rows, say.
	ShareEffect float64
	// AUC is from where on telling the tables apart is material, more than 0.5
	// and at most 1; 0 means 0.55, what it takes a column to move by 0.18
	// standard deviations.
	AUC float64
	// Permutations is the number of those that the classifier is compared with,
	// from 1 to 9,999; 0 means 199, or what it takes to reach Alpha.
	Permutations int
	// Seed makes samples and permutations reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. No result depends
	// on it.
	Workers int
}

const (
	defaultPermutations, mostPermutations = 199, 9999
	// permutationsPerAlarm is how many permutations there are for each that may
	// stand above the labels as they are.
	permutationsPerAlarm = 10
)

// permutations returns the number to make.
func (c LocateConfig) permutations() int {
	if c.Permutations > 0 {
		return c.Permutations
	}
	enough := math.Ceil(permutationsPerAlarm/c.Alpha) - 1
	return int(min(max(enough, defaultPermutations), mostPermutations))
}
