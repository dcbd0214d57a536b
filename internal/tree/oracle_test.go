package tree

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// oracle grows a tree as its definition says: for each node it divides the rows at
// every threshold of every column, and adds up the sums of both sides anew.
type oracle struct {
	columns [][]float64
	y       []float64
	weights []uint32
	cfg     Config
	random  *rand.Rand
	order   []int
	tree    Tree
	gains   []float64
}

// oracleTree returns what tree number of Grow's forest must be, with leaves that
// are means of y.
func oracleTree(columns [][]float64, y []float64, cfg Config, number int) (Tree, []float64) {
	cfg = cfg.withDefaults(len(columns))
	o := &oracle{columns: columns, y: y, weights: make([]uint32, len(y)), cfg: cfg, gains: make([]float64, len(columns))}
	o.random = rng.Stream(cfg.Seed, uint64(number))
	if cfg.NoBootstrap {
		for i := range o.weights {
			o.weights[i] = 1
		}
	} else {
		drawRows(o.weights, o.random)
	}
	var rows []int
	for row, w := range o.weights {
		if w > 0 {
			rows = append(rows, row)
		}
	}
	o.grow(rows, 0)
	return o.tree, o.gains
}

// candidate is a way to divide a node.
type candidate struct {
	gain, threshold  float64
	column           int
	left, right      []int
	missing, toRight bool
}

func (o *oracle) grow(rows []int, depth int) {
	at := len(o.tree.Nodes)
	weight, sum := o.sums(rows)
	o.tree.Cover = append(o.tree.Cover, weight)
	o.tree.Nodes = append(o.tree.Nodes, Node{Value: sum / weight, Feature: Leaf})
	if depth == o.cfg.MaxDepth || len(rows) < 2*o.cfg.MinSamplesLeaf || o.pure(rows) {
		return
	}
	best := o.best(rows)
	if best == nil {
		return
	}
	left, _ := o.sums(best.left)
	n := Node{Value: best.threshold, Feature: int16(best.column), MissingLeft: !best.toRight}
	if !best.missing {
		n.MissingLeft = left >= weight-left
	}
	o.gains[best.column] += best.gain
	o.grow(best.left, depth+1)
	n.Right = int32(len(o.tree.Nodes))
	o.grow(best.right, depth+1)
	o.tree.Nodes[at] = n
}

func (o *oracle) sums(rows []int) (weight, sum float64) {
	for _, row := range rows {
		weight += float64(o.weights[row])
		sum += float64(o.weights[row]) * o.y[row]
	}
	return weight, sum
}

// squaredError returns the sum of squares around the mean.
func (o *oracle) squaredError(rows []int) (total float64) {
	weight, sum := o.sums(rows)
	for _, row := range rows {
		total += float64(o.weights[row]) * square(o.y[row]-sum/weight)
	}
	return total
}

func (o *oracle) pure(rows []int) bool {
	return !slices.ContainsFunc(rows, func(row int) bool { return o.y[row] != o.y[rows[0]] })
}

func (o *oracle) best(rows []int) *candidate {
	var best *candidate
	o.order = o.order[:0]
	for j := range o.columns {
		if o.cfg.MaxFeatures < len(o.columns) || o.varies(rows, j) {
			o.order = append(o.order, j)
		}
	}
	for visited := range o.order {
		if visited >= o.cfg.MaxFeatures && best != nil {
			break
		}
		if rest := len(o.order) - visited; rest > 1 {
			other := visited + int(o.random.Uint32N(uint32(rest)))
			o.order[visited], o.order[other] = o.order[other], o.order[visited]
		}
		for _, c := range o.candidates(rows, o.order[visited]) {
			if best == nil || c.gain > best.gain*(1+1e-10) {
				best = &c
			}
		}
		if best != nil && best.gain > o.squaredError(rows)*(1-1e-9) {
			break
		}
	}
	return best
}

func (o *oracle) varies(rows []int, j int) bool {
	first := o.columns[j][rows[0]]
	return slices.ContainsFunc(rows, func(row int) bool {
		v := o.columns[j][row]
		return v != first && !(math.IsNaN(v) && math.IsNaN(first))
	})
}

// candidates returns the ways to divide the rows by a column, missing values to
// the right first.
func (o *oracle) candidates(rows []int, j int) []candidate {
	var values []float64
	var missing []int
	for _, row := range rows {
		if v := o.columns[j][row]; math.IsNaN(v) {
			missing = append(missing, row)
		} else {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	var out []candidate
	for _, toRight := range []bool{true, false} {
		if !toRight && len(missing) == 0 {
			break
		}
		for i, v := range values {
			c := candidate{column: j, threshold: math.MaxFloat64, missing: len(missing) > 0, toRight: toRight}
			if i+1 < len(values) {
				c.threshold = (v + values[i+1]) / 2
			}
			o.divide(&c, rows)
			if len(c.left) >= o.cfg.MinSamplesLeaf && len(c.right) >= o.cfg.MinSamplesLeaf {
				out = append(out, c)
			}
		}
	}
	return out
}

// divide sets both sides and the gain, the decrease of the squared error: with the
// sums S and the weights W of both sides, (S1 W2 - S2 W1)^2 / (W1 W2 (W1 + W2)),
// which is exact but for one division when y has whole numbers.
func (o *oracle) divide(c *candidate, rows []int) {
	for _, row := range rows {
		v := o.columns[c.column][row]
		if v <= c.threshold || math.IsNaN(v) && !c.toRight {
			c.left = append(c.left, row)
		} else {
			c.right = append(c.right, row)
		}
	}
	w1, s1 := o.sums(c.left)
	w2, s2 := o.sums(c.right)
	d := s1*w2 - s2*w1
	c.gain = d * d / (w1 * w2 * (w1 + w2))
}

// smallProblem draws data in which ties, missing values, equal columns and constant
// columns are frequent.
func smallProblem(random *rand.Rand) (columns [][]float64, y []float64) {
	n, p := 1+random.IntN(40), 1+random.IntN(6)
	columns = make([][]float64, p)
	for j := range columns {
		columns[j] = smallColumn(random, columns[:j], n)
		if random.IntN(3) == 0 {
			for i := range columns[j] {
				if random.IntN(4) == 0 {
					columns[j][i] = math.NaN()
				}
			}
		}
	}
	y = make([]float64, n)
	levels := 1 + random.IntN(8)
	for i := range y {
		y[i] = float64(random.IntN(levels))
	}
	if random.IntN(2) == 0 {
		for i := range y {
			y[i] = 3 * random.NormFloat64()
		}
	}
	return columns, y
}

func smallColumn(random *rand.Rand, before [][]float64, n int) []float64 {
	x := make([]float64, n)
	kind := random.IntN(6)
	for i := range x {
		switch {
		case kind == 0:
			x[i] = float64(random.IntN(2))
		case kind == 1:
			x[i] = float64(random.IntN(5) - 2)
		case kind == 2 && len(before) > 0:
			x[i] = before[0][i]
		case kind == 3 && len(before) > 0:
			x[i] = -before[len(before)-1][i]
		case kind == 4:
			x[i] = 7
		default:
			x[i] = random.NormFloat64()
		}
	}
	return x
}

func smallConfig(random *rand.Rand, columns int) Config {
	return Config{
		Trees: 3, Seed: random.Uint64(), NoBootstrap: random.IntN(4) == 0,
		MaxDepth: max(0, random.IntN(8)-3), MinSamplesLeaf: max(1, random.IntN(6)-2), MaxFeatures: random.IntN(columns + 1),
	}
}

// manyIndicators draws data that take several words of flags for each row.
func manyIndicators(random *rand.Rand) (columns [][]float64, y []float64) {
	n := 20 + random.IntN(60)
	columns, y = make([][]float64, 70), make([]float64, n)
	for j := range columns {
		columns[j] = make([]float64, n)
		for i := range columns[j] {
			if columns[j][i] = float64(random.IntN(4) / 3); j%5 == 0 && random.IntN(5) == 0 {
				columns[j][i] = math.NaN()
			}
		}
	}
	for i := range y {
		y[i] = float64(random.IntN(9))
	}
	return columns, y
}

func TestTreesEqualTheirDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	for problem := range 800 {
		columns, y := smallProblem(random)
		if problem%100 == 99 {
			columns, y = manyIndicators(random)
		}
		cfg := smallConfig(random, len(columns))
		f, err := Grow(t.Context(), columns, y, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for number, got := range f.Ensemble.Trees {
			want, _ := oracleTree(columns, y, cfg, number)
			if diff := difference(f.Ensemble.Base, got, want); diff != "" {
				t.Fatalf("problem %d (%d rows, %d columns, %+v), tree %d: %s", problem, len(y), len(columns), cfg, number, diff)
			}
		}
	}
}

// difference says where a tree whose leaves are less by base is another one.
func difference(base float64, got, want Tree) string {
	if len(got.Nodes) != len(want.Nodes) {
		return fmt.Sprintf("%d nodes, want %d", len(got.Nodes), len(want.Nodes))
	}
	for i, n := range got.Nodes {
		w := want.Nodes[i]
		tolerance := 0.0
		if n.Feature == Leaf {
			n.Value += base
			tolerance = 1e-13 * (1 + math.Abs(w.Value))
		}
		if math.Abs(n.Value-w.Value) <= tolerance {
			n.Value = w.Value
		}
		if n != w || got.Cover[i] != want.Cover[i] {
			return fmt.Sprintf("node %d is %+v with cover %v, want %+v with cover %v", i, n, got.Cover[i], w, want.Cover[i])
		}
	}
	return ""
}

func TestImpurityIsTheShareOfDecreases(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		columns, y := smallProblem(random)
		cfg := smallConfig(random, len(columns))
		f, err := Grow(t.Context(), columns, y, cfg)
		if err != nil {
			t.Fatal(err)
		}
		want, sum := make([]float64, len(columns)), 0.0
		for number := range cfg.Trees {
			_, gains := oracleTree(columns, y, cfg, number)
			total := 0.0
			for _, gain := range gains {
				total += gain
			}
			for j, gain := range gains {
				if total > 0 {
					want[j] += gain / total
					sum += gain / total
				}
			}
		}
		for j, got := range f.Impurity {
			if sum > 0 && math.Abs(got-want[j]/sum) > 1e-9 || sum == 0 && got != 0 {
				t.Fatalf("impurity of column %d = %v, want %v", j, got, want[j]/sum)
			}
		}
	}
}
