package segment

import (
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// plainSilhouette is the oracle: the definition, one pair at a time.
func plainSilhouette(p points, labels []int32, k int) float64 {
	total := 0.0
	for i := range p.n {
		sums, sizes := make([]float64, k), make([]float64, k)
		for j := range p.n {
			s := 0.0
			for f := range p.d {
				diff := p.row(i)[f] - p.row(j)[f]
				s += diff * diff
			}
			sums[labels[j]] += math.Sqrt(s)
			sizes[labels[j]]++
		}
		own := labels[i]
		if sizes[own] == 1 {
			continue
		}
		a, b := sums[own]/(sizes[own]-1), math.Inf(1)
		for c := range k {
			if c != int(own) && sizes[c] > 0 {
				b = min(b, sums[c]/sizes[c])
			}
		}
		if !math.IsInf(b, 1) && max(a, b) > 0 {
			total += (b - a) / max(a, b)
		}
	}
	return total / float64(p.n)
}

func TestSilhouettesOfManyPartitionsInOnePass(t *testing.T) {
	for seed := range uint64(40) {
		random := rng.Stream(seed, 4)
		p := grid(3+random.IntN(150), 1+random.IntN(5), seed)
		var partitions []*partition
		for _, k := range []int{1, 2, 3, 7, 40} {
			q := &partition{k: k, labels: make([]int32, p.n)}
			for i := range q.labels {
				q.labels[i] = int32(random.IntN(k))
			}
			partitions = append(partitions, q)
		}
		got, err := silhouettes(t.Context(), p, partitions, seed, 2)
		if err != nil {
			t.Fatal(err)
		}
		for j, q := range partitions {
			want := plainSilhouette(p, q.labels, q.k)
			if math.Abs(got[j].mean-want) > 1e-12 || got[j].standardError != 0 {
				t.Fatalf("seed %d, k %d: got %v, want %v exactly", seed, q.k, got[j], want)
			}
			alone, err := silhouette(t.Context(), p, q)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(alone-want) > 1e-12 {
				t.Fatalf("seed %d, k %d: got %v from pairs, want %v", seed, q.k, alone, want)
			}
		}
	}
}

// scikit-learn 1.9.1, numpy 2.4.6:
// silhouette_score([[0,0],[0,1],[4,4],[5,4],[9,0]], [0,0,1,1,2])
func TestSilhouetteEqualsScikitLearn(t *testing.T) {
	p := points{n: 5, d: 2, x: []float64{0, 0, 0, 1, 4, 4, 5, 4, 9, 0}}
	q := &partition{k: 3, labels: []int32{0, 0, 1, 1, 2}}
	got, err := silhouettes(t.Context(), p, []*partition{q}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.6570113820522168; math.Abs(got[0].mean-want) > 1e-12 {
		t.Errorf("got %.16f, want %.16f", got[0].mean, want)
	}
}

func TestSilhouetteOfManyRowsIsSampled(t *testing.T) {
	const n = MaxExactSilhouette + 1
	p := points{n: n, d: 1, x: make([]float64, n)}
	q := &partition{k: 2, labels: make([]int32, n)}
	for i := range n {
		q.labels[i] = int32(i % 2)
		p.x[i] = 10*float64(i%2) + float64(i)/n
	}
	got, err := silhouettes(t.Context(), p, []*partition{q}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	// Within a group values are uniform over 1, so a is 1/3 on average and b is 10.
	if math.Abs(got[0].mean-0.966) > 0.002 || !(got[0].standardError > 0 && got[0].standardError < 1e-3) {
		t.Errorf("got %+v", got[0])
	}
}

func TestSampleRowsAreDistinctAndAscending(t *testing.T) {
	rows := sampleRows(3*MaxExactSilhouette, 1)
	if len(rows) != MaxExactSilhouette || !slices.IsSorted(rows) || len(slices.Compact(rows)) != MaxExactSilhouette {
		t.Error("the drawn rows are not distinct rows in ascending order")
	}
}
