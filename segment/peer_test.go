package segment

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// peerCase does what a Python peer in bench/peers does, on the same bits. It
// returns what is compared with the peer's answer, and the labels.
type peerCase struct {
	name, file string
	columns    int
	work       func(ctx context.Context, p points, start []float64) (map[string]any, []int32, error)
}

var peerCases = []peerCase{
	{"lloyd", "lloyd", 10, lloydAsPeer},
	{"shapeless", "shapeless", 10, lloydAsPeer},
	{"choose-k", "choose_k", 3, chooseAsPeer},
	{"choose-k-with-verdict", "choose_k", 3, fitAsUser},
	{"dbscan", "dbscan", 3, dbscanAsPeer},
	{"gmm", "gmm", 10, mixtureAsPeer},
}

func BenchmarkPeer(b *testing.B) {
	for _, c := range peerCases {
		b.Run(c.name, func(b *testing.B) {
			x := testkit.PeerFloats(b, c.file)
			p := points{n: len(x) / c.columns, d: c.columns, x: x}
			var start []float64
			if _, err := os.Stat(testkit.PeerFile(b, c.file+".start")); err == nil {
				start = testkit.PeerFloats(b, c.file+".start")
			}
			var answer map[string]any
			var labels []int32
			for b.Loop() {
				var err error
				if answer, labels, err = c.work(b.Context(), p, slices.Clone(start)); err != nil {
					b.Fatal(err)
				}
			}
			testkit.PeerAnswer(b, answer, labels)
		})
	}
}

const peerIterations = 20

func lloydAsPeer(ctx context.Context, p points, start []float64) (map[string]any, []int32, error) {
	m, err := newKMeans(ctx, p, Config{}.withDefaults(), 1)
	if err != nil {
		return nil, nil, err
	}
	q, err := m.lloyd(ctx, start, peerIterations, 0)
	if err != nil {
		return nil, nil, err
	}
	return map[string]any{"inertia": q.inertia}, q.labels, nil
}

func chooseAsPeer(ctx context.Context, p points, _ []float64) (map[string]any, []int32, error) {
	c := Config{}.withDefaults()
	ks, err := candidates(c, p.n)
	if err != nil {
		return nil, nil, err
	}
	m, err := newKMeans(ctx, p, c, c.Seed)
	if err != nil {
		return nil, nil, err
	}
	all, err := m.all(ctx, ks, func() {})
	if err != nil {
		return nil, nil, err
	}
	widths, err := silhouettes(ctx, p, all, c.Seed, c.Workers)
	if err != nil {
		return nil, nil, err
	}
	scores := make([]Score, len(ks))
	for i, q := range all {
		scores[i] = Score{K: q.k, Silhouette: widths[i].mean, Inertia: q.inertia}
	}
	return map[string]any{"scores": peerScores(scores)}, all[choose(scores, BySilhouette)].labels, nil
}

// fitAsUser does all that Fit does, the verdict on structure included.
func fitAsUser(ctx context.Context, p points, _ []float64) (map[string]any, []int32, error) {
	columns := make([]datasource.Column, p.d)
	for j := range columns {
		values := make([]float64, p.n)
		for i := range values {
			values[i] = p.x[i*p.d+j]
		}
		columns[j] = datasource.Numbers(string(rune('a'+j)), values)
	}
	t, err := datasource.NewTable(columns...)
	if err != nil {
		return nil, nil, err
	}
	r, err := Fit(ctx, t, Config{})
	if err != nil {
		return nil, nil, err
	}
	labels := make([]int32, p.n)
	for i, label := range r.Labels {
		labels[i] = int32(label)
	}
	return map[string]any{"scores": peerScores(r.Scores)}, labels, nil
}

func peerScores(scores []Score) []map[string]any {
	out := make([]map[string]any, len(scores))
	for i, s := range scores {
		out[i] = map[string]any{"k": s.K, "silhouette": s.Silhouette, "inertia": s.Inertia}
	}
	return out
}

func dbscanAsPeer(ctx context.Context, p points, _ []float64) (map[string]any, []int32, error) {
	q, err := newDensity(p, Config{Epsilon: 0.2, MinSamples: 5}.withDefaults()).find(ctx)
	if err != nil {
		return nil, nil, err
	}
	noise := 0
	for _, label := range q.labels {
		if label == Noise {
			noise++
		}
	}
	return map[string]any{"clusters": q.k, "noise": noise}, q.labels, nil
}

// mixtureAsPeer starts from equal weights, the given means and unit covariances.
func mixtureAsPeer(ctx context.Context, p points, means []float64) (map[string]any, []int32, error) {
	k := len(means) / p.d
	weights, covariances := make([]float64, k), make([]float64, k*p.d*p.d)
	for c := range k {
		weights[c] = 1 / float64(k)
		for j := range p.d {
			covariances[(c*p.d+j)*p.d+j] = 1
		}
	}
	start, err := newGaussians(FullCovariance, weights, means, covariances)
	if err != nil {
		return nil, nil, err
	}
	m := newMixtures(p, Config{Algorithm: GMM}.withDefaults())
	e := newExpectation(p, FullCovariance, k, m.c.Workers)
	f, err := m.iterate(ctx, e, unfinished(start), peerIterations, 0)
	if err != nil {
		return nil, nil, err
	}
	labels := make([]int32, p.n)
	sums, err := e.each(ctx, f.gaussians, func(b *block, low int) {
		for i := range b.n {
			labels[low+i] = int32(b.likeliest(i))
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return map[string]any{"iterations": f.iterations, "log_likelihood": sums.logLikelihood / float64(p.n)}, labels, nil
}
