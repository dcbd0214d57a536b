package tree

import (
	"math"
	"math/rand/v2"
	"testing"
)

func grow(t testing.TB, columns [][]float64, y []float64, cfg Config) *Forest {
	t.Helper()
	f, err := Grow(t.Context(), columns, y, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// rowsOf puts the values of columns row after row.
func rowsOf(columns [][]float64) []float64 {
	x := make([]float64, 0, len(columns)*len(columns[0]))
	for i := range columns[0] {
		for _, column := range columns {
			x = append(x, column[i])
		}
	}
	return x
}

// plain predicts rows by one walk after the other.
func plain(e *Ensemble, x []float64) []float64 {
	out := make([]float64, len(x)/e.Features)
	for i := range out {
		sum := 0.0
		for t := range e.Trees {
			tree := &e.Trees[t]
			sum += tree.Nodes[tree.Find(x[i*e.Features:(i+1)*e.Features])].Value
		}
		out[i] = e.Base + float64(e.Scale*sum)
	}
	return out
}

// bitsOf makes numbers comparable to the last bit.
func bitsOf(values []float64) []uint64 {
	out := make([]uint64, len(values))
	for i, v := range values {
		out[i] = math.Float64bits(v)
	}
	return out
}

// mixed makes data with signal, an indicator, a column of few values, missing
// values and noise.
func mixed(n int, seed uint64) (columns [][]float64, y []float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	columns, y = make([][]float64, 4), make([]float64, n)
	for j := range columns {
		columns[j] = make([]float64, n)
	}
	for i := range y {
		columns[0][i] = random.NormFloat64()
		columns[1][i] = float64(random.IntN(2))
		columns[2][i] = float64(random.IntN(6))
		columns[3][i] = random.ExpFloat64()
		y[i] = 5 + 2*columns[0][i]*columns[1][i] + columns[2][i] + random.NormFloat64()
		if random.IntN(5) == 0 {
			columns[0][i] = math.NaN()
		}
		if random.IntN(9) == 0 {
			columns[1][i] = math.NaN()
		}
	}
	return columns, y
}
