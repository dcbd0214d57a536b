package predict

import "math"

// span is what a model itself takes for the range of a row's target.
type span struct{ low, high float64 }

// sample holds what was predicted for rows beside what happened. Spans and groups
// are empty where there are none.
type sample struct {
	actual, predicted []float64
	spans             []span
	groups            []int32
}

// newSample returns room for the predictions of as many rows.
func newSample(actual []float64) sample {
	return sample{actual: actual, predicted: make([]float64, len(actual))}
}

func (s sample) slice(low, high int) sample {
	out := sample{actual: s.actual[low:high], predicted: s.predicted[low:high]}
	if s.spans != nil {
		out.spans = s.spans[low:high]
	}
	if s.groups != nil {
		out.groups = s.groups[low:high]
	}
	return out
}

// span returns what the model takes for the range of a row, nothing if there is none.
func (s sample) span(i int) span {
	if s.spans == nil {
		return span{}
	}
	return s.spans[i]
}

// group returns the group of a row, -1 for none.
func (s sample) group(i int) int32 {
	if s.groups == nil {
		return -1
	}
	return s.groups[i]
}

// misses returns how far the target of each row lies outside what the method
// takes for its range, less than 0 inside: the conformity scores of conformal
// prediction, with a single point as the range for [ConstantWidth].
func (s sample) misses(m IntervalMethod) []float64 {
	out := make([]float64, len(s.actual))
	for i, actual := range s.actual {
		if m == QuantileWidth {
			out[i] = max(s.spans[i].low-actual, actual-s.spans[i].high)
			continue
		}
		out[i] = math.Abs(actual - s.predicted[i])
	}
	return out
}
