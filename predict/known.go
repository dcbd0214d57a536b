package predict

import (
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// known is what training has seen of each feature.
type known struct {
	numbers []knownNumber
	gaps    []bool // by category: whether values were missing
}

// knownNumber is the range of a number, empty at first.
type knownNumber struct {
	low, high float64
	gaps      bool
}

func newKnown(f features) known {
	k := known{make([]knownNumber, len(f.numbers)), make([]bool, len(f.codes))}
	for i := range k.numbers {
		k.numbers[i] = knownNumber{low: math.Inf(1), high: math.Inf(-1)}
	}
	return k
}

// add takes note of the rows from low on, before high.
func (k known) add(f features, low, high int) {
	for i, x := range f.numbers {
		n := &k.numbers[i]
		least, greatest, gaps := kernel.Range(x[low:high])
		n.low, n.high, n.gaps = min(n.low, least), max(n.high, greatest), n.gaps || gaps
	}
	for i, codes := range f.codes {
		for _, code := range codes[low:high] {
			k.gaps[i] = k.gaps[i] || code < 0
		}
	}
}

// anyGaps reports whether a value was missing in any feature.
func (k known) anyGaps() bool {
	return slices.Contains(k.gaps, true) || slices.ContainsFunc(k.numbers, func(n knownNumber) bool { return n.gaps })
}

func (k known) merge(other known) {
	for i, n := range other.numbers {
		own := &k.numbers[i]
		own.low, own.high, own.gaps = min(own.low, n.low), max(own.high, n.high), own.gaps || n.gaps
	}
	for i, gaps := range other.gaps {
		k.gaps[i] = k.gaps[i] || gaps
	}
}

// centralRange returns the width of the range that holds the central share of
// the values: from the order statistic of rank ceil((1-share)/2 n) to that of as
// many before the last.
func centralRange(values []float64, share float64) float64 {
	n := len(values)
	below := max(0, int(math.Ceil((1-share)/2*float64(n)))-1)
	return stat.Nth(values, n-1-below) - stat.Nth(values, below)
}
