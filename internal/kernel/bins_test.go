package kernel

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func name(d, k int) string { return fmt.Sprintf("d=%d/k=%d", d, k) }

// exactly returns the sum of a column over the rows of a label, rounded once.
func exactly(x []float64, d, column int, labels []int32, label int32) float64 {
	sum := new(big.Float).SetPrec(2200)
	for row, l := range labels {
		if l == label {
			sum.Add(sum, big.NewFloat(x[row*d+column]))
		}
	}
	v, _ := sum.Float64()
	return v
}

// leastOf returns the least magnitude of each column.
func leastOf(x []float64, d int) []float64 {
	s, leasts := NewSpread(d), make([]float64, d)
	s.Add(x)
	for j := range leasts {
		_, _, _, leasts[j] = s.Column(j)
	}
	return leasts
}

// Rows come to their segments one by one, in any order and by detours.
func TestBinsAddUpExactly(t *testing.T) {
	const n, k = 120, 3
	for d := 1; d <= 9; d++ {
		random := rng.Stream(uint64(d), 6)
		extents, x := make([]float64, d), make([]float64, n*d)
		for j := range extents {
			extents[j] = math.Ldexp(1+random.Float64(), random.IntN(400)-200)
			for row := range n {
				x[row*d+j] = math.Ldexp((2*random.Float64()-1)*extents[j], -random.IntN(7*d*d))
			}
		}
		b := NewBins(extents, leastOf(x, d))
		parts := [2][]float64{b.Sums(k), b.Sums(k)}
		labels := slices.Repeat([]int32{-1}, n)
		for range 20 {
			var rows, from, to []int32
			part := random.IntN(2)
			for range 40 {
				row, label := int32(random.IntN(n/2)*2+part), int32(random.IntN(k))
				rows, from, to = append(rows, row), append(from, labels[row]), append(to, label)
				labels[row] = label
			}
			b.Move(x, rows, from, to, parts[part])
		}
		totals := b.Totals(k)
		b.AddTo(totals, parts[0])
		b.AddTo(totals, parts[1])
		for label := range int32(k) {
			for j := range d {
				if got, want := b.Total(totals, int(label), j), exactly(x, d, j, labels, label); got != want {
					t.Fatalf("d %d, segment %d, column %d: got %v, want %v", d, label, j, got, want)
				}
			}
		}
	}
}

// The magnitudes of a column may be as far apart as float64 reaches, and its sums
// lie between two numbers.
func TestBinsHoldAnyNumber(t *testing.T) {
	for name, x := range map[string][]float64{
		"one":        {3},
		"range":      {1e289, 5e-324, -1e289, 1},
		"denormal":   {5e-324, -15e-324, 1e-310, 3e-308},
		"tie":        {1, 0x1p-53},
		"above tie":  {1, 0x1p-53, 5e-324},
		"below tie":  {1, 0x1p-53, -5e-324},
		"negative":   {-1, -0x1p-53, -0x1p-120},
		"cancelling": {0x1p60, 1, 0x1p-60, -0x1p60},
		"zeros":      {0, math.Copysign(0, -1)},
	} {
		spread := NewSpread(1)
		spread.Add(x)
		_, _, largest, least := spread.Column(0)
		b := NewBins([]float64{largest}, []float64{least})
		sums, totals := b.Sums(1), b.Totals(1)
		for row := range x {
			b.Move(x, []int32{int32(row)}, []int32{-1}, []int32{0}, sums)
		}
		b.AddTo(totals, sums)
		if got, want := b.Total(totals, 0, 0), exactly(x, 1, 0, make([]int32, len(x)), 0); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// A sum of 2^32 rows is rounded once.
func TestBinsOfManyRows(t *testing.T) {
	b := NewBins([]float64{1}, []float64{1 - 0x1p-53})
	sums, totals := b.Sums(1), b.Totals(1)
	b.Move([]float64{1 - 0x1p-53}, []int32{0}, []int32{-1}, []int32{0}, sums)
	for range 10 {
		b.AddTo(totals, sums)
	}
	for bin := range totals {
		totals[bin] *= (1<<32 - 1) / 10
	}
	count := new(big.Float).SetInt64(10 * ((1<<32 - 1) / 10))
	want, _ := count.SetPrec(300).Mul(count, big.NewFloat(1-0x1p-53)).Float64()
	if got := b.Total(totals, 0, 0); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBinsOfColumnsOfZeros(t *testing.T) {
	b := NewBins([]float64{0, 0}, leastOf(nil, 2))
	sums, totals := b.Sums(1), b.Totals(1)
	b.Move(make([]float64, 4), []int32{0, 1}, []int32{-1, -1}, []int32{0, 0}, sums)
	b.AddTo(totals, sums)
	if got := b.Total(totals, 0, 1); got != 0 {
		t.Errorf("the sum of zeros is %v", got)
	}
}

func TestSpread(t *testing.T) {
	for d := 1; d <= 9; d++ {
		x := rough(31*d, uint64(d), false)
		x[5*d], x[7*d] = 0, math.Copysign(0, -1)
		s, want := NewSpread(d), NewSpread(d)
		s.Add(x[:10*d])
		s.Add(x[10*d:])
		s.Add(nil)
		addSpreadPlain(x, d, want.width, want.sums)
		if !slices.Equal(s.sums, want.sums) {
			t.Fatalf("d %d: got %v, want %v", d, s.sums, want.sums)
		}
		for j := range d {
			sum, squares, largest, least := s.Column(j)
			wantSum, wantSquares, wantLargest, wantLeast := 0.0, 0.0, 0.0, math.Inf(1)
			for at := j; at < len(x); at += d {
				square := float64(x[at] * x[at])
				wantSum, wantSquares, wantLargest = wantSum+x[at], wantSquares+square, max(wantLargest, math.Abs(x[at]))
				if x[at] != 0 {
					wantLeast = min(wantLeast, math.Abs(x[at]))
				}
			}
			if sum != wantSum || squares != wantSquares || largest != wantLargest || least != wantLeast {
				t.Fatalf("d %d, column %d: got %v, %v, %v, %v, want %v, %v, %v, %v", d, j,
					sum, squares, largest, least, wantSum, wantSquares, wantLargest, wantLeast)
			}
		}
	}
}

func BenchmarkMove(b *testing.B) {
	const n, d, k = 1000, 10, 8
	x, labels := rough(n*d, 1, false), make([]int32, n)
	rows, random := make([]int32, n), rng.Stream(1)
	for i := range rows {
		rows[i], labels[i] = int32(i), int32(random.IntN(k))
	}
	bins := NewBins(slices.Repeat([]float64{20}, d), leastOf(x, d))
	sums, none := bins.Sums(k), slices.Repeat([]int32{-1}, n)
	for b.Loop() {
		clear(sums)
		bins.Move(x, rows, none, labels, sums)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
