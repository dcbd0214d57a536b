package insights

import (
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// pair has the values of two tables in ascending order, and how often each table
// has them.
type pair struct {
	values         []float64
	a, b           []int
	totalA, totalB int
}

// pairOf lays two sketches on one grid.
func pairOf(a, b *sketch) pair {
	shift := max(a.shift, b.shift)
	x, y := a.at(shift), b.at(shift)
	p := pair{totalA: x.total(), totalB: y.total()}
	for i, j := 0, 0; i < len(x.keys) || j < len(y.keys); {
		var inA, inB int
		var key uint64
		switch {
		case j == len(y.keys) || i < len(x.keys) && x.keys[i] < y.keys[j]:
			key, inA = x.keys[i], x.counts[i]
			i++
		case i == len(x.keys) || y.keys[j] < x.keys[i]:
			key, inB = y.keys[j], y.counts[j]
			j++
		default:
			key, inA, inB = x.keys[i], x.counts[i], y.counts[j]
			i, j = i+1, j+1
		}
		p.values = append(p.values, middleOf(key, shift))
		p.a, p.b = append(p.a, inA), append(p.b, inB)
	}
	return p
}

// empty reports whether a table has no value, so that there is nothing to compare.
func (p *pair) empty() bool { return p.totalA == 0 || p.totalB == 0 }

// distances returns the greatest distance between the distribution functions, and
// the area between them.
func (p *pair) distances() (ks, wasserstein float64) {
	if p.empty() {
		return 0, 0
	}
	belowA, belowB := 0, 0
	for i, v := range p.values {
		belowA, belowB = belowA+p.a[i], belowB+p.b[i]
		d := math.Abs(float64(belowA)/float64(p.totalA) - float64(belowB)/float64(p.totalB))
		ks = max(ks, d)
		if i+1 < len(p.values) && d > 0 {
			wasserstein += d * (p.values[i+1] - v)
		}
	}
	return ks, min(wasserstein, math.MaxFloat64)
}

// exactPairs is the number of pairs of values up to which KS is tested exactly.
const exactPairs = 1 << 20

// testDistance returns the p-values of a distance. The exact one is NaN when there
// are too many values, the asymptotic one 1 when there are too few for it.
func (p *pair) testDistance(ks float64) (exact, asymptotic float64) {
	if p.empty() {
		return 1, 1
	}
	exact, asymptotic = math.NaN(), 1
	a, b := float64(p.totalA), float64(p.totalB)
	if a*b <= exactPairs {
		exact = min(1, stat.SmirnovTail(p.totalA, p.totalB, ks))
	}
	if n := math.RoundToEven(max(a, b) * min(a, b) / (a + b)); n >= 1 {
		asymptotic = stat.KolmogorovTail(int(n), ks)
	}
	return exact, asymptotic
}

// tenths returns the inner deciles of the first table, each once, interpolated as
// NumPy's quantile does. Where all are the least value, it has a bin of its own:
// else one bin would hold all, and no share of the others could change.
func (p *pair) tenths() []float64 {
	var edges []float64
	for i := 1; i < 10; i++ {
		edges = append(edges, quantileOf(p.values, p.a, p.totalA, float64(i)*0.1))
	}
	edges = slices.Compact(edges)
	least := p.values[slices.IndexFunc(p.a, func(n int) bool { return n > 0 })]
	if len(edges) == 1 && edges[0] == least {
		edges = append(edges, math.Nextafter(least, math.Inf(1)))
	}
	return edges
}

// quantileOf returns a quantile of values that occur so often, by definition 7 of
// Hyndman and Fan.
func quantileOf(values []float64, counts []int, total int, share float64) float64 {
	at := share * float64(total-1)
	rank := int(at)
	low, high := math.NaN(), math.NaN()
	below := 0
	for i, n := range counts {
		if below <= rank && rank < below+n {
			low = values[i]
		}
		below += n
		if rank+1 < below {
			high = values[i]
			break
		}
	}
	if math.IsNaN(high) {
		return low // the last value
	}
	return stat.Interpolate(low, high, at-float64(rank))
}

// bins counts both tables between edges, and beyond the outer ones.
func (p *pair) bins(edges []float64) []Bin {
	out := make([]Bin, len(edges)+1)
	a, b := make([]int, len(out)), make([]int, len(out))
	at := 0
	for i, v := range p.values {
		for at < len(edges) && v >= edges[at] {
			at++
		}
		a[at] += p.a[i]
		b[at] += p.b[i]
	}
	for i := range out {
		out[i] = Bin{math.Inf(-1), math.Inf(1), float64(a[i]) / float64(p.totalA), float64(b[i]) / float64(p.totalB)}
		if i > 0 {
			out[i].Low = edges[i-1]
		}
		if i < len(edges) {
			out[i].High = edges[i]
		}
	}
	return out
}

// leastShare is what a share counts as in a PSI when it is smaller.
const leastShare = 1e-4

// psiTerm is what one bin adds to a population stability index.
func psiTerm(baseline, current float64) float64 {
	p, q := max(baseline, leastShare), max(current, leastShare)
	return (q - p) * math.Log(q/p)
}

// histogramBins is the number of bins of a histogram.
const histogramBins = 20

// histogram has bins of equal width over all but the outer hundredths of both
// tables, which are in the outer bins. It goes from the least to the greatest
// value, low and high.
func (p *pair) histogram(low, high float64) []Bin {
	both := make([]int, len(p.values))
	for i := range both {
		both[i] = p.a[i] + p.b[i]
	}
	from := quantileOf(p.values, both, p.totalA+p.totalB, 0.01)
	to := quantileOf(p.values, both, p.totalA+p.totalB, 0.99)
	if from >= to {
		from, to = low, high
	}
	var edges []float64
	for i := 1.0; i < histogramBins; i++ {
		edges = append(edges, from/histogramBins*(histogramBins-i)+to/histogramBins*i)
	}
	slices.Sort(edges) // neighbours may be in the wrong order where they are a rounding apart
	out := p.bins(slices.Compact(edges))
	out[0].Low, out[len(out)-1].High = min(low, out[0].High), max(high, out[len(out)-1].Low)
	return out
}
