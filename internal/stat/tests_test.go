package stat_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"testing"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// goldenTests is testdata/tests.json: SciPy 1.17.1, by make_tests.py beside it,
// which names the calls.
type goldenTests struct {
	Kolmogorov []struct {
		N    int
		D, P float64
	}
	Smirnov []struct {
		M, N int
		D, P float64
	}
	Shares []struct {
		K, N, L, M int
		P          float64
	}
	Adjusted []struct{ P, BH []float64 }
}

func readGoldenTests(t *testing.T) goldenTests {
	t.Helper()
	file, err := os.ReadFile("testdata/tests.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden goldenTests
	if err := json.Unmarshal(file, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Kolmogorov) < 300 || len(golden.Smirnov) < 50 || len(golden.Shares) < 9 || len(golden.Adjusted) < 4 {
		t.Fatal("figures are missing from testdata/tests.json")
	}
	return golden
}

// closeTo allows an absolute error too: a tail that is 1 minus the body has no
// more digits than that, here and in SciPy.
func closeTo(t *testing.T, what string, got, want, relative, absolute float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > relative*math.Abs(want)+absolute {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
}

func TestKolmogorovTailEqualsSciPy(t *testing.T) {
	for _, want := range readGoldenTests(t).Kolmogorov {
		closeTo(t, fmt.Sprintf("n = %d, d = %v", want.N, want.D), stat.KolmogorovTail(want.N, want.D), want.P, 1e-10, 1e-11)
	}
}

func TestSmirnovTailEqualsSciPy(t *testing.T) {
	for _, want := range readGoldenTests(t).Smirnov {
		closeTo(t, fmt.Sprintf("m = %d, n = %d, d = %v", want.M, want.N, want.D), stat.SmirnovTail(want.M, want.N, want.D), want.P, 1e-10, 0)
		closeTo(t, fmt.Sprintf("m = %d, n = %d, d = %v", want.N, want.M, want.D), stat.SmirnovTail(want.N, want.M, want.D), want.P, 1e-10, 0)
	}
}

func TestTwoSharesEqualsSciPy(t *testing.T) {
	for _, want := range readGoldenTests(t).Shares {
		closeTo(t, fmt.Sprintf("%+v", want), stat.TwoShares(want.K, want.N, want.L, want.M), want.P, 1e-8, 0)
	}
}

// SciPy 1.17.1 has seven digits for tables as large as these.
func TestTwoSharesOfLargeTables(t *testing.T) {
	for _, c := range [][4]int{{7, 1e6, 40, 1e6}, {5, 1e8, 5, 1e8}, {3, 1e8, 7, 1e8}, {3, 1e9, 9, 2e9}, {0, 5, 9, 1e9}, {5, min(1<<53, math.MaxInt), 9, min(1<<53, math.MaxInt)}, {1e9 - 4, 1e9, 1e9 - 30, 1e9}} {
		closeTo(t, fmt.Sprint(c), stat.TwoShares(c[0], c[1], c[2], c[3]), slowFisher(c[0], c[1], c[2], c[3]), 1e-12, 0)
	}
}

// slowFisher counts the tables with the margins of the given one in whole numbers.
func slowFisher(k, n, l, m int) float64 {
	cases := k + l
	ways := func(x int) *big.Int {
		a, b := min(x, n-x), min(cases-x, m-cases+x)
		return new(big.Int).Mul(new(big.Int).Binomial(int64(n), int64(a)), new(big.Int).Binomial(int64(m), int64(b)))
	}
	tail, all := new(big.Int), new(big.Int)
	for x := max(0, cases-m); x <= min(n, cases); x++ {
		w := ways(x)
		all.Add(all, w)
		if w.Cmp(ways(k)) <= 0 {
			tail.Add(tail, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(tail, all).Float64()
	return p
}

func TestBenjaminiHochbergEqualsSciPy(t *testing.T) {
	for _, want := range readGoldenTests(t).Adjusted {
		for i, p := range stat.BenjaminiHochberg(want.P) {
			closeTo(t, fmt.Sprint(want.P), p, want.BH[i], 1e-14, 0)
		}
	}
}

// The figures follow from the definition: p times the number of those that are
// not smaller, never less than a smaller one has.
func TestHolm(t *testing.T) {
	got := stat.Holm([]float64{0.04, 0.01, 0.9, 0.03})
	for i, want := range []float64{0.09, 0.04, 0.9, 0.09} {
		closeTo(t, fmt.Sprint(i), got[i], want, 1e-15, 0)
	}
}
