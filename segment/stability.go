package segment

import (
	"cmp"
	"context"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// StabilityVerdict says in a word whether a segment comes back when the customers
// are drawn again.
type StabilityVerdict string

// The verdicts on stability. See [Stability].
const (
	Stable   StabilityVerdict = "stable"
	Doubtful StabilityVerdict = "doubtful"
	Unstable StabilityVerdict = "unstable"
)

// From which mean Jaccard similarity on a segment is stable or doubtful, and
// below which one it counts as dissolved: Hennig's recommendations.
const (
	stableFrom, doubtfulFrom = 0.85, 0.6
	dissolvedBelow           = 0.5
)

const (
	// stabilityRows is the number of rows of a draw from a larger table.
	stabilityRows = 3000
	// stabilityRestarts is the number of starts of k-means on each draw, at
	// most. A mixture makes one, which it betters by moves.
	stabilityRestarts = 3
)

// Stability says how well a segment comes back when the rows are drawn again:
// Hennig, "Cluster-wise assessment of cluster stability", Comput. Statist. Data
// Anal. 52 (2007).
//
// Each of [Config.Bootstraps] draws takes as many rows as there are, with
// replacement, segments them by the same algorithm into as many segments, and
// finds for each segment of the result the new one that is most like it: that of
// the greatest Jaccard similarity, which is the number of distinct drawn rows in
// both over that of rows in either. K-means and mixtures draw 3,000 rows at most,
// and make at most 3 starts and 1; DBSCAN, for which the number of rows matters,
// draws as many as there are and keeps Epsilon and MinSamples.
type Stability struct {
	Segment int
	// Jaccard is the mean similarity over the draws that have a row of the
	// segment, 0 to 1, and 0 if no draw has.
	Jaccard float64
	// Dissolved is the share of these draws with a similarity below 0.5: there
	// the segment was lost in others.
	Dissolved float64
	// Verdict is [Stable] from a mean of 0.85, [Doubtful] from 0.6, else
	// [Unstable].
	Verdict StabilityVerdict
}

// bootstrap draws the rows of a partition again and again and returns the
// stability of its parts, by label.
func bootstrap(ctx context.Context, p points, q *partition, c Config, done func()) ([]Stability, error) {
	similar := make([][]float64, c.Bootstraps)
	err := par.Each(ctx, c.Workers, c.Bootstraps, func(draw int) error {
		defer done()
		rows := drawRows(p.n, c, draw)
		found, err := redo(ctx, p.only(rows), q.k, c, draw)
		if err == nil {
			similar[draw] = similarities(rows, q, found)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]Stability, q.k)
	for part := range out {
		out[part] = stabilityOf(similar, part)
	}
	return out, nil
}

// drawRows draws rows with replacement. They are in ascending order, hence in
// canonical order.
func drawRows(n int, c Config, draw int) []int {
	size := n
	if c.Algorithm != DBSCAN {
		size = min(n, stabilityRows)
	}
	random := rng.Stream(c.Seed, streamBootstrap, uint64(draw))
	rows := make([]int, size)
	for i := range rows {
		rows[i] = random.IntN(n)
	}
	slices.Sort(rows)
	return rows
}

// only returns the given rows.
func (p points) only(rows []int) points {
	out := points{n: len(rows), d: p.d, x: make([]float64, 0, len(rows)*p.d)}
	for _, row := range rows {
		out.x = append(out.x, p.row(row)...)
		if p.w != nil {
			out.w = append(out.w, p.w[row])
		}
	}
	return out
}

// redo segments a draw as the data was segmented.
func redo(ctx context.Context, p points, k int, c Config, draw int) (*partition, error) {
	c.Workers, c.Restarts = 1, min(c.Restarts, stabilityRestarts)
	if c.Algorithm == GMM {
		c.Restarts = 1
	}
	c.Seed = rng.Stream(c.Seed, streamBootstrap, uint64(draw), 1).Uint64()
	found, err := cut(ctx, p, []int{k}, c, func() {})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// similarities returns for each part of q the Jaccard similarity, on the distinct
// rows of a draw, with the most similar part of what was found there; -1 for a
// part that has no row in the draw. Noise is no part.
func similarities(rows []int, q, found *partition) []float64 {
	both := make([]int, q.k*found.k)
	before, after := make([]int, q.k), make([]int, found.k)
	for i, row := range rows {
		if i > 0 && row == rows[i-1] {
			continue
		}
		p, f := q.labels[row], found.labels[i]
		if p >= 0 {
			before[p]++
		}
		if f >= 0 {
			after[f]++
		}
		if p >= 0 && f >= 0 {
			both[int(p)*found.k+int(f)]++
		}
	}
	out := make([]float64, q.k)
	for p := range out {
		if before[p] == 0 {
			out[p] = -1
			continue
		}
		for f, size := range after {
			n := both[p*found.k+f]
			out[p] = max(out[p], float64(n)/float64(before[p]+size-n))
		}
	}
	return out
}

// stabilityOf sums up the draws for one part.
func stabilityOf(similar [][]float64, part int) Stability {
	s := Stability{Segment: part, Verdict: Unstable}
	draws := 0
	for _, draw := range similar {
		if draw[part] < 0 {
			continue
		}
		draws++
		s.Jaccard += draw[part]
		if draw[part] < dissolvedBelow {
			s.Dissolved++
		}
	}
	if draws > 0 {
		s.Jaccard /= float64(draws)
		s.Dissolved /= float64(draws)
	}
	switch {
	case s.Jaccard >= stableFrom:
		s.Verdict = Stable
	case s.Jaccard >= doubtfulFrom:
		s.Verdict = Doubtful
	}
	return s
}

// renumber gives the stabilities the IDs of their segments, in order.
func renumber(parts []Stability, ids []int) []Stability {
	for label := range parts {
		parts[label].Segment = ids[label]
	}
	slices.SortFunc(parts, func(a, b Stability) int { return cmp.Compare(a.Segment, b.Segment) })
	return parts
}
