package kernel

import (
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// screened packs rows and looks at them all, with the labels -1, from an origin.
func screened(x, points, origin []float64) (verdicts []Verdict, scale float64) {
	d := len(origin)
	extent := 0.0
	for _, v := range x {
		extent = max(extent, math.Abs(v))
	}
	f := NewFrame(origin, 2*extent*math.Sqrt(float64(d)))
	groups := (len(x)/d + GroupRows - 1) / GroupRows
	packed, reaches := make([]float32, groups*GroupRows*d), make([]float32, groups)
	f.Pack(x, packed, reaches)
	s := NewScreen(len(points)/d, d)
	s.Set(f, points)
	var none [GroupRows]int32
	for i := range none {
		none[i] = -1
	}
	verdicts = make([]Verdict, groups)
	for g := range verdicts {
		s.Look(packed[g*GroupRows*d:], &none, reaches[g], &verdicts[g])
	}
	return verdicts, f.Scale()
}

// nearTies returns rows of which most lie all but exactly between two points.
func nearTies(n, d int, points []float64, seed uint64) []float64 {
	random, k := rng.Stream(seed, 4), len(points)/d
	x := make([]float64, n*d)
	for i := range n {
		a, b := points[random.IntN(k)*d:], points[random.IntN(k)*d:]
		off := math.Ldexp(random.NormFloat64(), -random.IntN(50))
		for j := range d {
			x[i*d+j] = (a[j]+b[j])/2 + off*(b[j]-a[j])
		}
	}
	return x
}

func TestScreenIsRightWhereItIsCertain(t *testing.T) {
	certain := 0
	for d := 1; d <= 11; d++ {
		for k := 1; k <= 9; k++ {
			for _, offset := range []float64{0, 30, 1e4} {
				points := coarse(k, d, uint64(k))
				for i := range points {
					points[i] = points[i]*math.Pi + offset
				}
				x := nearTies(50, d, points, uint64(d))
				for at := 0; at < len(x); at += d { // each in a group of its own
					row := x[at : at+d]
					for _, origin := range [][]float64{row, make([]float64, d)} {
						verdicts, scale := screened(row, points, origin)
						if verdicts[0].Doubtful == 0 {
							certain++
							checkCertain(t, row, points, verdicts[0], scale)
						}
					}
				}
			}
		}
	}
	if certain < 5000 {
		t.Errorf("%d rows were certain, want 5000", certain)
	}
}

func checkCertain(t *testing.T, p, points []float64, v Verdict, scale float64) {
	t.Helper()
	d := len(p)
	index, first := Nearest(p, points)
	second := math.Inf(1)
	for c := range len(points) / d {
		if c != index {
			second = min(second, SquaredDistance(p, points[c*d:(c+1)*d]))
		}
	}
	for _, nearest := range v.Nearest {
		if int(nearest) != index || v.Changed != 1<<GroupRows-1 {
			t.Fatalf("row %v, points %v: certain of %d, want %d", p, points, nearest, index)
		}
	}
	if gap := (math.Sqrt(second) - math.Sqrt(first)) * scale; !(v.Gap > 0) || float64(v.Gap) > gap {
		t.Fatalf("row %v, points %v: the gap is %v, and said to be %v", p, points, gap, v.Gap)
	}
}

func TestScreenDoubtsFewRows(t *testing.T) {
	const n, d, k = 4096, 6, 8
	x, doubtful := rough(n*d, 1, false), 0
	verdicts, _ := screened(x, x[:k*d], make([]float64, d))
	for _, v := range verdicts {
		for left := v.Doubtful; left != 0; left &= left - 1 {
			doubtful++
		}
	}
	if doubtful > n/500 {
		t.Errorf("%d of %d rows are doubtful", doubtful, n)
	}
}

func TestScreenDoubtsWhatSinglePrecisionCannotHold(t *testing.T) {
	for name, points := range map[string][]float64{"equal": {1, 1}, "vast": {1e300, -1e300}} {
		verdicts, _ := screened([]float64{1, 2, 3}, points, []float64{2})
		if verdicts[0].Doubtful&7 != 7 {
			t.Errorf("%s points: doubtful rows are %b", name, verdicts[0].Doubtful&7)
		}
	}
}

// The second point is nearer, but both squared distances are 0 in double precision.
func TestScreenDoubtsWhereSquaresVanish(t *testing.T) {
	verdicts, _ := screened([]float64{0, 3e-162}, []float64{1e-162, 5e-163}, []float64{0})
	if verdicts[0].Doubtful&1 == 0 {
		t.Errorf("row 0 is said to be nearest to point %d", verdicts[0].Nearest[0])
	}
}

// The rows beyond the last whole group, and all rows elsewhere, are packed by the
// plain twin.
func TestPackLikeThePlainOne(t *testing.T) {
	for d := 1; d <= 9; d++ {
		for _, n := range []int{1, 15, 16, 17, 32, 50} {
			x, f := rough(n*d, uint64(n), false), NewFrame(rough(d, 3, false), 40)
			groups := (n + GroupRows - 1) / GroupRows
			got, want := make([]float32, groups*GroupRows*d), make([]float32, groups*GroupRows*d)
			gotReaches, wantReaches := make([]float32, groups), make([]float32, groups)
			f.Pack(x, got, gotReaches)
			f.packPlain(x, want, wantReaches)
			if !slices.Equal(got, want) || !slices.Equal(gotReaches, wantReaches) {
				t.Fatalf("d %d, n %d: got %v and %v, want %v and %v", d, n, got, gotReaches, want, wantReaches)
			}
		}
	}
}

func BenchmarkPack(b *testing.B) {
	const n, d = 1600, 10
	x, f := rough(n*d, 1, false), NewFrame(rough(d, 3, false), 40)
	packed, reaches := make([]float32, n*d), make([]float32, n/GroupRows)
	for b.Loop() {
		f.Pack(x, packed, reaches)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}

func BenchmarkScreen(b *testing.B) {
	const groups = 16
	for _, size := range []struct{ d, k int }{{3, 7}, {10, 8}, {10, 20}} {
		x := rough(groups*GroupRows*size.d, 1, false)
		f := NewFrame(make([]float64, size.d), 20)
		packed, reaches := make([]float32, len(x)), make([]float32, groups)
		f.Pack(x, packed, reaches)
		s := NewScreen(size.k, size.d)
		s.Set(f, x[:size.k*size.d])
		b.Run(name(size.d, size.k), func(b *testing.B) {
			var labels [GroupRows]int32
			var v Verdict
			for b.Loop() {
				for g := range groups {
					s.Look(packed[g*GroupRows*size.d:], &labels, reaches[g], &v)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(groups*GroupRows), "ns/row")
		})
	}
}
