package kernel

import "math"

// GroupRows is the number of rows that a [Screen] looks at together.
const GroupRows = 16

// Screen measures rows from points in single precision, and tells which of the
// rows it is certain of: for these the nearest point is the one that
// [SquaredDistance] finds, whatever the rounding.
//
// Rows come in groups of sixteen, coordinate by coordinate, as [Pack] lays them
// out.
type Screen struct {
	k, d int
	// points holds the coordinates of two points side by side; a point that
	// fills up the last pair is infinitely far away.
	points []float32
}

// Verdict is what a screen finds for a group of rows.
type Verdict struct {
	// Nearest is the nearest point of each row.
	Nearest [GroupRows]int32
	// Changed and Doubtful have a bit for each row: that it had another label,
	// and that another point may be the nearest.
	Changed, Doubtful uint32
	// Gap is less than the difference between the distances of the second
	// nearest and the nearest point of every row that is not doubtful.
	Gap float32
}

// NewScreen returns a screen of k points of dimension d.
func NewScreen(k, d int) *Screen {
	s := &Screen{k, d, make([]float32, (k+1)/2*2*d)}
	for i := range s.points {
		s.points[i] = float32(math.Inf(1))
	}
	return s
}

// Set replaces the points.
func (s *Screen) Set(f Frame, points []float64) {
	for i, v := range points {
		s.points[s.place(i/s.d, i%s.d)] = float32((v - f.origin[i%s.d]) * f.scale)
	}
}

// place is where a coordinate of a point stands.
func (s *Screen) place(point, coordinate int) int {
	return (point/2*s.d+coordinate)*2 + point%2
}

// Look screens a group of rows, none farther than reach from the origin of the
// frame, whose labels are given.
//
// With u = 2^-24, a computed distance r of a row x from a point at distance t
// differs from t by at most 2.1 u |x| for the rounding of the coordinates, 2.1 u
// t for that of the point and of the difference, and (d+3)/2 u t for that of the
// squares, their sum and the root; underflow adds less than 2^-59. What is
// allowed here is twice that, which leaves room for double precision.
func (s *Screen) Look(x []float32, labels *[GroupRows]int32, reach float32, v *Verdict) {
	const u = 0x1p-24
	relative := float32(s.d+16) * u
	s.look(x[:s.d*GroupRows], labels, 1-relative, 1+relative, 10*u*reach+0x1p-57, v)
}

// lookPlain is certain of a row where less times the second distance exceeds more
// times the first by the margin.
func (s *Screen) lookPlain(x []float32, labels *[GroupRows]int32, less, more, margin float32, v *Verdict) {
	infinite := float32(math.Inf(1))
	v.Changed, v.Doubtful, v.Gap = 0, 0, infinite
	for row := range GroupRows {
		first, second, nearest := infinite, infinite, int32(0)
		for c := range s.k {
			squared := float32(0)
			for j := range s.d {
				diff := x[j*GroupRows+row] - s.points[s.place(c, j)]
				squared += diff * diff
			}
			second = min(second, max(first, squared))
			if squared < first {
				first, nearest = squared, int32(c)
			}
		}
		v.Nearest[row] = nearest
		if labels[row] != nearest {
			v.Changed |= 1 << row
		}
		gap := root(second)*less - root(first)*more - margin
		if gap > 0 {
			v.Gap = min(v.Gap, gap)
		} else {
			v.Doubtful |= 1 << row
		}
	}
}

func root(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// Frame is where single precision looks at points from: they are measured from an
// origin, and divided by a power of two so that they lie within the unit ball.
type Frame struct {
	origin []float64
	scale  float64
}

// NewFrame returns the frame for points none of which is farther than extent from
// the origin. It does not look closer than 2^-400: squares of distances far below
// that vanish in double precision, where the nearest point is the first of all.
func NewFrame(origin []float64, extent float64) Frame {
	_, exponent := math.Frexp(extent)
	return Frame{origin, math.Ldexp(1, -max(-400, min(exponent, 1000)))}
}

// Resized returns the frame with the same origin for points of another extent.
func (f Frame) Resized(extent float64) Frame { return NewFrame(f.origin, extent) }

// Scale is what distances are multiplied by.
func (f Frame) Scale() float64 { return f.scale }

// Pack lays the rows of x out for a screen, in groups of sixteen; the last row
// fills up the last group. It sets reaches to the distance of the farthest row of
// each group from the origin, rounded up.
func (f Frame) Pack(x []float64, packed, reaches []float32) {
	d := len(f.origin)
	whole := len(x) / (GroupRows * d)
	f.pack(x[:whole*GroupRows*d], packed, reaches[:whole])
	f.packPlain(x[whole*GroupRows*d:], packed[whole*GroupRows*d:], reaches[whole:])
}

func (f Frame) packPlain(x []float64, packed, reaches []float32) {
	d := len(f.origin)
	rows := len(x) / d
	for g := range reaches {
		group, farthest := packed[g*d*GroupRows:][:d*GroupRows], 0.0
		for lane := range GroupRows {
			row := min(g*GroupRows+lane, rows-1)
			squared := 0.0
			for j, v := range x[row*d : (row+1)*d] {
				scaled := (v - f.origin[j]) * f.scale
				group[j*GroupRows+lane] = float32(scaled)
				squared += float64(scaled * scaled)
			}
			farthest = max(farthest, squared)
		}
		reaches[g] = reach(farthest)
	}
}

// reach is the distance that belongs to a square, rounded up.
func reach(squared float64) float32 { return float32(math.Sqrt(squared) * (1 + 0x1p-20)) }
