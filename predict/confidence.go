package predict

import "math"

// Confidence grades a single prediction by the width of its interval and by how
// much the customer is like those trained on. The width counts in relation to the
// spread of the target: the width of the range that holds the central share
// Config.Level of the target's values in training, which is what an interval
// around the plain average would need.
//
//   - [HighConfidence] is for an interval of at most half the spread,
//   - [MediumConfidence] for one of at most 85 percent of it,
//   - [LowConfidence] for any other.
//
// For each column whose value is missing, was not seen in training or lies outside
// the range seen there it is one grade lower, for a number further outside than
// that range is wide two. That a value is missing does not count where a forest
// was trained on missing values. A predictor whose [Verdict] is [NoSkill], or that
// has no intervals, gives low confidence only.
type Confidence string

// The grades, from worst to best.
const (
	LowConfidence    Confidence = "low"
	MediumConfidence Confidence = "medium"
	HighConfidence   Confidence = "high"
)

// confidence grades an interval of the given width for a row with so many doubts.
func (p *Predictor) confidence(width float64, doubts int) Confidence {
	if p.verdict == NoSkill || p.widths.method == "" {
		return LowConfidence
	}
	grades := []Confidence{HighConfidence, MediumConfidence, LowConfidence}
	grade := 2
	switch {
	case width <= 0.5*p.widths.spread:
		grade = 0
	case width <= 0.85*p.widths.spread:
		grade = 1
	}
	return grades[min(grade+doubts, 2)]
}

// doubts counts by how many grades a number lowers the confidence.
func (n knownNumber) doubts(v float64) int {
	width := n.high - n.low
	switch {
	case math.IsNaN(v) && n.gaps:
		return 0
	case v < n.low-width || v > n.high+width:
		return 2
	case !(v >= n.low && v <= n.high):
		return 1
	}
	return 0
}
