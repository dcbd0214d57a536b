package segment

import (
	"fmt"
	"math"
	"slices"
)

// Config says how to segment. The zero value works.
type Config struct {
	// Algorithm is [KMeans] when empty.
	Algorithm Algorithm
	// Features names the numeric columns to segment by; all numeric columns of
	// the table when empty.
	Features []string
	// Weights names a numeric column of weights, each from 1e-100 to 1e100, for
	// k-means. A row of weight 2 counts as two equal rows in scaling, in centres
	// and in inertia; sizes, silhouettes and descriptions count rows. All rows
	// weigh 1 when empty.
	Weights string
	// K is the number of segments; 0 chooses it from KMin to KMax. DBSCAN finds
	// its own and ignores it.
	K int
	// KMin and KMax bound the choice of K, both included; 2 and 10 when 0. The
	// upper bound gives way to the number of distinct rows less one.
	KMin, KMax int
	// Restarts is the number of starts of which the best counts; 10 when 0. A
	// start of a mixture, unless it is the only one, is followed by attempts to
	// better it by moving one component: one less than K, 6 at most, fewer from
	// 3,334 rows on and none beyond 20,000.
	Restarts int
	// MaxIterations bounds the iterations of one start; 300 when 0. The
	// refinement of a mixture that has converged may take ten times as many.
	MaxIterations int
	// Tolerance ends a start of k-means when the squared movements of the
	// centres sum to less than this share of the features' mean variance, 1e-4
	// when 0; the winner is then iterated until no row changes its segment. It
	// ends a start of a mixture when the mean log-likelihood of a row gains
	// less than this, 1e-4 when 0; the winner is then iterated to a
	// ten-thousandth of that.
	Tolerance float64
	// Criterion says by what K is chosen; [BySilhouette] when empty.
	Criterion Criterion
	// Covariance is the shape of a mixture's components; [FullCovariance] when
	// empty.
	Covariance Covariance
	// Regularisation is added to the variances of a mixture's components, in
	// scaled units; 1e-6 when 0.
	Regularisation float64
	// Epsilon is the distance, in scaled units, within which two rows are
	// neighbours in DBSCAN; 0.5 when 0.
	Epsilon float64
	// MinSamples is the number of neighbours, itself included, that make a row
	// a core row in DBSCAN; 5 when 0.
	MinSamples int
	// References is the number of draws without structure that the verdict on
	// structure compares with, 5 to 1000; 19 when 0.
	References int
	// Bootstraps is the number of draws by which the stability of each segment
	// is measured, 1000 at most; 100 is a good number. 0, the default, measures
	// none.
	Bootstraps int
	// Previous, if set, is a model that the segments are matched with, so that
	// the result says who moved. The table must have its features.
	Previous *Model
	// Seed makes the result reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. The result does
	// not depend on it.
	Workers int
	// Recommend, if set, gives each segment its recommendation once all
	// segments have been described.
	Recommend func(Segment) string
	// Words replaces what labels say of a column, by the column's name.
	Words map[string]Words
	// Value names the features that together make a customer valuable. A
	// segment well above the table in all of them is labelled "high value",
	// one well below in all of them "low value".
	Value []string
	// Progress, if set, is called as work proceeds, never concurrently.
	Progress func(done, total int)
}

// Words are what a label says of a segment whose mean of a column is well above
// or below that of the whole table: "older" and "younger" for an age.
type Words struct{ High, Low string }

func (c Config) withDefaults() Config {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	if c.Algorithm == "" {
		c.Algorithm = KMeans
	}
	set(&c.KMin, 2)
	set(&c.KMax, max(10, c.KMin))
	set(&c.Restarts, 10)
	set(&c.MaxIterations, 300)
	set(&c.References, 19)
	set(&c.MinSamples, 5)
	number := func(p *float64, v float64) {
		if *p == 0 {
			*p = v
		}
	}
	if c.Algorithm == GMM {
		number(&c.Tolerance, 1e-4)
	}
	number(&c.Tolerance, 1e-4)
	number(&c.Regularisation, 1e-6)
	number(&c.Epsilon, 0.5)
	if c.Criterion == "" {
		c.Criterion = BySilhouette
	}
	if c.Covariance == "" {
		c.Covariance = FullCovariance
	}
	return c
}

// check refuses parameters out of range, by name.
func (c Config) check() error {
	for _, err := range []error{
		oneOf("Algorithm", c.Algorithm, KMeans, GMM, DBSCAN),
		oneOf("Criterion", c.Criterion, BySilhouette, ByBIC),
		oneOf("Covariance", c.Covariance, FullCovariance, TiedCovariance, DiagonalCovariance, SphericalCovariance),
		within("K", c.K, 0, math.MaxInt32),
		within("KMin", c.KMin, 2, math.MaxInt32),
		within("KMax", c.KMax, c.KMin, math.MaxInt32),
		within("Restarts", c.Restarts, 1, 10_000),
		within("MaxIterations", c.MaxIterations, 1, 1_000_000),
		within("References", c.References, 5, 1000),
		within("Bootstraps", c.Bootstraps, 0, 1000),
		within("MinSamples", c.MinSamples, 1, math.MaxInt32),
		within("Workers", c.Workers, 0, math.MaxInt32),
		positive("Tolerance", c.Tolerance, 1),
		positive("Regularisation", c.Regularisation, math.MaxFloat64),
		positive("Epsilon", c.Epsilon, math.MaxFloat64),
	} {
		if err != nil {
			return err
		}
	}
	if c.Criterion == ByBIC && c.Algorithm != GMM {
		return fmt.Errorf("segment: Criterion %q needs Algorithm %q, got %q", ByBIC, GMM, c.Algorithm)
	}
	return nil
}

func oneOf[T ~string](name string, v T, allowed ...T) error {
	if slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("segment: %s must be one of %q, got %q", name, allowed, v)
}

func positive(name string, v, high float64) error {
	if v > 0 && v <= high {
		return nil
	}
	return fmt.Errorf("segment: %s must be more than 0 and at most %v, got %v", name, high, v)
}

func within(name string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("segment: %s must be from %d to %d, got %d", name, low, high, v)
	}
	return nil
}
