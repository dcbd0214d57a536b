package segment

import (
	"cmp"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// topLevels is the number of levels that a [CategorySummary] shows.
const topLevels = 3

// describe summarises each segment by all numeric and categorical columns of the
// table, the features first.
func describe(t *datasource.Table, labels []int, k int, features []string) []Segment {
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
	for _, c := range inReadingOrder(t, features) {
		switch c.Kind() {
		case datasource.Numeric:
			for i, s := range summarise(c, labels, k) {
				s.Feature = slices.Contains(features, c.Name())
				segments[i].Columns = append(segments[i].Columns, s)
			}
		case datasource.Categorical:
			for i, s := range countLevels(c, labels, k) {
				segments[i].Categories = append(segments[i].Categories, s)
			}
		}
	}
	return segments
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

// summarise returns the distribution of a numeric column in each segment. The
// sums are taken over sorted values, so that the order of rows does not show in
// the last bit.
func summarise(c datasource.Column, labels []int, k int) []Summary {
	groups := make([][]float64, k)
	var all []float64
	for row, v := range c.Floats() {
		if math.IsNaN(v) {
			continue
		}
		all = append(all, v)
		if label := labels[row]; label != Noise {
			groups[label] = append(groups[label], v)
		}
	}
	slices.Sort(all)
	overall, spread := meanStd(all)
	summaries := make([]Summary, k)
	for i, group := range groups {
		s := Summary{Column: c.Name(), Overall: overall}
		slices.Sort(group)
		s.Mean, s.Std = meanStd(group)
		if len(group) == 0 {
			s.Mean = overall
		}
		if spread > 0 {
			s.Z = (s.Mean - overall) / spread
		}
		summaries[i] = s
	}
	return summaries
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
