package segment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/internal/rng"
)

func gaussian(n, d int, seed uint64) points {
	random := rng.Stream(seed, uint64(n), uint64(d))
	p := points{n: n, d: d, x: make([]float64, n*d)}
	for i := range p.x {
		p.x[i] = random.NormFloat64()
	}
	return p
}

// tied returns points of which many are equal, or as far apart as others.
func tied(random *rand.Rand) points {
	n, d, levels := 1+random.IntN(200), 1+random.IntN(10), 2+random.IntN(12)
	p := points{n: n, d: d, x: make([]float64, n*d)}
	for i := range p.x {
		p.x[i] = float64(random.IntN(levels)) / 4
		if random.IntN(20) == 0 {
			p.x[i] = 3 * random.NormFloat64()
		}
	}
	return p
}

func TestDensityEqualsItsDefinition(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(600) {
		random := rng.Stream(seed, 7)
		p := tied(random)
		c := Config{Epsilon: float64(1+random.IntN(8)) / 4, MinSamples: 1 + random.IntN(8)}
		if seed%10 == 0 {
			c.Epsilon = math.Sqrt(float64(p.d)) * 3
		}
		want, wantCore := plainDBSCAN(p, c.Epsilon, c.MinSamples)
		got, isCore := dense(t, p, c)
		if !slices.Equal(isCore, wantCore) {
			t.Fatalf("seed %d: core rows are %v, want %v", seed, indicesOf(isCore), indicesOf(wantCore))
		}
		if !slices.Equal(got.labels, want) {
			t.Fatalf("seed %d: labels are %v, want %v", seed, got.labels, want)
		}
		kinds[fmt.Sprintf("%d parts", min(got.k, 2))]++
	}
	if len(kinds) < 3 {
		t.Errorf("problems gave %v only, want none, one and several parts", kinds)
	}
}

func TestDensityAssignsFurtherRowsByTheirNearestCoreRow(t *testing.T) {
	p := gaussian(150, 3, 1)
	const epsilon = 0.8
	found, isCore := dense(t, p, Config{Epsilon: epsilon, MinSamples: 6})
	further := gaussian(200, 3, 2)
	noise := 0
	for i := range further.n {
		q := points{n: p.n + 1, d: 3, x: append(slices.Clone(p.x), further.row(i)...)}
		want := Noise
		if core := nearestOf(q, p.n, epsilon, append(slices.Clone(isCore), false)); core >= 0 {
			want = int(found.labels[core])
		} else {
			noise++
		}
		if got := assignOne(found.rule, further.row(i)); got != want {
			t.Errorf("row %d is assigned to %d, want %d", i, got, want)
		}
	}
	if noise == 0 || noise == further.n {
		t.Errorf("%d of %d rows are noise, want some", noise, further.n)
	}
}

func TestDensityRenumbersItsRule(t *testing.T) {
	p := points{n: 4, d: 1, x: []float64{0, 0.1, 5, 5.1}}
	found, _ := dense(t, p, Config{Epsilon: 0.5, MinSamples: 2})
	if got := found.rule.renumbered([]int{1, 0}); assignOne(got, []float64{0.05}) != 1 || assignOne(got, []float64{5.2}) != 0 || assignOne(got, []float64{2}) != Noise {
		t.Error("the renumbered rule does not say the new numbers")
	}
}

func TestDensityIsTheSameForAnyNumberOfWorkersAndCores(t *testing.T) {
	p := gaussian(3000, 3, 4)
	bits := func(workers int) string {
		found, _ := dense(t, p, Config{Epsilon: 0.35, MinSamples: 6, Workers: workers})
		return fmt.Sprintf("%d %v %x %x", found.k, found.labels, found.centres, found.inertia)
	}
	want := bits(1)
	for workers := 2; workers <= 16; workers++ {
		if bits(workers) != want {
			t.Fatalf("%d workers: the partition differs from that of one", workers)
		}
	}
	for _, cores := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(cores)
		got := bits(0)
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Fatalf("GOMAXPROCS %d: the partition differs", cores)
		}
	}
}

// The neighbours of all rows would be 400 million pairs here.
func TestDensityNeedsMemoryLinearInTheRows(t *testing.T) {
	const n, bytesPerRow = 20_000, 500
	for _, epsilon := range []float64{100, 2} {
		p := gaussian(n, 3, 1)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found, err := newDensity(p, Config{Epsilon: epsilon, MinSamples: 5, Workers: 2}).find(t.Context())
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if found.k != 1 {
			t.Errorf("Epsilon %v: %d parts, want 1", epsilon, found.k)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > n*bytesPerRow {
			t.Errorf("Epsilon %v: %d bytes were allocated for %d rows, want at most %d", epsilon, used, n, n*bytesPerRow)
		}
	}
}

// countdown is a context that ends after it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A search asks its context before each row or leaf, and none of these takes
// long. So an end at any time must end it, whatever phase it is in.
func TestDensityStopsWithItsContext(t *testing.T) {
	p := gaussian(3000, 4, 1)
	c := Config{Epsilon: 0.5, MinSamples: 3, Workers: 1}
	whole := &countdown{t.Context(), math.MaxInt}
	if _, err := newDensity(p, c).find(whole); err != nil {
		t.Fatal(err)
	}
	asked := math.MaxInt - whole.left
	if asked < p.n {
		t.Errorf("the context was asked %d times for %d rows", asked, p.n)
	}
	for part := range 20 {
		ctx := &countdown{t.Context(), asked * part / 20}
		if found, err := newDensity(p, c).find(ctx); !errors.Is(err, context.Canceled) || found != nil {
			t.Errorf("an end at %d twentieths gave %v", part, err)
		}
		if over := -1 - ctx.left; over > 10 {
			t.Errorf("an end at %d twentieths: work went on for %d looks at the context", part, over)
		}
	}
	past, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if _, err := newDensity(p, c).find(past); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func BenchmarkDensity(b *testing.B) {
	for _, test := range []struct {
		n, d    int
		epsilon float64
	}{{100_000, 3, 0.2}, {20_000, 3, 100}, {180_000, 2, 100}, {20_000, 10, 2}, {20_000, 50, 8}} {
		p := gaussian(test.n, test.d, 1)
		b.Run(fmt.Sprintf("n=%d,d=%d,eps=%v", test.n, test.d, test.epsilon), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				found, err := newDensity(p, Config{Epsilon: test.epsilon, MinSamples: 5, Workers: 2}).find(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(found.k), "parts")
			}
		})
	}
}

func assignOne(r rule, x []float64) int {
	var labels [1]int32
	r.assign(x, labels[:])
	return int(labels[0])
}
