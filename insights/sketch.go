package insights

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// sketch is the distribution of numbers in a bounded number of buckets.
//
// Every float64 has a key, a whole number of 64 bits in the order of values. The
// buckets are the keys without their last shift bits, so that each bucket of one
// shift lies within one of the next. The shift is the least one at which the
// values fill no more buckets than its limit: with few different values each has
// a bucket of its own, and the sketch is exact. As more values only fill more
// buckets, the shift depends on the set of values alone, and so does the sketch,
// however the values were ordered and merged.
//
// Bounds of buckets are the same for all sketches of a shift. Two sketches are
// compared at the greater shift of both, where the counts between the bounds are
// exact: what rounding hides is hidden in both.
type sketch struct {
	shift int
	// keys ascend; counts are positive.
	keys   []uint64
	counts []int
}

// resolution sets the limits of a sketch.
type resolution struct {
	// first is the least shift, 0 for one at which every value is told apart.
	first int
	// fine is the limit for shifts below roughShift, and rough that from there
	// on, where numbers have few digits in a file.
	fine, rough int
}

// roughShift leaves 10 binary digits beside the exponent.
const roughShift = 42

var (
	columnResolution = resolution{0, 1000, 2000}
	// Within segments there are 12 binary digits: whole numbers up to 8,192 are
	// exact.
	segmentResolution = resolution{40, 48, 48}
)

// limit returns the greatest number of buckets. It does not fall from one shift to
// the next.
func (r resolution) limit(shift int) int {
	if shift < roughShift {
		return r.fine
	}
	return r.rough
}

// keyOf returns the key of a number; zeros are equal.
func keyOf(v float64) uint64 {
	b := math.Float64bits(v + 0)
	// All bits of a negative number are turned, the first of a positive one.
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// valueOf returns the number of a key, at most the greatest finite one.
func valueOf(key uint64) float64 {
	key = min(max(key, keyOf(-math.MaxFloat64)), keyOf(math.MaxFloat64))
	if key>>63 == 1 {
		return math.Float64frombits(key &^ (1 << 63))
	}
	return math.Float64frombits(^key)
}

// bucketBounds returns the least and the greatest number of a bucket.
func bucketBounds(key uint64, shift int) (low, high float64) {
	first := key << shift
	return valueOf(first), valueOf(first | (1<<shift - 1))
}

// middleOf returns the number that stands for a bucket: its middle.
func middleOf(key uint64, shift int) float64 {
	low, high := bucketBounds(key, shift)
	if low == high {
		return low
	}
	return min(max(low/2+high/2, low), high)
}

// roundAt replaces numbers by the middles of their buckets. NaN stays.
func roundAt(numbers []float64, shift int) []float64 {
	for i, v := range numbers {
		if !math.IsNaN(v) {
			numbers[i] = middleOf(keyOf(v)>>shift, shift)
		}
	}
	return numbers
}

// shortestOf returns the number with the fewest decimals that was found in a
// bucket, which names it in a file.
func shortestOf(key uint64, shift int) float64 {
	low, high := bucketBounds(key, shift)
	middle := middleOf(key, shift)
	for digits := range 17 {
		v, err := strconv.ParseFloat(strconv.FormatFloat(middle, 'e', digits, 64), 64)
		if err == nil && v >= low && v <= high {
			return v + 0
		}
	}
	return middle
}

// exact reports whether each bucket holds one value.
func (s *sketch) exact() bool { return s.shift == 0 }

// total returns the number of values.
func (s *sketch) total() int {
	n := 0
	for _, c := range s.counts {
		n += c
	}
	return n
}

// errorBound returns by how much the distribution function of the middles may
// differ from that of the values: the share of the fullest bucket.
func (s *sketch) errorBound() float64 {
	if s.exact() || len(s.counts) == 0 {
		return 0
	}
	return float64(slices.Max(s.counts)) / float64(s.total())
}

// at returns the sketch at a shift that is not smaller than its own.
func (s *sketch) at(shift int) sketch {
	by := shift - s.shift
	if by == 0 {
		return *s
	}
	out := sketch{shift: shift}
	for i, key := range s.keys {
		key >>= by
		if last := len(out.keys) - 1; last >= 0 && out.keys[last] == key {
			out.counts[last] += s.counts[i]
		} else {
			out.keys, out.counts = append(out.keys, key), append(out.counts, s.counts[i])
		}
	}
	return out
}

// sketcher builds a sketch. Its counts stand in a hash table that is at most half
// full.
type sketcher struct {
	resolution
	shift, used int
	slots       []slot
	// place is how far a product is shifted to give a slot.
	place int
}

type slot struct {
	key   uint64
	count int // 0 in an empty slot
}

func newSketcher(r resolution) *sketcher {
	size := bits.Len(uint(2*r.rough - 1))
	return &sketcher{resolution: r, shift: r.first, slots: make([]slot, 1<<size), place: 64 - size}
}

// firstKeys is how many keys are sorted to find the shift to start from, instead
// of raising it step by step.
const firstKeys = 1 << 12

// add counts keys that are not shifted yet.
func (s *sketcher) add(keys []uint64) {
	if s.used == 0 && len(keys) > s.fine {
		first := slices.Clone(keys[:min(firstKeys, len(keys))])
		slices.Sort(first)
		s.shift = s.leastShift(first, 0)
	}
	shift, slots, place := s.shift, s.slots, s.place
	for _, key := range keys {
		key >>= shift
		if home := &slots[key*golden>>place]; home.key == key && home.count > 0 {
			home.count++ // what count does, almost always
			continue
		}
		s.count(key, 1)
		shift = s.shift
	}
}

// leastShift returns the least shift at which keys in ascending order, of which
// the last bits are cut off already, fill no more buckets than its limit.
func (r resolution) leastShift(keys []uint64, cut int) int {
	var apart [65]int // neighbours, by the bits that must go until they are equal
	for i, key := range keys[1:] {
		apart[bits.Len64(key^keys[i])]++
	}
	buckets, shift := len(keys)-apart[0], cut
	for buckets > r.limit(shift) || shift < r.first {
		shift++
		buckets -= apart[shift-cut]
	}
	return shift
}

// golden is 2^64 over the golden ratio, by which a multiplication scatters keys.
const golden = 0x9e3779b97f4a7c15

// count adds n to the count of a bucket.
func (s *sketcher) count(key uint64, n int) {
	at := int(key * golden >> s.place)
	for s.slots[at].count != 0 {
		if s.slots[at].key == key {
			s.slots[at].count += n
			return
		}
		at = (at + 1) & (len(s.slots) - 1)
	}
	s.slots[at] = slot{key, n}
	if s.used++; s.used > s.limit(s.shift) {
		s.coarsen()
	}
}

// merge adds a sketch of the same resolution.
func (s *sketcher) merge(o *sketch) {
	if o.shift > s.shift {
		now := s.sketch()
		s.reset(now.at(o.shift))
	}
	for i, key := range o.keys {
		s.count(key<<o.shift>>s.shift, o.counts[i])
	}
}

// coarsen raises the shift to the least one that keeps its limit.
func (s *sketcher) coarsen() {
	now := s.sketch()
	s.reset(now.at(s.leastShift(now.keys, s.shift)))
}

func (s *sketcher) reset(to sketch) {
	clear(s.slots)
	s.used, s.shift = 0, to.shift
	for i, key := range to.keys {
		s.count(key, to.counts[i])
	}
}

// sketch returns what was counted.
func (s *sketcher) sketch() sketch {
	filled := make([]slot, 0, s.used)
	for _, one := range s.slots {
		if one.count != 0 {
			filled = append(filled, one)
		}
	}
	slices.SortFunc(filled, func(a, b slot) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	out := sketch{shift: s.shift, keys: make([]uint64, len(filled)), counts: make([]int, len(filled))}
	for i, one := range filled {
		out.keys[i], out.counts[i] = one.key, one.count
	}
	return out
}
