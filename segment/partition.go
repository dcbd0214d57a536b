package segment

import (
	"context"
	"math"

	"github.com/cohortlens/cohortlens/internal/par"
)

// partition is points cut into k parts.
type partition struct {
	k       int
	centres []float64 // k x d; the means of the parts, or of the components
	labels  []int32   // -1 for noise
	inertia float64
	// mixture is how an expectation-maximisation ended, nil for others.
	mixture *mixtureFit
	// rule assigns further points.
	rule rule
}

func (p *partition) centre(c int) []float64 {
	d := len(p.centres) / p.k
	return p.centres[c*d : (c+1)*d]
}

// sizes returns the number of rows of each part.
func (p *partition) sizes() []int {
	sizes := make([]int, p.k)
	for _, label := range p.labels {
		if label >= 0 {
			sizes[label]++
		}
	}
	return sizes
}

// withoutNoise returns the partition of the rows that belong to a part.
func (p *partition) withoutNoise() *partition {
	q := *p
	q.labels = make([]int32, 0, len(p.labels))
	for _, label := range p.labels {
		if label >= 0 {
			q.labels = append(q.labels, label)
		}
	}
	return &q
}

// clustered returns the points that belong to a part.
func (p points) clustered(q *partition) points {
	out := points{d: p.d, x: make([]float64, 0, len(p.x))}
	for i, label := range q.labels {
		if label >= 0 {
			out.x = append(out.x, p.row(i)...)
			out.n++
		}
	}
	return out
}

// spreads returns the index of Davies and Bouldin, "A cluster separation
// measure", IEEE Trans. PAMI 1 (1979), and that of Calinski and Harabasz, "A
// dendrite method for cluster analysis", Commun. Statist. 3 (1974), as
// scikit-learn gives them. Both are 0 where they are not defined: for one part,
// and Calinski-Harabasz for as many parts as rows.
func spreads(ctx context.Context, p points, q *partition, workers int) (daviesBouldin, calinskiHarabasz float64, err error) {
	if q.k < 2 {
		return 0, 0, nil
	}
	means, sizes := meansOf(p, q)
	scatter := make([]float64, q.k)
	within, between := 0.0, 0.0
	overall := make([]float64, p.d)
	for i, label := range q.labels {
		squared := 0.0
		for j, v := range p.row(i) {
			diff := v - means[int(label)*p.d+j]
			squared += diff * diff
			overall[j] += v / float64(p.n)
		}
		within += squared
		scatter[label] += math.Sqrt(squared)
	}
	for c, size := range sizes {
		if size == 0 {
			continue
		}
		scatter[c] /= float64(size)
		for j, v := range overall {
			diff := means[c*p.d+j] - v
			between += float64(size) * diff * diff
		}
	}
	if p.n > q.k && within > 0 {
		calinskiHarabasz = between / within * float64(p.n-q.k) / float64(q.k-1)
	}
	worst, err := likest(ctx, means, scatter, sizes, workers)
	for _, w := range worst {
		daviesBouldin += w / float64(q.k)
	}
	return daviesBouldin, calinskiHarabasz, err
}

// likest returns for each part how like it is to the part that it is most like,
// by the measure of Davies and Bouldin. Cost is k^2 d.
func likest(ctx context.Context, means, scatter []float64, sizes []int, workers int) ([]float64, error) {
	const partsPerChunk = 16
	k := len(sizes)
	d := len(means) / k
	worst := make([]float64, k)
	err := par.Chunks(ctx, workers, k, partsPerChunk, func(_, low, high int) error {
		for a := low; a < high; a++ {
			for b := range k {
				apart := distance(means[a*d:(a+1)*d], means[b*d:(b+1)*d])
				if a != b && apart > 0 && sizes[a] > 0 && sizes[b] > 0 {
					worst[a] = max(worst[a], (scatter[a]+scatter[b])/apart)
				}
			}
		}
		return nil
	})
	return worst, err
}

// meansOf returns the mean and the size of each part.
func meansOf(p points, q *partition) (means []float64, sizes []int) {
	means, sizes = make([]float64, q.k*p.d), q.sizes()
	for i, label := range q.labels {
		if label >= 0 {
			for j, v := range p.row(i) {
				means[int(label)*p.d+j] += v / float64(sizes[label])
			}
		}
	}
	return means, sizes
}

func distance(a, b []float64) float64 {
	s := 0.0
	for j, v := range a {
		s += (v - b[j]) * (v - b[j])
	}
	return math.Sqrt(s)
}
