package segment

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// Labels of random streams, apart from the numbers of segments that label the
// starts of k-means.
const (
	streamSilhouette = 1<<32 + iota
	streamReference
	streamBootstrap
	streamSample
	streamSwap
)

// What it takes to speak of structure. The silhouette must exceed the mean of the
// draws by weakGap, and none of them may come near it: it must also exceed their
// mean by weakDeviations of their standard deviations, or each of them by
// weakGap. That is much, because K was chosen for the silhouette of the data, and
// with few rows the best of several K wins by luck. Structure is strong when the
// silhouette exceeds the mean by strongGap, or reaches what Kaufman and
// Rousseeuw, "Finding Groups in Data" (1990), call reasonable.
const (
	weakGap, strongGap = 0.05, 0.15
	weakDeviations     = 4
	reasonable         = 0.5
	// referenceRestarts is the number of starts on each draw, referenceRows the
	// number of rows of a draw from a larger table.
	referenceRestarts = 3
	referenceRows     = 2000
	// mostJudged is the number of segments up to which draws are compared with:
	// a quarter of the rows of a draw.
	mostJudged = referenceRows / 4
)

// judge compares the silhouette of a partition into k segments with those that
// k-means finds, at the same k, on draws in which each feature has been permuted on its own: the same columns
// with nothing between them. One feature on its own would not change by that, so
// it is compared with uniform draws between its least and its greatest value.
// The idea of a reference distribution is that of Tibshirani, Walther and
// Hastie, "Estimating the number of clusters via the gap statistic", J. R.
// Statist. Soc. B 63 (2001).
func judge(ctx context.Context, p points, k int, silhouette float64, c Config, done func()) (Structure, error) {
	s := Structure{Silhouette: silhouette, Verdict: NoStructure, PValue: 1}
	if k < 2 || k > mostJudged {
		for range c.References {
			done()
		}
		s.Evidence = notJudged(k)
		return s, nil
	}
	s.Reference = make([]float64, c.References)
	err := par.Each(ctx, c.Workers, c.References, func(i int) (err error) {
		defer done()
		s.Reference[i], err = reference(ctx, p, k, c, i)
		return err
	})
	if err != nil {
		return Structure{}, err
	}
	s.conclude(p.d)
	return s, nil
}

// notJudged says why so many segments are not compared with anything.
func notJudged(k int) string {
	switch k {
	case 0:
		return "There is no segment: the data has no dense group at the density asked for."
	case 1:
		return "There is only one segment, so there is nothing to tell apart."
	default:
		return fmt.Sprintf("There are %d segments. So many are not compared with what chance would make.", k)
	}
}

// reference returns the silhouette of one draw without structure.
func reference(ctx context.Context, p points, k int, c Config, draw int) (float64, error) {
	random := rng.Stream(c.Seed, streamReference, uint64(draw))
	c.Workers = 1
	if c.Algorithm != KMeans {
		c.Tolerance = 0
		c.Algorithm = KMeans
		c = c.withDefaults()
	}
	m := newKMeans(withoutStructure(p, random), c, random.Uint64())
	best := &partition{inertia: math.Inf(1)}
	for r := range referenceRestarts {
		run, err := m.run(ctx, k, r)
		if err != nil {
			return 0, err
		}
		if run.inertia < best.inertia {
			best = run
		}
	}
	return silhouette(ctx, m.points, best)
}

// withoutStructure draws the values of each feature on its own, from all rows
// and without putting them back; those of a single feature it draws anew.
func withoutStructure(p points, random *rand.Rand) points {
	n := min(p.n, referenceRows)
	q := points{n: n, d: p.d, x: make([]float64, n*p.d)}
	if p.d == 1 {
		low, high := slices.Min(p.x), slices.Max(p.x)
		for i := range q.x {
			q.x[i] = low + (high-low)*random.Float64()
		}
		return q
	}
	column := make([]float64, p.n)
	for j := range p.d {
		for i := range column {
			column[i] = p.x[i*p.d+j]
		}
		for i := range n {
			other := i + random.IntN(p.n-i)
			column[i], column[other] = column[other], column[i]
			q.x[i*p.d+j] = column[i]
		}
	}
	return q
}

// conclude sets the verdict from the silhouettes.
func (s *Structure) conclude(features int) {
	n := float64(len(s.Reference))
	reached := 0
	for _, r := range s.Reference {
		s.ReferenceMean += r / n
		if r >= s.Silhouette {
			reached++
		}
	}
	for _, r := range s.Reference {
		s.ReferenceStd += (r - s.ReferenceMean) * (r - s.ReferenceMean) / n
	}
	s.ReferenceStd = math.Sqrt(s.ReferenceStd)
	s.PValue = float64(1+reached) / (1 + n)
	gap := s.Silhouette - s.ReferenceMean
	clear := gap >= weakDeviations*s.ReferenceStd || s.Silhouette >= slices.Max(s.Reference)+weakGap
	switch {
	case reached > 0 || gap < weakGap || !clear:
		s.Verdict = NoStructure
	case gap >= strongGap || s.Silhouette >= reasonable:
		s.Verdict = StrongStructure
	default:
		s.Verdict = WeakStructure
	}
	s.Evidence = s.explain(features)
}

func (s *Structure) explain(features int) string {
	without := "the same columns, each shuffled on its own,"
	if features == 1 {
		without = "evenly spread values"
	}
	compared := fmt.Sprintf("The silhouette is %.3f; %s reach %.3f on average and %.3f at most in %d draws.",
		s.Silhouette, without, s.ReferenceMean, slices.Max(s.Reference), len(s.Reference))
	switch s.Verdict {
	case StrongStructure:
		return compared + " The segments are clearly apart, far more than chance would make them."
	case WeakStructure:
		return compared + " The segments are more than chance would make them, but they run into one another."
	default:
		return compared + " The data has no clear segments: the borders between them are a convenience, not a finding."
	}
}
