package segment

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/rng"
)

var shapes = []Covariance{FullCovariance, TiedCovariance, DiagonalCovariance, SphericalCovariance}

// plainMixture is the oracle: one full covariance matrix for each component,
// whatever the shape, and the formulas as they stand in textbooks.
type plainMixture struct {
	weights []float64
	means   []*mat.VecDense
	covs    []*mat.SymDense
}

// expect returns the posteriors and the mean log-likelihood.
func (m *plainMixture) expect(p points) (*mat.Dense, float64) {
	k, total := len(m.weights), 0.0
	posteriors := mat.NewDense(p.n, k, nil)
	for i := range p.n {
		densities := make([]float64, k)
		sum := 0.0
		for c := range k {
			diff := mat.NewVecDense(p.d, nil)
			diff.SubVec(mat.NewVecDense(p.d, p.row(i)), m.means[c])
			var inverse mat.Dense
			if err := inverse.Inverse(m.covs[c]); err != nil {
				panic(err)
			}
			squared := mat.Inner(diff, &inverse, diff)
			densities[c] = m.weights[c] * math.Exp(-squared/2) /
				math.Sqrt(math.Pow(2*math.Pi, float64(p.d))*mat.Det(m.covs[c]))
			sum += densities[c]
		}
		for c, v := range densities {
			posteriors.Set(i, c, v/sum)
		}
		total += math.Log(sum)
	}
	return posteriors, total / float64(p.n)
}

// maximise takes means and covariances anew from the posteriors.
func (m *plainMixture) maximise(p points, posteriors *mat.Dense, shape Covariance, regularisation float64) {
	for c := range m.weights {
		mass := 0.0
		mean := mat.NewVecDense(p.d, nil)
		for i := range p.n {
			mass += posteriors.At(i, c)
			mean.AddScaledVec(mean, posteriors.At(i, c), mat.NewVecDense(p.d, p.row(i)))
		}
		mean.ScaleVec(1/mass, mean)
		cov := mat.NewSymDense(p.d, nil)
		for i := range p.n {
			diff := mat.NewVecDense(p.d, nil)
			diff.SubVec(mat.NewVecDense(p.d, p.row(i)), mean)
			cov.SymRankOne(cov, posteriors.At(i, c)/mass, diff)
		}
		m.weights[c], m.means[c], m.covs[c] = mass/float64(p.n), mean, cov
	}
	m.constrain(shape, regularisation)
}

// constrain brings free covariances to a shape.
func (m *plainMixture) constrain(shape Covariance, regularisation float64) {
	d, _ := m.covs[0].Dims()
	pooled := mat.NewSymDense(d, nil)
	for c, cov := range m.covs {
		var weighted mat.SymDense
		weighted.ScaleSym(m.weights[c], cov)
		pooled.AddSym(pooled, &weighted)
	}
	for c, cov := range m.covs {
		shaped := mat.NewSymDense(d, nil)
		for i := range d {
			for j := range i + 1 {
				switch {
				case shape == FullCovariance:
					shaped.SetSym(i, j, cov.At(i, j))
				case shape == TiedCovariance:
					shaped.SetSym(i, j, pooled.At(i, j))
				case i == j && shape == DiagonalCovariance:
					shaped.SetSym(i, j, cov.At(i, j))
				case i == j:
					shaped.SetSym(i, j, mat.Trace(cov)/float64(d))
				}
			}
			shaped.SetSym(i, i, shaped.At(i, i)+regularisation)
		}
		m.covs[c] = shaped
	}
}

// expanded returns the covariance of component c as a matrix.
func (g *gaussians) expanded(c int) *mat.SymDense {
	out := mat.NewSymDense(g.d, nil)
	for i := range g.d {
		for j := range i + 1 {
			switch {
			case g.shape == FullCovariance:
				out.SetSym(i, j, g.covariances[(c*g.d+i)*g.d+j])
			case g.shape == TiedCovariance:
				out.SetSym(i, j, g.covariances[i*g.d+j])
			case i == j && g.shape == DiagonalCovariance:
				out.SetSym(i, j, g.covariances[c*g.d+i])
			case i == j:
				out.SetSym(i, j, g.covariances[c])
			}
		}
	}
	return out
}

// overlapping returns points of k groups that run into one another, and labels
// that are not quite theirs.
func overlapping(n, d, k int, seed uint64) (points, *partition) {
	random := rng.Stream(seed, 12)
	p := points{n: n, d: d, x: make([]float64, n*d)}
	parts := &partition{k: k, labels: make([]int32, n), centres: make([]float64, k*d)}
	for i := range n {
		group := i % k
		for j := range d {
			p.x[i*d+j] = float64((group*(j+1))%3) + random.NormFloat64()*(0.5+float64(group)/4)
		}
		parts.labels[i] = int32(group)
		if random.Float64() < 0.2 {
			parts.labels[i] = int32(random.IntN(k))
		}
	}
	return p, parts
}

func TestEachIterationEqualsTheTextbook(t *testing.T) {
	for _, shape := range shapes {
		for seed := range uint64(6) {
			n, d, k := 250+int(seed)*60, 1+int(seed)%4, 1+int(seed)%3
			name := fmt.Sprintf("%s, n = %d, d = %d, k = %d", shape, n, d, k)
			p, parts := overlapping(n, d, k, seed)
			compareWithTextbook(t, name, p, parts, shape)
		}
	}
}

func compareWithTextbook(t *testing.T, name string, p points, parts *partition, shape Covariance) {
	t.Helper()
	const regularisation = 1e-3
	e := newExpectation(p, shape, parts.k, 2)
	g, err := e.fromLabels(t.Context(), parts, regularisation)
	if err != nil {
		t.Fatal(err)
	}
	plain := &plainMixture{make([]float64, parts.k), make([]*mat.VecDense, parts.k), make([]*mat.SymDense, parts.k)}
	posteriors := mat.NewDense(p.n, parts.k, nil)
	for i, label := range parts.labels {
		posteriors.Set(i, int(label), 1)
	}
	for step := range 15 {
		plain.maximise(p, posteriors, shape, regularisation)
		for c := range parts.k {
			close10(t, name, step, "weight", g.weights[c], plain.weights[c])
			for i := range p.d {
				close10(t, name, step, "mean", g.mean(c)[i], plain.means[c].AtVec(i))
				for j := range p.d {
					close10(t, name, step, "covariance", g.expanded(c).At(i, j), plain.covs[c].At(i, j))
				}
			}
		}
		var likelihood float64
		posteriors, likelihood = plain.expect(p)
		sums, err := e.posteriors(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		close10(t, name, step, "log-likelihood", sums.logLikelihood/float64(p.n), likelihood)
		if g, err = sums.maximise(g.means, regularisation); err != nil {
			t.Fatal(err)
		}
	}
}

func close10(t *testing.T, name string, step int, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
		t.Fatalf("%s, step %d: %s is %v, by the textbook %v", name, step, what, got, want)
	}
}
