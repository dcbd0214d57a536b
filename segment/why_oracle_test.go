package segment

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// The parts of a mixture equal Shapley values by enumeration of all subsets of the
// features, of log densities as they stand in textbooks.
func TestPartsOfAMixtureEqualEnumeration(t *testing.T) {
	for _, shape := range shapes {
		for seed := range uint64(20) {
			random := rng.Stream(seed, 21)
			d, k := 1+int(seed)%5, 2+int(seed)%3
			r, plain := randomMixture(t, random, shape, k, d)
			s, _ := newScorer(r)
			scores, parts := make([]float64, k), make([]float64, d)
			for range 10 {
				x := make([]float64, d)
				for j := range x {
					x[j] = 3 * random.NormFloat64()
				}
				s.score(x, scores)
				own, next := int(seed)%k, int(seed+1)%k
				offset := s.split(x, own, next, parts)
				a, b := r.component(own), r.component(next)
				value := func(subset uint) float64 {
					return plain.logDensity(a, x, subset) - plain.logDensity(b, x, subset)
				}
				all := uint(1)<<d - 1
				near(t, "margin", scores[own]-scores[next], value(all))
				near(t, "offset", offset, value(0))
				for j, want := range shapley(d, value) {
					near(t, "contribution", parts[j], want)
				}
			}
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
		t.Fatalf("%s is %v, by enumeration %v", what, got, want)
	}
}

func (r *mostLikely) component(id int) int {
	for c, segment := range r.ids {
		if segment == id {
			return c
		}
	}
	return -1
}

// randomMixture numbers the segments against the order of the components.
func randomMixture(t *testing.T, random *rand.Rand, shape Covariance, k, d int) (*mostLikely, *plainMixture) {
	t.Helper()
	weights, means := make([]float64, k), make([]float64, k*d)
	for c := range weights {
		weights[c] = float64(c+1) * 2 / float64(k*(k+1))
	}
	for i := range means {
		means[i] = 2 * random.NormFloat64()
	}
	g, err := newGaussians(shape, weights, means, randomCovariances(random, shape, k, d))
	if err != nil {
		t.Fatal(err)
	}
	r, plain := &mostLikely{g, make([]int, k)}, &plainMixture{weights: weights}
	for c := range k {
		r.ids[c] = k - 1 - c
		plain.means = append(plain.means, mat.NewVecDense(d, g.mean(c)))
		plain.covs = append(plain.covs, g.expanded(c))
	}
	return r, plain
}

func randomCovariances(random *rand.Rand, shape Covariance, k, d int) []float64 {
	if !shape.correlates() {
		out := make([]float64, k*d)
		if shape == SphericalCovariance {
			out = out[:k]
		}
		for i := range out {
			out[i] = 0.2 + random.ExpFloat64()
		}
		return out
	}
	if shape == TiedCovariance {
		k = 1
	}
	var out []float64
	for range k {
		values := make([]float64, d*d)
		for i := range values {
			values[i] = random.NormFloat64()
		}
		root := mat.NewDense(d, d, values)
		var cov mat.SymDense
		cov.SymOuterK(1, root)
		for i := range d {
			cov.SetSym(i, i, cov.At(i, i)+0.1)
			for j := range d {
				out = append(out, cov.At(i, j))
			}
		}
	}
	return out
}

// logDensity is the log of weight times density of component c, at the features of
// a subset; the others stand at the mean.
func (m *plainMixture) logDensity(c int, x []float64, subset uint) float64 {
	d := len(x)
	deviation := mat.NewVecDense(d, nil)
	for j, v := range x {
		if subset>>j&1 == 1 {
			deviation.SetVec(j, v-m.means[c].AtVec(j))
		}
	}
	var inverse mat.Dense
	if err := inverse.Inverse(m.covs[c]); err != nil {
		panic(err)
	}
	return math.Log(m.weights[c]) - mat.Inner(deviation, &inverse, deviation)/2 -
		math.Log(mat.Det(m.covs[c]))/2 - float64(d)/2*math.Log(2*math.Pi)
}

// shapley is Shapley's formula as it stands: the mean of what a player adds, over
// all orders of arrival.
func shapley(players int, value func(subset uint) float64) []float64 {
	factorial := func(n int) float64 { return math.Gamma(float64(n + 1)) }
	out := make([]float64, players)
	for j := range out {
		for subset := range uint(1) << players {
			if subset>>j&1 == 0 {
				before := bits.OnesCount(subset)
				share := factorial(before) * factorial(players-before-1) / factorial(players)
				out[j] += share * (value(subset|1<<j) - value(subset))
			}
		}
	}
	return out
}
