package insights

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// shapes are distributions of all sorts.
var shapes = map[string]func(*rand.Rand) float64{
	"normal":      (*rand.Rand).NormFloat64,
	"uniform":     (*rand.Rand).Float64,
	"exponential": (*rand.Rand).ExpFloat64,
	"income":      func(r *rand.Rand) float64 { return math.Round(60_000 * math.Exp(0.6*r.NormFloat64())) },
	"age":         func(r *rand.Rand) float64 { return float64(18 + r.IntN(70)) },
	"time":        func(r *rand.Rand) float64 { return 1.7e9 + 3e7*r.Float64() },
	"spread":      func(r *rand.Rand) float64 { return r.NormFloat64() * math.Exp(40*r.NormFloat64()) },
	"with zeros":  func(r *rand.Rand) float64 { return max(0, r.NormFloat64()) },
	"far off":     func(r *rand.Rand) float64 { return -1e12 + r.NormFloat64() },
	"constant":    func(*rand.Rand) float64 { return -0.1 },
}

func draw(shape func(*rand.Rand) float64, n int, random *rand.Rand) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = shape(random)
	}
	return values
}

func sketchOf(r resolution, values []float64) sketch {
	s := newSketcher(r)
	keys := make([]uint64, len(values))
	for i, v := range values {
		keys[i] = keyOf(v)
	}
	s.add(keys)
	return s.sketch()
}

// slowSketch follows the definition: it tries each shift.
func slowSketch(r resolution, values []float64) sketch {
	for shift := r.first; ; shift++ {
		counts := make(map[uint64]int)
		for _, v := range values {
			counts[keyOf(v)>>shift]++
		}
		if len(counts) > r.limit(shift) {
			continue
		}
		out := sketch{shift: shift, keys: slices.Sorted(maps.Keys(counts))}
		for _, key := range out.keys {
			out.counts = append(out.counts, counts[key])
		}
		return out
	}
}

func TestSketchFollowsTheDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for name, shape := range shapes {
		for _, n := range []int{1, 2, 999, 1000, 1001, 5000} {
			for _, r := range []resolution{columnResolution, segmentResolution, {0, 2, 3}} {
				values := draw(shape, n, random)
				if got, want := sketchOf(r, values), slowSketch(r, values); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %d values, %+v: shift %d with %d buckets, want %d with %d",
						name, n, r, got.shift, len(got.keys), want.shift, len(want.keys))
				}
			}
		}
	}
}

func TestMergedSketchesAreThatOfTheWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for name, shape := range shapes {
		values := draw(shape, 8000, random)
		merged := newSketcher(columnResolution)
		for part := range slices.Chunk(values, 1+random.IntN(3000)) {
			s := sketchOf(columnResolution, part)
			merged.merge(&s)
		}
		if got, want := merged.sketch(), sketchOf(columnResolution, values); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: shift %d with %d buckets, want %d with %d", name, got.shift, len(got.keys), want.shift, len(want.keys))
		}
	}
}

// distance is the greatest one between the distribution function of the values and
// that of the middles of buckets, by definition.
func distance(s sketch, values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n, greatest := float64(len(sorted)), 0.0
	below, at := 0, 0
	for i, key := range s.keys {
		middle := middleOf(key, s.shift)
		for at < len(sorted) && sorted[at] < middle {
			at++
			greatest = max(greatest, math.Abs(float64(at)-float64(below))/n)
		}
		greatest = max(greatest, math.Abs(float64(at)-float64(below))/n) // just below the middle
		below += s.counts[i]
		for at < len(sorted) && sorted[at] == middle {
			at++
		}
		greatest = max(greatest, math.Abs(float64(at)-float64(below))/n)
	}
	return max(greatest, 1-float64(below)/n)
}

func TestErrorOfASketchIsWithinItsBound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	for name, shape := range shapes {
		for range 20 {
			values := draw(shape, 1+random.IntN(5000), random)
			for _, r := range []resolution{columnResolution, segmentResolution} {
				s := sketchOf(r, values)
				if d, bound := distance(s, values), s.errorBound(); d > bound+1e-12 {
					t.Errorf("%s, %d values: an error of %v, the bound is %v", name, len(values), d, bound)
				}
			}
		}
	}
}

// What the package doc promises of usual data.
func TestBoundsAreSmallForUsualData(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	for _, name := range []string{"normal", "uniform", "exponential", "income", "age", "time", "with zeros", "constant"} {
		s := sketchOf(columnResolution, draw(shapes[name], 200_000, random))
		most := 0.0
		if name == "with zeros" {
			most = 0.5 // the share of zeros, which have a bucket of their own
		}
		if bound := s.errorBound(); bound > max(0.01, most+0.01) {
			t.Errorf("%s: an error of up to %v", name, bound)
		}
	}
}

func TestKeysAreInTheOrderOfValues(t *testing.T) {
	values := []float64{-math.MaxFloat64, -1e300, -2, -1.5, -1, -1e-300, -5e-324, 0, 5e-324, 1e-300, 1, 1.5, 2, 1e300, math.MaxFloat64}
	for i, v := range values {
		if valueOf(keyOf(v)) != v {
			t.Errorf("%v comes back as %v", v, valueOf(keyOf(v)))
		}
		if i > 0 && keyOf(v) <= keyOf(values[i-1]) {
			t.Errorf("the key of %v is not above that of %v", v, values[i-1])
		}
	}
	if keyOf(math.Copysign(0, -1)) != keyOf(0) {
		t.Error("zeros differ")
	}
}

func TestNamesOfBucketsAreShortAndWithin(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	for range 3000 {
		v := math.Float64frombits(random.Uint64())
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		for shift := range 64 {
			key := keyOf(v) >> shift
			low, high := bucketBounds(key, shift)
			name, middle := shortestOf(key, shift), middleOf(key, shift)
			if !(low <= v && v <= high && low <= middle && middle <= high && low <= name && name <= high) || keyOf(name)>>shift != key || keyOf(middle)>>shift != key {
				t.Fatalf("%v at shift %d: from %v to %v, middle %v, named %v", v, shift, low, high, middle, name)
			}
			if text := fmt.Sprint(name); shift >= roughShift && len(text) > len("-1.2345e-308") {
				t.Fatalf("%v at shift %d is named %s", v, shift, text)
			}
		}
	}
}

func BenchmarkSketch(b *testing.B) {
	random := rand.New(rand.NewPCG(6, 1))
	for _, name := range []string{"normal", "age"} {
		keys := make([]uint64, 1<<16)
		for i := range keys {
			keys[i] = keyOf(shapes[name](random))
		}
		b.Run(name, func(b *testing.B) {
			s := newSketcher(columnResolution)
			b.SetBytes(8 * int64(len(keys)))
			for b.Loop() {
				s.add(keys)
			}
		})
	}
}
