package insights

import (
	"cmp"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// compareColumns measures the change of a numeric or categorical column. Its
// p-values are not adjusted, and there is no verdict yet.
func compareColumns(baseline, current *ColumnProfile, cfg *DriftConfig) ColumnDrift {
	d := ColumnDrift{Column: baseline.name, Kind: baseline.kind, PValue: 1, Missing: compareMissing(baseline, current)}
	if baseline.kind == datasource.Numeric {
		d.compareNumbers(baseline, current, cfg)
	} else {
		d.compareLevels(baseline, current, cfg)
	}
	if min(baseline.rows-baseline.missing, current.rows-current.missing) < fewestTested {
		d.PValue = 1
	}
	d.Shift = SmallShift
	if d.PSI >= cfg.ModeratePSI {
		d.Shift = ModerateShift
	}
	if d.PSI >= cfg.MajorPSI {
		d.Shift = MajorShift
	}
	d.Effect = max(d.Effect, d.PSI/cfg.MajorPSI)
	return d
}

// fewestTested is how many rows or values a table must have for a test: a single
// one is no distribution.
const fewestTested = 2

func compareMissing(baseline, current *ColumnProfile) MissingDrift {
	d := MissingDrift{PValue: 1}
	if min(baseline.rows, current.rows) >= fewestTested {
		d.PValue = stat.TwoShares(baseline.missing, baseline.rows, current.missing, current.rows)
	}
	if baseline.rows > 0 {
		d.Baseline = float64(baseline.missing) / float64(baseline.rows)
	}
	if current.rows > 0 {
		d.Current = float64(current.missing) / float64(current.rows)
	}
	return d
}

func (c *ColumnDrift) compareNumbers(baseline, current *ColumnProfile, cfg *DriftConfig) {
	n := &NumberDrift{Baseline: baseline.Numbers(), Current: current.Numbers()}
	c.Numbers = n
	p := pairOf(&baseline.values, &current.values)
	n.KS, n.Wasserstein = p.distances()
	n.PExact, n.PAsymptotic = p.testDistance(n.KS)
	if c.PValue = n.PExact; math.IsNaN(c.PValue) {
		c.PValue = n.PAsymptotic
	}
	if p.empty() {
		return
	}
	n.KSError = p.roundingError(max(baseline.values.shift, current.values.shift))
	n.MeanShift = meanShift(n.Baseline, n.Current)
	n.Bins = p.bins(p.tenths())
	for _, b := range n.Bins {
		c.PSI += psiTerm(b.Baseline, b.Current)
	}
	n.Histogram = p.histogram(min(n.Baseline.Min, n.Current.Min), max(n.Baseline.Max, n.Current.Max))
	c.Effect = max(n.KS/cfg.KS, math.Abs(n.MeanShift)/cfg.MeanShift)
}

// roundingError returns by how much the distance of the values may exceed that of
// the buckets: the greatest share of one table in one bucket.
func (p *pair) roundingError(shift int) float64 {
	if shift == 0 {
		return 0
	}
	return max(float64(slices.Max(p.a))/float64(p.totalA), float64(slices.Max(p.b))/float64(p.totalB))
}

// meanShift is Cohen's d with the mean of the variances: that of a single value
// is none.
func meanShift(baseline, current NumberSummary) float64 {
	spread := math.Hypot(orZero(baseline.Std), orZero(current.Std)) / math.Sqrt2
	change := current.Mean/2 - baseline.Mean/2 // the difference may be too large
	if spread == 0 || change == 0 {
		return 0
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, change/spread*2))
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func (c *ColumnDrift) compareLevels(baseline, current *ColumnProfile, cfg *DriftConfig) {
	p := levelPairOf(&baseline.levels, &current.levels)
	l := &LevelDrift{}
	c.Levels = l
	l.ChiSquared, l.Freedom, l.P = stat.ChiSquared(p.a, p.b)
	if p.totalA == 0 || p.totalB == 0 {
		return
	}
	c.PValue = p.test()
	l.CramersV = math.Sqrt(l.ChiSquared / float64(p.totalA+p.totalB))
	for i := range p.a {
		c.PSI += psiTerm(float64(p.a[i])/float64(p.totalA), float64(p.b[i])/float64(p.totalB))
	}
	l.New, l.Vanished, l.Shares = p.shares()
	c.Effect = l.CramersV / cfg.CramersV
}

// levelPair has how often two tables have each level, those by name first and
// then the groups of others.
type levelPair struct {
	names          []string
	a, b           []int
	totalA, totalB int
}

// levelPairOf counts levels in groups that one of the profiles may not have kept
// by name although its table has them: those with greater hashes than the last
// one that it kept.
func levelPairOf(a, b *levelCounts) levelPair {
	p := levelPair{totalA: a.total(), totalB: b.total()}
	omittedByA, omittedByB := a.omits(), b.omits()
	other := [2][]int{make([]int, otherGroups), make([]int, otherGroups)}
	at := make(map[string]int)
	for side, l := range []*levelCounts{a, b} {
		for group, n := range l.other {
			other[side][group] += n
		}
		for i, name := range l.names {
			if omittedByA(name) || omittedByB(name) {
				other[side][groupOf(name)] += l.counts[i]
				continue
			}
			row, known := at[name]
			if !known {
				row = len(p.names)
				at[name] = row
				p.names = append(p.names, name)
				p.a, p.b = append(p.a, 0), append(p.b, 0)
			}
			if side == 0 {
				p.a[row] = l.counts[i]
			} else {
				p.b[row] = l.counts[i]
			}
		}
	}
	p.a, p.b = append(p.a, other[0]...), append(p.b, other[1]...)
	return p
}

// test returns the p-value that the verdict rests on.
func (p *levelPair) test() float64 {
	a, b := p.pooled()
	if len(a) == 2 {
		return stat.TwoShares(a[0], p.totalA, b[0], p.totalB)
	}
	_, _, pValue := stat.ChiSquared(a, b)
	return pValue
}

// leastExpected is how often a level must be expected in each table for
// chi-squared to hold: Cochran, "The chi-squared test of goodness of fit", 1952.
const leastExpected = 5

// pooled returns the counts of the levels that occur. If there are more than two,
// the rarest are put together until they are expected often enough.
func (p *levelPair) pooled() (a, b []int) {
	order := make([]int, 0, len(p.a))
	for i := range p.a {
		if p.a[i]+p.b[i] > 0 {
			order = append(order, i)
		}
	}
	both := func(i int) float64 { return float64(p.a[i] + p.b[i]) }
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(both(i), both(j)) })
	if least := leastExpected * float64(p.totalA+p.totalB) / float64(min(p.totalA, p.totalB)); len(order) > 2 && both(order[0]) < least {
		rareA, rareB := 0, 0
		for len(order) > 0 && (both(order[0]) < least || float64(rareA+rareB) < least) {
			rareA, rareB = rareA+p.a[order[0]], rareB+p.b[order[0]]
			order = order[1:]
		}
		a, b = append(a, rareA), append(b, rareB)
	}
	for _, i := range order {
		a, b = append(a, p.a[i]), append(b, p.b[i])
	}
	return a, b
}

// shares lists levels, the most frequent in the baseline first.
func (p *levelPair) shares() (added, vanished []string, all []LevelShift) {
	for i, name := range p.names {
		switch {
		case p.a[i] == 0:
			added = append(added, name)
		case p.b[i] == 0:
			vanished = append(vanished, name)
		}
		all = append(all, p.share(name, p.a[i], p.b[i]))
	}
	slices.Sort(added)
	slices.Sort(vanished)
	slices.SortFunc(all, func(x, y LevelShift) int {
		return cmp.Or(-cmp.Compare(x.Baseline, y.Baseline), -cmp.Compare(x.Current, y.Current), cmp.Compare(x.Level, y.Level))
	})
	if a, b := sumOf(p.a[len(p.names):]), sumOf(p.b[len(p.names):]); a+b > 0 {
		all = append(all, p.share("", a, b))
	}
	return added, vanished, all
}

func (p *levelPair) share(name string, a, b int) LevelShift {
	return LevelShift{name, float64(a) / float64(p.totalA), float64(b) / float64(p.totalB)}
}
