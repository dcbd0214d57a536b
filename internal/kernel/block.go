package kernel

import "math"

// Lanes is the number of points whose distances are computed at a time.
const Lanes = 8

// Block holds points for measuring from one point to all of them. Each value of
// eight points stands side by side, so that processors which can do so measure
// to all eight at once. On any processor the distances are those of
// [SquaredDistance] to the last bit.
type Block struct {
	n, d int
	// x has, for each group of eight points, d rows of eight values. Points
	// that fill up the last group are infinitely far away.
	x []float64
}

// NewBlock returns a block of the given points of dimension d.
func NewBlock(points []float64, d int) *Block {
	n := len(points) / d
	b := &Block{n: n, d: d, x: make([]float64, (n+Lanes-1)/Lanes*Lanes*d)}
	for i := range b.x {
		b.x[i] = math.Inf(1)
	}
	b.Set(points)
	return b
}

// Set replaces the points by as many others.
func (b *Block) Set(points []float64) {
	for i := range b.n {
		for j := range b.d {
			b.x[(i/Lanes*b.d+j)*Lanes+i%Lanes] = points[i*b.d+j]
		}
	}
}

// Width is the length of the slice that the methods need to work in.
func (b *Block) Width() int { return len(b.x) / b.d }

// NearestTwo returns the index of the point that is nearest to p, the first of
// equals, its squared distance, and that of the second nearest, +Inf if the block
// has one point only. It works in distances, which has the block's width.
func (b *Block) NearestTwo(p, distances []float64) (index int, first, second float64) {
	b.measure(p, distances)
	// Squares are not negative, so their bits compare as integers, which
	// spares branches that nobody can predict.
	best, next := int64(infinity), int64(infinity)
	for i, v := range distances[:b.n] {
		s := int64(math.Float64bits(v))
		next = min(next, max(best, s))
		if s < best {
			index = i
		}
		best = min(best, s)
	}
	return index, math.Float64frombits(uint64(best)), math.Float64frombits(uint64(next))
}

// infinity is the bits of +Inf, which compare above those of any distance.
const infinity = 0x7ff << 52

// measurePlain sets to[i] to the squared distance of p from point i, for whole
// groups.
func (b *Block) measurePlain(p, to []float64) {
	group := Lanes * b.d
	for x := b.x; len(x) > 0; x, to = x[group:], to[Lanes:] {
		var sums [Lanes]float64
		for j, v := range p {
			row := (*[Lanes]float64)(x[j*Lanes:])
			for lane, c := range row {
				diff := v - c
				sums[lane] += float64(diff * diff)
			}
		}
		copy(to, sums[:])
	}
}
