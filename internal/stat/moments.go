package stat

import (
	"math"
	"slices"
)

// Moments accumulates count, mean, variance and range of numbers. The zero value
// is empty. Parts are merged as by Chan, Golub and LeVeque, "Updating formulae
// and a pairwise algorithm for computing sample variances", 1979; each part is
// measured from a value of its own, so that a large common offset costs no
// accuracy.
type Moments struct {
	n            int
	origin, mean float64 // mean is measured from origin
	m2           float64
	low, high    float64
}

// Add adds values; NaN is left out.
func (m *Moments) Add(values []float64) {
	for part := range slices.Chunk(values, ChunkRows) {
		m.Merge(momentsOf(part))
	}
}

func momentsOf(values []float64) Moments {
	var m Moments
	sum := 0.0
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if m.n == 0 {
			m.origin, m.low, m.high = v, v, v
		}
		m.n++
		sum += v - m.origin
		m.low, m.high = min(m.low, v), max(m.high, v)
	}
	if m.n == 0 {
		return m
	}
	m.mean = sum / float64(m.n)
	for _, v := range values {
		if !math.IsNaN(v) {
			d := v - m.origin - m.mean
			m.m2 += d * d
		}
	}
	return m
}

// Merge adds what other holds.
func (m *Moments) Merge(other Moments) {
	switch {
	case other.n == 0:
		return
	case m.n == 0:
		*m = other
		return
	}
	total := float64(m.n + other.n)
	share := float64(other.n) / total
	delta := (other.origin - m.origin) + (other.mean - m.mean)
	m.m2 += other.m2 + delta*delta*float64(m.n)*share
	m.mean += delta * share
	m.n += other.n
	m.low, m.high = min(m.low, other.low), max(m.high, other.high)
}

// Count returns the number of values.
func (m *Moments) Count() int { return m.n }

// Mean returns the mean, NaN without values.
func (m *Moments) Mean() float64 {
	if m.n == 0 {
		return math.NaN()
	}
	return m.origin + m.mean
}

// Variance returns the sum of squared deviations from the mean over n - ddof,
// NaN when that is not positive.
func (m *Moments) Variance(ddof int) float64 {
	if m.n <= ddof {
		return math.NaN()
	}
	return m.m2 / float64(m.n-ddof)
}

// Range returns the smallest and the largest value, NaN without values.
func (m *Moments) Range() (low, high float64) {
	if m.n == 0 {
		return math.NaN(), math.NaN()
	}
	return m.low, m.high
}
