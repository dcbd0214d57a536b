package segment

import (
	"context"
	"fmt"
	"math"
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
// k-means finds, at the same k, on draws without structure.
func judge(ctx context.Context, p points, k int, silhouette float64, c Config, done func()) (Structure, error) {
	s := Structure{Silhouette: silhouette, Verdict: NoStructure, PValue: 1}
	if k < 2 || k > mostJudged {
		for range c.References {
			done()
		}
		s.Evidence = notJudged(k)
		return s, nil
	}
	var err error
	if s.Reference, err = references(ctx, newShuffle(p), k, c, done); err != nil {
		return Structure{}, err
	}
	if together := newCorrelated(p, c.Seed); together != nil {
		if s.Correlated, err = references(ctx, together, k, c, func() {}); err != nil {
			return Structure{}, err
		}
	}
	s.conclude(p.d)
	return s, nil
}

// references returns the silhouettes of draws without structure.
func references(ctx context.Context, source drawer, k int, c Config, done func()) ([]float64, error) {
	silhouettes := make([]float64, c.References)
	err := par.Each(ctx, c.Workers, c.References, func(i int) (err error) {
		defer done()
		silhouettes[i], err = reference(ctx, source, k, c, i)
		return err
	})
	return silhouettes, err
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
func reference(ctx context.Context, source drawer, k int, c Config, number int) (float64, error) {
	random := rng.Stream(c.Seed, streamReference, uint64(number))
	c.Workers = 1
	if c.Algorithm != KMeans {
		c.Tolerance = 0
		c.Algorithm = KMeans
		c = c.withDefaults()
	}
	m, err := newKMeans(ctx, source.draw(random), c, random.Uint64())
	if err != nil {
		return 0, err
	}
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

// conclude sets the verdict from the silhouettes: the worse of the two that the
// two kinds of draws suggest.
func (s *Structure) conclude(features int) {
	shuffled := compare(s.Silhouette, s.Reference)
	s.Verdict, s.PValue = shuffled.verdict, shuffled.p
	s.ReferenceMean, s.ReferenceStd = shuffled.mean, shuffled.std
	without := "the same columns, each shuffled on its own,"
	if features == 1 {
		without = "evenly spread values"
	}
	s.Evidence = fmt.Sprintf("The silhouette is %.3f; %s", s.Silhouette, shuffled.words(without))
	if s.Correlated != nil {
		together := compare(s.Silhouette, s.Correlated)
		s.PValue = max(s.PValue, together.p)
		if severity[together.verdict] < severity[s.Verdict] {
			s.Verdict = together.verdict
		}
		s.Evidence += "; " + together.words("shuffled so that they still rise and fall together, they")
	}
	s.Evidence += ". " + conclusion[s.Verdict]
}

// severity orders the verdicts.
var severity = map[Verdict]int{NoStructure: 0, WeakStructure: 1, StrongStructure: 2}

// conclusion says what each verdict means.
var conclusion = map[Verdict]string{
	StrongStructure: "The segments are clearly apart, far more than chance would make them.",
	WeakStructure:   "The segments are more than chance would make them, but they run into one another.",
	NoStructure:     "The data has no clear segments: the borders between them are a convenience, not a finding.",
}

// comparison is a silhouette beside those of draws without structure.
type comparison struct {
	verdict           Verdict
	mean, std, most   float64
	p                 float64
	reached, compared int
}

func compare(silhouette float64, draws []float64) comparison {
	c := comparison{most: slices.Max(draws), compared: len(draws), verdict: WeakStructure}
	c.mean, c.std = meanStd(draws, nil)
	for _, d := range draws {
		if d >= silhouette {
			c.reached++
		}
	}
	c.p = float64(1+c.reached) / float64(1+c.compared)
	gap := silhouette - c.mean
	clear := gap >= weakDeviations*c.std || silhouette >= c.most+weakGap
	switch {
	case c.reached > 0 || gap < weakGap || !clear:
		c.verdict = NoStructure
	case gap >= strongGap || silhouette >= reasonable:
		c.verdict = StrongStructure
	}
	return c
}

func (c comparison) words(what string) string {
	return fmt.Sprintf("%s reach %.3f on average and %.3f at most in %d draws", what, c.mean, c.most, c.compared)
}
