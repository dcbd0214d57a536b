package segment

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// grid returns points on a coarse grid, where ties and equal rows are frequent.
func grid(n, d int, seed uint64) points {
	random := rng.Stream(seed, 77)
	p := points{n: n, d: d, x: make([]float64, n*d)}
	for i := range p.x {
		p.x[i] = float64(random.IntN(9))
	}
	return p
}

func kmeansOf(t testing.TB, p points, c Config, seed uint64) *kmeans {
	t.Helper()
	m, err := newKMeans(t.Context(), p, c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// plainLloyd is the oracle: one step of the definition at a time, with sums that
// are rounded once. It says when a segment was empty, which it does not fill.
func plainLloyd(p points, centres []float64, iterations int) (labels []int32, inertia float64, emptied bool) {
	k := len(centres) / p.d
	labels = make([]int32, p.n)
	assign := func() {
		inertia = 0
		for i := range labels {
			best := math.Inf(1)
			for c := range k {
				s := 0.0
				for j := range p.d {
					diff := p.row(i)[j] - centres[c*p.d+j]
					s += diff * diff
				}
				if s < best {
					best, labels[i] = s, int32(c)
				}
			}
			inertia += best
		}
	}
	for range iterations {
		before := slices.Clone(centres)
		assign()
		for c := range k {
			n, sums := 0.0, make([]big.Float, p.d)
			for i, label := range labels {
				if int(label) == c {
					n++
					for j, v := range p.row(i) {
						sums[j].SetPrec(2200).Add(&sums[j], big.NewFloat(v))
					}
				}
			}
			emptied = emptied || n == 0
			for j := range sums {
				if sum, _ := sums[j].Float64(); n > 0 {
					centres[c*p.d+j] = sum / n
				}
			}
		}
		if slices.Equal(centres, before) {
			break
		}
	}
	assign()
	return labels, inertia, emptied
}

func TestLloydEqualsItsDefinition(t *testing.T) {
	compared := 0
	for seed := range uint64(2000) {
		random := rng.Stream(seed, 3)
		n, d, k := 5+random.IntN(60), 1+random.IntN(5), 1+random.IntN(5)
		p := grid(n, d, seed)
		m := kmeansOf(t, p, Config{MaxIterations: 100}.withDefaults(), seed)
		start := slices.Clone(p.x[:k*d])
		got, err := m.lloyd(context.Background(), slices.Clone(start), m.maxIterations, 0)
		if err != nil {
			t.Fatal(err)
		}
		labels, inertia, emptied := plainLloyd(p, start, 100)
		if emptied {
			continue
		}
		compared++
		if !slices.Equal(got.labels, labels) || math.Abs(got.inertia-inertia) > 1e-13*inertia {
			t.Fatalf("seed %d (n %d, d %d, k %d): inertia %v, by definition %v", seed, n, d, k, got.inertia, inertia)
		}
	}
	if compared < 1000 {
		t.Errorf("%d problems were compared, want 1000", compared)
	}
}

// Far from the origin the differences that decide drown in rounding: the bounds
// must leave room for it.
func TestLloydEqualsItsDefinitionFarFromTheOrigin(t *testing.T) {
	for seed := range uint64(300) {
		random := rng.Stream(seed, 13)
		n, d, k := 60+random.IntN(200), 1+random.IntN(3), 2+random.IntN(5)
		p := grid(n, d, seed)
		for i := range p.x {
			p.x[i] = 1e7 + p.x[i]*0x1p-28
		}
		m := kmeansOf(t, p, Config{MaxIterations: 30}.withDefaults(), seed)
		start := slices.Clone(p.x[:k*d])
		got, err := m.lloyd(context.Background(), slices.Clone(start), 30, 0)
		if err != nil {
			t.Fatal(err)
		}
		labels, _, emptied := plainLloyd(p, start, 30)
		if !emptied && !slices.Equal(got.labels, labels) {
			t.Fatalf("seed %d (n %d, d %d, k %d): not the labels of the definition", seed, n, d, k)
		}
	}
}

// Real numbers, many centres, groups of rows that are not full, outliers and
// offsets: what single precision and bounds cannot decide must be decided as in
// the definition.
func TestLloydEqualsItsDefinitionOnRealNumbers(t *testing.T) {
	shapes := map[string]func(random *rand.Rand, i int) float64{
		"cloud":     func(random *rand.Rand, _ int) float64 { return random.NormFloat64() },
		"groups":    func(random *rand.Rand, i int) float64 { return float64(7*(i%5)) + random.NormFloat64() },
		"tight":     func(random *rand.Rand, i int) float64 { return float64(i%3) + 1e-7*random.NormFloat64() },
		"outliers":  func(random *rand.Rand, i int) float64 { return random.NormFloat64() * math.Pow(10, float64(i%40/37*6)) },
		"offset":    func(random *rand.Rand, _ int) float64 { return 1e6 + random.NormFloat64() },
		"small":     func(random *rand.Rand, _ int) float64 { return 1e-170 * random.NormFloat64() },
		"closer":    func(random *rand.Rand, _ int) float64 { return 1e-158 * random.NormFloat64() },
		"vanishing": func(random *rand.Rand, _ int) float64 { return 1e-160 * random.NormFloat64() },
		"vast": func(random *rand.Rand, i int) float64 {
			return float64(i%3) + 1e15*random.NormFloat64()*float64(i%40/37)
		},
		"skewed": func(random *rand.Rand, _ int) float64 { return math.Exp(8 * random.NormFloat64()) },
		"ulps": func(random *rand.Rand, _ int) float64 {
			return float64(random.IntN(3)) + 0x1p-51*float64(random.IntN(5))
		},
	}
	for shape, of := range shapes {
		for seed := range uint64(40) {
			random := rng.Stream(seed, 21)
			n, d, k := 50+random.IntN(300), 1+random.IntN(9), 1+random.IntN(20)
			p := points{n: n, d: d, x: make([]float64, n*d)}
			for i := range p.x {
				p.x[i] = of(random, i/d)
			}
			m := kmeansOf(t, p, Config{}.withDefaults(), seed)
			start := slices.Clone(p.x[:k*d])
			got, err := m.lloyd(t.Context(), slices.Clone(start), 30, 0)
			if err != nil {
				t.Fatal(err)
			}
			labels, _, emptied := plainLloyd(p, start, 30)
			if emptied {
				continue
			}
			if !slices.Equal(got.labels, labels) {
				t.Fatalf("%s, seed %d (n %d, d %d, k %d): not the labels of the definition", shape, seed, n, d, k)
			}
			if !slices.Equal(got.centres, start) {
				t.Fatalf("%s, seed %d: centres %v, by definition %v", shape, seed, got.centres, start)
			}
		}
	}
}

// The row that is far off is none of those that the size of the frame is guessed
// from.
func TestRowsFarOffLieWithinTheFrame(t *testing.T) {
	for _, far := range []float64{1, 1e9, 1e100} {
		p := grid(1000, 2, 1)
		p.x[7] = far
		m := kmeansOf(t, p, Config{}.withDefaults(), 1)
		if reach := slices.Max(m.reaches); !(reach > 0x1p-20 && reach <= 1) {
			t.Errorf("with a value of %v, the farthest row is %v from the origin, want 1 at most", far, reach)
		}
	}
}

// One row of the first group lies between the two centres, and all others far from
// there. The centres move a little.
func TestLloydLooksAgainAtARowBetweenCentres(t *testing.T) {
	x := slices.Concat([]float64{0}, slices.Repeat([]float64{-1}, 8), slices.Repeat([]float64{1}, 7), slices.Repeat([]float64{0.8}, 16))
	p := points{n: len(x), d: 1, x: x}
	got, err := kmeansOf(t, p, Config{}.withDefaults(), 1).lloyd(t.Context(), []float64{-1, 1}, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	if labels, _, _ := plainLloyd(p, []float64{-1, 1}, 300); !slices.Equal(got.labels, labels) || labels[0] != 1 {
		t.Errorf("got %v, by definition %v", got.labels, labels)
	}
}

// A centre comes a long way, and then the others move by less than the last bit of
// that, time and again.
func TestLloydFollowsTinyMovementsAfterAGreatOne(t *testing.T) {
	for seed := range uint64(3000) {
		random := rng.Stream(seed, 31)
		n, k := 20+random.IntN(60), 3+random.IntN(4)
		p, unit := points{n: n, d: 1, x: make([]float64, n)}, math.Pow(10, -float64(16+random.IntN(4)))
		for i := range p.x {
			p.x[i] = unit * float64(random.IntN(1000))
		}
		copy(p.x, []float64{-1, 0.7, -0.8, 0.9})
		start := slices.Concat(p.x[:2], p.x[n-k+2:])
		m := kmeansOf(t, p, Config{}.withDefaults(), seed)
		got, err := m.lloyd(t.Context(), slices.Clone(start), 100, 0)
		if err != nil {
			t.Fatal(err)
		}
		if labels, _, emptied := plainLloyd(p, start, 100); !emptied && !slices.Equal(got.labels, labels) {
			t.Fatalf("seed %d: labels %v, by definition %v", seed, got.labels, labels)
		}
	}
}

func distinctPoints(p points) int {
	seen := map[string]bool{}
	for i := range p.n {
		key := ""
		for _, v := range p.row(i) {
			key += string(rune('0' + int(v)))
		}
		seen[key] = true
	}
	return len(seen)
}

func hasEmpty(labels []int32, k int) bool {
	for c := range k {
		if !slices.Contains(labels, int32(c)) {
			return true
		}
	}
	return false
}

func TestEmptySegmentsTakeTheFarthestRow(t *testing.T) {
	p := points{n: 6, d: 1, x: []float64{0, 1, 2, 10, 11, 30}}
	m := kmeansOf(t, p, Config{}.withDefaults(), 1)
	// The third centre is nobody's nearest; 30 is farthest from its own, 10.
	got, err := m.lloyd(t.Context(), []float64{1, 10, -500}, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{0, 0, 0, 1, 1, 2}; !slices.Equal(got.labels, want) {
		t.Errorf("labels are %v, want %v", got.labels, want)
	}
	if want := []float64{1, 10.5, 30}; !slices.Equal(got.centres, want) {
		t.Errorf("centres are %v, want %v", got.centres, want)
	}
}

// The farthest row is alone in its segment, and stays.
func TestEmptySegmentsTakeNoRowThatIsAlone(t *testing.T) {
	p := points{n: 3, d: 1, x: []float64{0, 1, 30}}
	m := kmeansOf(t, p, Config{}.withDefaults(), 1)
	got, err := m.lloyd(t.Context(), []float64{0.5, 20, -500}, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{2, 0, 1}; !slices.Equal(got.labels, want) {
		t.Errorf("labels are %v, want %v", got.labels, want)
	}
}

// The weight of the first row is that of its segment, by rounding, and yet the row
// is not alone.
func TestEmptySegmentsTakeAHeavyRow(t *testing.T) {
	p := points{n: 3, d: 1, x: []float64{0, 1, 10}, w: []float64{1e20, 1, 1}}
	m := kmeansOf(t, p, Config{}.withDefaults(), 1)
	got, err := m.lloyd(t.Context(), []float64{1, 10, -500}, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{2, 0, 1}; !slices.Equal(got.labels, want) {
		t.Errorf("labels are %v, want %v", got.labels, want)
	}
}

func TestNoSegmentIsLeftEmpty(t *testing.T) {
	for seed := range uint64(300) {
		p := grid(12, 1, seed)
		slices.Sort(p.x)
		k := countDistinct(p)
		m := kmeansOf(t, p, Config{Restarts: 1}.withDefaults(), seed)
		all, err := m.all(t.Context(), []int{k}, func() {})
		if err != nil {
			t.Fatal(err)
		}
		if hasEmpty(all[0].labels, k) || all[0].inertia != 0 {
			t.Fatalf("seed %d: %d distinct rows in %d segments: labels %v, inertia %v", seed, k, k, all[0].labels, all[0].inertia)
		}
	}
}

func TestStartsAreDistinctRows(t *testing.T) {
	for seed := range uint64(100) {
		p := grid(40, 2, seed)
		k := min(8, distinctPoints(p))
		m := kmeansOf(t, p, Config{}.withDefaults(), seed)
		centres, err := m.start(t.Context(), k, m.random(k, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := distinctPoints(points{n: k, d: 2, x: centres}); got != k {
			t.Fatalf("seed %d: %d of %d starting centres are distinct", seed, got, k)
		}
	}
}

// The first centre of k-means++ is any row, the second is drawn by squared
// distance: with one candidate each, frequencies must show that.
func TestDrawFollowsItsWeights(t *testing.T) {
	weights := []float64{0, 1, 0, 3, 6, 0}
	random := rng.Stream(5)
	const n = 50_000
	counts := make([]float64, len(weights))
	for range n {
		counts[draw(weights, 10, random.Float64())]++
	}
	for i, w := range weights {
		want := w / 10 * n
		if math.Abs(counts[i]-want) > 5*math.Sqrt(want+1) {
			t.Errorf("row %d was drawn %v times, want about %v", i, counts[i], want)
		}
	}
	if got := draw(weights, 10, math.Nextafter(1, 0)); got != 4 {
		t.Errorf("the last draw is row %d, want 4", got)
	}
}

func TestSwapCostIsExact(t *testing.T) {
	for seed := range uint64(50) {
		p := grid(30, 2, seed)
		m := kmeansOf(t, p, Config{}.withDefaults(), seed)
		q, err := m.run(t.Context(), 4, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := newSwap(m)
		if err := s.measure(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		got, err := s.cheapest(t.Context(), q, 7)
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for c := range q.k {
			centres := slices.Clone(q.centres)
			copy(centres[c*2:], p.row(7))
			if _, inertia, _ := plainLloyd(p, centres, 0); inertia < best {
				best = inertia
			}
		}
		if math.Abs(got.cost-best) > 1e-9 {
			t.Fatalf("seed %d: the cheapest exchange costs %v, by trying all it is %v", seed, got.cost, best)
		}
	}
}
