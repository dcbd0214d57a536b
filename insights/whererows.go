package insights

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// equalRows finds rows of both tables that are equal in the columns compared,
// where further columns hide that they are the same: none if rows of a table are
// equal, too.
func (s *twoSamples) equalRows() map[int]int {
	twins, at := map[int]int{}, make(map[uint64]int, s.rows)
	for row := range s.rows {
		hash := s.hash(row)
		first, found := at[hash]
		if !found {
			at[hash] = row
			continue
		}
		if _, taken := twins[first]; taken || row < s.old || first >= s.old {
			return nil
		}
		twins[first] = row
	}
	return twins
}

func (s *twoSamples) hash(row int) uint64 {
	h := uint64(0)
	for _, c := range s.columns {
		if c.values != nil {
			h ^= math.Float64bits(c.values[row])
		} else {
			h ^= uint64(c.codes[row])
		}
		h = mixBits(h * golden)
	}
	return h
}

// twinsOf finds the rows that are in both samples, if rows of a table differ from
// one another. Where they do not, equal rows are nothing special.
func twinsOf(a, b rowSample, old, young []int) map[int]int {
	twins := map[int]int{}
	if a.repeats() || b.repeats() {
		return twins
	}
	at := make(map[uint64]int, len(young))
	for i, row := range young {
		at[b.hashes[row]] = len(old) + i
	}
	for i, row := range old {
		if twin, ok := at[a.hashes[row]]; ok {
			twins[i] = twin
		}
	}
	return twins
}

// comparableRows returns the rows of two samples that can be compared, a row as
// often as it occurs, at most [SampleRows] of each.
//
// A sample holds the different rows of the lowest hashes. Where rows occur more
// than once, a frequent one is in it or not by the luck of its hash, and so may be
// in one sample and not in the other. Up to the lower of the two highest hashes
// both hold whatever occurs, and only these rows are compared.
func comparableRows(a, b rowSample, random *rand.Rand) (old, young []int) {
	most := uint64(math.MaxUint64)
	if a.repeats() || b.repeats() {
		most = min(a.complete(), b.complete())
	}
	return a.draw(most, random), b.draw(most, random)
}

// equals reports whether the rows are the same.
func (s *rowSample) equals(o *rowSample) bool {
	return slices.Equal(s.hashes, o.hashes) && slices.Equal(s.counts, o.counts)
}

func (s rowSample) repeats() bool {
	return slices.ContainsFunc(s.counts, func(n int) bool { return n > 1 })
}

// complete returns the hash up to which no row is missing.
func (s rowSample) complete() uint64 {
	if len(s.hashes) < SampleRows {
		return math.MaxUint64
	}
	return s.hashes[len(s.hashes)-1]
}

// draw returns the rows with hashes up to a limit, each as often as it occurs; if
// there are more than [SampleRows], a random choice of them.
func (s rowSample) draw(most uint64, random *rand.Rand) []int {
	total := 0
	for i, n := range s.counts {
		if s.hashes[i] <= most {
			total += n
		}
	}
	places := choose(total, min(total, SampleRows), random)
	drawn := make([]int, 0, len(places))
	end := 0
	for i, n := range s.counts {
		if s.hashes[i] > most {
			break
		}
		for end += n; len(drawn) < len(places) && places[len(drawn)] < end; {
			drawn = append(drawn, i)
		}
	}
	return drawn
}

// choose returns k different numbers below n in ascending order. It is the
// algorithm of Floyd in Bentley, "Programming pearls: a sample of brilliance",
// 1987, which needs no memory beyond them.
func choose(n, k int, random *rand.Rand) []int {
	chosen := make(map[int]bool, k)
	for last := n - k; last < n; last++ {
		if i := random.IntN(last + 1); !chosen[i] {
			chosen[i] = true
		} else {
			chosen[last] = true
		}
	}
	return slices.Sorted(maps.Keys(chosen))
}
