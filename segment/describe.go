package segment

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// topLevels is the number of levels that a [CategorySummary] shows.
const topLevels = 3

// describe summarises each segment by all numeric and categorical columns of the
// table, the features first.
func describe(ctx context.Context, t *datasource.Table, labels []int, k int, features []string, workers int) ([]Segment, error) {
	segments := make([]Segment, k)
	for i := range segments {
		segments[i].ID = i
	}
	for _, label := range labels {
		if label != Noise {
			segments[label].Size++
		}
	}
	for i := range segments {
		segments[i].Share = float64(segments[i].Size) / float64(len(labels))
	}
	columns := inReadingOrder(t, features)
	summaries := make([][]Summary, len(columns))
	levels := make([][]CategorySummary, len(columns))
	err := par.Each(ctx, workers, len(columns), func(j int) error {
		switch columns[j].Kind() {
		case datasource.Numeric:
			summaries[j] = summarise(columns[j], labels, k, slices.Contains(features, columns[j].Name()))
		case datasource.Categorical:
			levels[j] = countLevels(columns[j], labels, k)
		}
		return nil
	})
	for j := range columns {
		for i := range summaries[j] {
			segments[i].Columns = append(segments[i].Columns, summaries[j][i])
		}
		for i := range levels[j] {
			segments[i].Categories = append(segments[i].Categories, levels[j][i])
		}
	}
	return segments, err
}

// inReadingOrder returns the columns of a table, features first, else as they
// stand.
func inReadingOrder(t *datasource.Table, features []string) []datasource.Column {
	columns := t.Columns()
	slices.SortStableFunc(columns, func(a, b datasource.Column) int {
		return cmp.Compare(rank(a, features), rank(b, features))
	})
	return columns
}

func rank(c datasource.Column, features []string) int {
	if slices.Contains(features, c.Name()) {
		return 0
	}
	return 1
}

// summarise returns the distribution of a numeric column in each segment. All
// sums are exact, so that the order of rows does not show in the last bit.
func summarise(c datasource.Column, labels []int, k int, feature bool) []Summary {
	all := measure(c.Floats(), labels, k)
	overall, spread := all[k].mean, all[k].std
	summaries := make([]Summary, k)
	for i := range summaries {
		s := Summary{Column: c.Name(), Mean: overall, Overall: overall, Feature: feature}
		if all[i].n > 0 {
			s.Mean, s.Std = all[i].mean, all[i].std
		}
		if spread > 0 {
			s.Z = (s.Mean - overall) / spread
		}
		summaries[i] = s
	}
	return summaries
}

// group is what is known of the values of one segment.
type group struct{ n, mean, std float64 }

// measure returns the mean and the population standard deviation of each segment
// and, at k, of all rows. Missing values are left out.
func measure(values []float64, labels []int, k int) []group {
	groups := make([]group, k+1)
	each(values, labels, k, func(g int, _ float64) { groups[g].n++ })
	extent := 0.0
	each(values, labels, k, func(_ int, v float64) { extent = max(extent, math.Abs(v)) })
	means := exactSums(values, labels, k, extent, func(_ int, v float64) float64 { return v })
	for g, sum := range means {
		groups[g].mean = sum.Over(max(1, groups[g].n))
	}
	// Deviations are squared in units of the largest, which is a power of two,
	// so that squares neither overflow nor vanish.
	spread := 0.0
	each(values, labels, k, func(g int, v float64) { spread = max(spread, math.Abs(v/2-groups[g].mean/2)) })
	if spread == 0 {
		return groups
	}
	_, exponent := math.Frexp(spread)
	unit := math.Ldexp(1, exponent)
	squares := exactSums(values, labels, k, 1, func(g int, v float64) float64 {
		d := (v/2 - groups[g].mean/2) / unit
		return d * d
	})
	for g, sum := range squares {
		groups[g].std = math.Sqrt(sum.Over(max(1, groups[g].n))) * unit * 2
	}
	return groups
}

// each calls do with each value that is there, for its segment and for k.
func each(values []float64, labels []int, k int, do func(group int, v float64)) {
	for row, v := range values {
		if math.IsNaN(v) {
			continue
		}
		do(k, v)
		if label := labels[row]; label != Noise {
			do(label, v)
		}
	}
}

func exactSums(values []float64, labels []int, k int, extent float64, of func(group int, v float64) float64) []stat.Exact {
	sums := make([]stat.Exact, k+1)
	for g := range sums {
		sums[g] = stat.NewExact(extent)
	}
	each(values, labels, k, func(g int, v float64) { sums[g].Add(of(g, v)) })
	return sums
}

// countLevels returns the most frequent levels of a categorical column in each
// segment; equal counts in order of level. Missing values count in no share.
func countLevels(c datasource.Column, labels []int, k int) []CategorySummary {
	levels := c.Levels()
	counts, present := make([][]int, k), make([]int, k)
	for i := range counts {
		counts[i] = make([]int, len(levels))
	}
	overall, total := make([]int, len(levels)), 0
	for row, code := range c.Codes() {
		if code < 0 {
			continue
		}
		overall[code]++
		total++
		if label := labels[row]; label != Noise {
			counts[label][code]++
			present[label]++
		}
	}
	summaries := make([]CategorySummary, k)
	for i, count := range counts {
		summaries[i].Column = c.Name()
		for _, code := range mostFrequent(count) {
			summaries[i].Top = append(summaries[i].Top, LevelShare{
				Level:   levels[code],
				Share:   float64(count[code]) / float64(present[i]),
				Overall: float64(overall[code]) / float64(total),
			})
		}
	}
	return summaries
}

func mostFrequent(counts []int) []int {
	var codes []int
	for code, n := range counts {
		if n > 0 {
			codes = append(codes, code)
		}
	}
	slices.SortStableFunc(codes, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	return codes[:min(topLevels, len(codes))]
}

// separate returns how much of each feature's variance lies between segments.
func separate(p points, columns []string, q *partition) []Separation {
	means, sizes := meansOf(p, q)
	shares := make([]Separation, p.d)
	for j := range shares {
		overall, between, total := 0.0, 0.0, 0.0
		for i := range p.n {
			overall += p.x[i*p.d+j] / float64(p.n)
		}
		for c, size := range sizes {
			diff := means[c*p.d+j] - overall
			between += float64(size) * diff * diff
		}
		for i := range p.n {
			diff := p.x[i*p.d+j] - overall
			total += diff * diff
		}
		shares[j].Column = columns[j]
		if total > 0 {
			shares[j].Share = min(1, between/total)
		}
	}
	slices.SortStableFunc(shares, func(a, b Separation) int { return cmp.Compare(b.Share, a.Share) })
	return shares
}
