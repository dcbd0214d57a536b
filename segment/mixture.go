package segment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// The best start is iterated to a finer tolerance, which may take many more
// iterations: near its end expectation-maximisation creeps.
const (
	polish     = 1e-4
	polishMost = 10 // times MaxIterations
)

// mixtures fits Gaussian mixtures by expectation-maximisation: Dempster, Laird
// and Rubin, "Maximum likelihood from incomplete data via the EM algorithm", J.
// R. Statist. Soc. B 39 (1977). Starts, tolerance and regularisation are those of
// scikit-learn's GaussianMixture.
type mixtures struct {
	points
	c Config
	// workers is the number of goroutines for separate starts, inner that
	// within one.
	workers, inner int
}

func newMixtures(p points, c Config) *mixtures { return &mixtures{points: p, c: c} }

// share divides the workers among tasks.
func (m *mixtures) share(tasks int) {
	all := par.Workers(m.c.Workers)
	m.workers = min(all, tasks)
	m.inner = (all + m.workers - 1) / m.workers
}

// all returns for each k the best mixture that was found: the start of the
// greatest likelihood, the first of equals, iterated until it gains next to
// nothing.
func (m *mixtures) all(ctx context.Context, ks []int, done func()) ([]*partition, error) {
	runs := make([]*mixtureFit, len(ks)*m.c.Restarts)
	m.share(len(runs))
	err := par.Each(ctx, m.workers, len(runs), func(task int) (err error) {
		defer done()
		runs[task], err = m.run(ctx, ks[task/m.c.Restarts], task%m.c.Restarts)
		return err
	})
	if err != nil {
		return nil, err
	}
	best := make([]*partition, len(ks))
	m.share(len(ks))
	err = par.Each(ctx, m.workers, len(ks), func(i int) (err error) {
		defer done()
		best[i], err = m.finish(ctx, likeliest(runs[i*m.c.Restarts:(i+1)*m.c.Restarts]))
		return err
	})
	return best, err
}

// likeliest returns the fit of the greatest likelihood, the first of equals.
func likeliest(runs []*mixtureFit) *mixtureFit {
	return slices.MaxFunc(runs, func(a, b *mixtureFit) int {
		return cmp.Compare(a.logLikelihood, b.logLikelihood)
	})
}

// run makes one start from k-means and iterates it. Unless it is the only one, it
// then looks around.
func (m *mixtures) run(ctx context.Context, k, restart int) (*mixtureFit, error) {
	c := m.c
	c.Algorithm, c.Tolerance, c.Workers = KMeans, 0, m.inner
	means, err := newKMeans(ctx, m.points, c.withDefaults(), c.Seed)
	if err != nil {
		return nil, err
	}
	parts, err := means.run(ctx, k, restart)
	if err != nil {
		return nil, err
	}
	e := newExpectation(m.points, m.c.Covariance, k, m.inner)
	start, err := e.fromLabels(ctx, parts, m.c.Regularisation)
	if err != nil {
		return nil, err
	}
	f, err := m.iterate(ctx, e, unfinished(start), m.c.MaxIterations, m.c.Tolerance)
	if err != nil || m.swaps(k) == 0 {
		return f, err
	}
	return m.explore(ctx, e, f, restart)
}

// unfinished returns a fit that has yet to be iterated.
func unfinished(g *gaussians) *mixtureFit {
	return &mixtureFit{gaussians: g, logLikelihood: math.Inf(-1)}
}

// iterate goes on from a fit until the mean log-likelihood changes by less than
// the tolerance, or until there were so many iterations in all.
func (m *mixtures) iterate(ctx context.Context, e *expectation, from *mixtureFit, most int, tolerance float64) (*mixtureFit, error) {
	f := *from
	for f.iterations < most {
		sums, err := e.posteriors(ctx, f.gaussians)
		if err != nil {
			return nil, err
		}
		before := f.logLikelihood
		f.logLikelihood = sums.logLikelihood / float64(m.n)
		if f.gaussians, err = sums.maximise(f.means, m.c.Regularisation); err != nil {
			return nil, err
		}
		f.iterations++
		change := math.Abs(f.logLikelihood - before)
		f.converged = f.converged || change < m.c.Tolerance
		if change < tolerance {
			break
		}
	}
	return &f, nil
}

// finish iterates the best start to the end, unless that was cut short, and takes
// the measure of it.
func (m *mixtures) finish(ctx context.Context, f *mixtureFit) (*partition, error) {
	e := newExpectation(m.points, m.c.Covariance, f.k, m.inner)
	if f.converged {
		var err error
		most := f.iterations + polishMost*m.c.MaxIterations
		if f, err = m.iterate(ctx, e, f, most, m.c.Tolerance*polish); err != nil {
			return nil, err
		}
	}
	p := &partition{k: f.k, centres: f.means, labels: make([]int32, m.n), mixture: f}
	p.rule = newMostLikely(f.gaussians)
	sums, err := e.each(ctx, f.gaussians, func(b *block, low int) {
		for i := range b.n {
			p.labels[low+i] = int32(b.likeliest(i))
		}
	})
	if err != nil {
		return nil, err
	}
	for i, label := range p.labels {
		p.inertia += kernel.SquaredDistance(m.row(i), p.centre(int(label)))
	}
	f.judge(sums.logLikelihood/float64(m.n), m.n)
	return p, nil
}

// mixtureFit is a mixture and how its fit ended.
type mixtureFit struct {
	*gaussians
	// logLikelihood is the mean over the rows. While iterating it is that of
	// the parameters before the last step.
	logLikelihood float64
	bic, aic      float64
	iterations    int
	converged     bool
}

// judge sets the figures of a finished fit. Schwarz, "Estimating the dimension of
// a model", Ann. Statist. 6 (1978); Akaike, "A new look at the statistical model
// identification", IEEE Trans. Autom. Control 19 (1974).
func (f *mixtureFit) judge(logLikelihood float64, n int) {
	deviance, parameters := -2*logLikelihood*float64(n), float64(f.parameters())
	f.logLikelihood = logLikelihood
	f.bic = deviance + parameters*math.Log(float64(n))
	f.aic = deviance + 2*parameters
}

// result brings the posteriors to the order of the table and the numbers of the
// segments.
func (f *mixtureFit) result(ctx context.Context, data *prepared, ids []int, workers int) (*Mixture, error) {
	r := &Mixture{
		Covariance: f.shape, LogLikelihood: f.logLikelihood, BIC: f.bic, AIC: f.aic,
		Iterations: f.iterations, Converged: f.converged,
		Weights: reordered(f.weights, 1, ids), Probabilities: make([][]float64, data.n),
	}
	all := make([]float64, data.n*f.k)
	for row := range r.Probabilities {
		r.Probabilities[row] = all[row*f.k : (row+1)*f.k : (row+1)*f.k]
	}
	_, err := newExpectation(data.points, f.shape, f.k, workers).each(ctx, f.gaussians, func(b *block, low int) {
		for i := range b.n {
			b.probabilities(i, ids, r.Probabilities[data.order[low+i]])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("segment: probabilities: %w", err)
	}
	return r, nil
}
