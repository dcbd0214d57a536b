package explain

import "math"

// leafTable computes the Shapley values of a leaf for all patterns of satisfied
// features at once.
//
// For a point t of the quadrature let worth(o) be the product over the features
// of z(1-t) + o t for pattern o, or its mean over the rows of a background, for
// which z is 0 or 1. Then the value of a feature that the pattern does not satisfy
// is the integral of -worth(o) / (1-t), and that of one which it does satisfy is
// the integral of
//
//	worth(o) / t  -  worth(o without it) / (t (1-t))
//
// which divides by no factor that may be 0. Since 1 / (t (1-t)) is 1/t + 1/(1-t),
// two sums over the points suffice for all features. Interactions apply the rule
// to two features at once, which takes three sums.
type leafTable struct {
	quadratures []quadrature
	players     []player
	// counts has by pattern the rows of the background, of which there are
	// background; odd is a part of it while counting. worths has the worth.
	background  int
	counts, odd []uint32
	worths      []float64
	// sums has, by k and pattern, the sum of worth / ((1-t)^(order-k) t^k).
	sums [][]float64
	// values has, by pattern and a stride apart, the results.
	values []float64
}

func (l *leafTable) mask() uint16 { return 1<<len(l.players) - 1 }

// reset gets ready for the games of order 1, of values, or 2, of interactions, at
// a leaf with the given players.
func (l *leafTable) reset(order int, players []player) {
	l.players, l.background = players, 0
	for len(l.quadratures) <= len(players) {
		l.quadratures = append(l.quadratures, newQuadrature(len(l.quadratures)))
	}
	n := 1 << len(players)
	l.worths = resize(l.worths, n)
	for len(l.sums) <= order {
		l.sums = append(l.sums, nil)
	}
	for k := range l.sums {
		l.sums[k] = resize(l.sums[k], n)
		clear(l.sums[k])
	}
}

// fill sets the sums for a leaf with a value, from the patterns of the background
// if some have been counted, or else from the shares of the players.
func (l *leafTable) fill(value float64) {
	order := len(l.sums) - 1
	q := l.quadratures[len(l.players)]
	for i, t := range q.points {
		scale := value * q.weights[i]
		if l.background > 0 {
			l.transform(t, scale/float64(l.background))
		} else {
			l.product(t, scale)
		}
		for k, sums := range l.sums {
			l.addTo(sums, math.Pow(1-t, float64(k-order))*math.Pow(t, -float64(k)))
		}
	}
}

// resize returns a slice of n values, whatever they are.
func resize[T any](v []T, n int) []T {
	if cap(v) < n {
		return make([]T, n)
	}
	return v[:n]
}

func (l *leafTable) addTo(sums []float64, weight float64) {
	for o, v := range l.worths[:len(sums)] {
		sums[o] += weight * v
	}
}

// product sets worths to scale * the products of the factors at t.
func (l *leafTable) product(t, scale float64) {
	l.worths[0] = scale
	for k, p := range l.players {
		off := p.share * (1 - t)
		on := off + t
		low, high := l.worths[:1<<k], l.worths[1<<k:2<<k]
		for o, v := range low {
			low[o], high[o] = v*off, v*on
		}
	}
}

// count counts the patterns of the background. Neighbours are often equal, and two
// counters need not wait for each other.
func (l *leafTable) count(background []uint16) {
	l.background = len(background)
	n := len(l.worths)
	l.counts, l.odd = resize(l.counts, n), resize(l.odd, n)
	clear(l.counts)
	clear(l.odd)
	even, odd, mask := l.counts, l.odd, l.mask()
	for ; len(background) >= 2; background = background[2:] {
		even[background[0]&mask]++
		odd[background[1]&mask]++
	}
	for _, pattern := range background {
		even[pattern&mask]++
	}
	for o, n := range odd {
		even[o] += n
	}
}

// recall sets the counts to those that were kept.
func (l *leafTable) recall(kept []patternCount, background int) {
	l.background = background
	l.counts = resize(l.counts, len(l.worths))
	clear(l.counts)
	for _, k := range kept {
		l.counts[k.pattern] = k.rows
	}
}

// transform sets worths to scale * the sum of the products over the rows of the
// background: a feature that a row of it does not satisfy has the factors 0
// and t, one that it does satisfy 1-t and 1.
func (l *leafTable) transform(t, scale float64) {
	for o, n := range l.counts {
		l.worths[o] = float64(n) * scale
	}
	u := 1 - t
	for bit := 1; bit < len(l.worths); bit *= 2 {
		for base := 0; base < len(l.worths); base += 2 * bit {
			low, high := l.worths[base:base+bit], l.worths[base+bit:base+2*bit]
			for o, v := range low {
				w := high[o]
				low[o], high[o] = u*w, t*v+w
			}
		}
	}
}

// setValues sets values, that of player k at columns[k], or at k without columns.
func (l *leafTable) setValues(columns []int, stride int) {
	early, late := l.sums[0], l.sums[1]
	l.values = resize(l.values, len(early)*stride)
	clear(l.values)
	for k := range l.players {
		bit, column := 1<<k, k
		if columns != nil {
			column = columns[k]
		}
		for base := 0; base < len(early); base += 2 * bit {
			for o := base; o < base+bit; o++ {
				l.values[o*stride+column] = -early[o]
				l.values[(o+bit)*stride+column] = late[o+bit] - late[o] - early[o]
			}
		}
	}
}

// setInteractions sets values to the interactions of each player with those
// before it.
func (l *leafTable) setInteractions() {
	n := len(l.players)
	l.values = resize(l.values, len(l.worths)*pairs(n))
	for k := range n {
		for j := range k {
			l.setPair(1<<j, 1<<k, l.values[pairs(k)+j:], pairs(n))
		}
	}
}

// setPair sets the interactions of the players with two bits, stride apart.
func (l *leafTable) setPair(first, second int, values []float64, stride int) {
	early, mixed, late := l.sums[0], l.sums[1], l.sums[2]
	for high := 0; high < len(early); high += 2 * second {
		for low := high; low < high+second; low += 2 * first {
			for o := low; o < low+first; o++ {
				one, two, both := o+first, o+second, o+first+second
				none := early[o] + mixed[o]
				values[o*stride] = early[o]
				values[one*stride] = none - mixed[one]
				values[two*stride] = none - mixed[two]
				values[both*stride] = none + mixed[o] + late[o] - (late[one] + mixed[one]) - (late[two] + mixed[two]) + late[both]
			}
		}
	}
}

// scatter adds to each of the rows the values of its pattern, at the given columns.
func (l *leafTable) scatter(rows []float64, patterns []uint16, stride int, columns []int) {
	mask := l.mask()
	for i, pattern := range patterns {
		to := rows[i*stride : (i+1)*stride]
		for k, v := range l.values[int(pattern&mask)*len(columns):][:len(columns)] {
			to[columns[k]] += v
		}
	}
}

// pairs returns the number of pairs of n things, which is also the index of the
// first pair of the next thing with those before it.
func pairs(n int) int { return n * (n - 1) / 2 }
