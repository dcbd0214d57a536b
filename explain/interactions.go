package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Interactions splits the contributions to predictions into what columns do alone
// and what they do together, for each row a symmetric matrix: half of what two
// columns do together on each side of the diagonal, and what a column does alone
// on it. Each line sums to the contribution of its column. Lundberg et al. 2020.
type Interactions struct {
	// Contributions has the contributions that the interactions are part of.
	Contributions *Result
	// Encoded is Rows x Columns x Columns, Values Rows x Groups x Groups.
	Encoded, Values []float64
}

// Pair is what two of the user's columns do together, beyond what each does alone.
type Pair struct {
	Groups [2]string
	// Effect is that on a prediction, or its mean size over many: both halves.
	Effect float64
}

// Pairs returns what columns do together in the prediction for a row, the greatest
// effects first, without pairs that do nothing.
func (r *Interactions) Pairs(row int) []Pair {
	groups := r.Contributions.Groups
	g := len(groups)
	effects := make([]float64, 0, pairs(g))
	for i := range g {
		for j := range i {
			effects = append(effects, 2*r.Values[(row*g+i)*g+j])
		}
	}
	return ranked(groups, effects)
}

// ranked sorts the effects of each group with those before it.
func ranked(groups []string, effects []float64) []Pair {
	var out []Pair
	for i := range groups {
		for j, effect := range effects[pairs(i) : pairs(i)+i] {
			if effect != 0 {
				out = append(out, Pair{[2]string{groups[j], groups[i]}, effect})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return cmp.Compare(math.Abs(b.Effect), math.Abs(a.Effect)) })
	return out
}

// Interactions returns the interactions of columns in the predictions for rows of
// encoded columns, which x holds one after the other. They are exact, and 0 for
// linear models; for models without a method of their own they are an
// [ErrMethod]. Memory is rows * columns², which [Explainer.InteractionSummary] does
// not need. Errors are those of [Explainer.Explain].
func (e *Explainer) Interactions(ctx context.Context, x []float64) (*Interactions, error) {
	if e.method == Permutation {
		return nil, fmt.Errorf("explain: there are no interactions by Method %q: %w", e.method, ErrMethod)
	}
	main, err := e.Explain(ctx, x)
	if err != nil {
		return nil, err
	}
	d, g := len(e.columns), len(e.groups)
	r := &Interactions{Contributions: main, Encoded: make([]float64, len(x)*d), Values: make([]float64, main.Rows*g*g)}
	together := make([]float64, main.Rows*pairs(d))
	if trees, ok := e.game.(*treeGame); ok && d > 1 {
		if err := trees.interactions(ctx, x, together); err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
	}
	for row := range main.Rows {
		at, n := row*d*d, pairs(d)
		symmetric(r.Encoded[at:at+d*d], main.Encoded[row*d:(row+1)*d], together[row*n:(row+1)*n])
		r.rollUp(row)
	}
	return r, nil
}

// summaryCells bounds the values that a summary holds at a time.
const summaryCells = 1 << 20

// InteractionSummary returns the mean size of what columns do together over rows of
// encoded columns, the greatest first, as [Interactions.Pairs] does for one row. It
// goes through the rows in parts, so that memory is that of one part, and reports
// progress by rows. Errors are those of [Explainer.Interactions].
func (e *Explainer) InteractionSummary(ctx context.Context, x []float64) ([]Pair, error) {
	if err := checkRows(x, len(e.columns), "x"); err != nil {
		return nil, err
	}
	d, quiet := len(e.columns), e.quiet()
	rows, part := len(x)/d, max(1, summaryCells/(d*d))
	sizes := make([]float64, pairs(len(e.groups)))
	for low := 0; low < rows; low += part {
		high := min(low+part, rows)
		r, err := quiet.Interactions(ctx, x[low*d:high*d])
		if err != nil {
			return nil, err
		}
		r.addSizes(sizes)
		e.config.Progress(high, rows)
	}
	for i := range sizes {
		sizes[i] /= float64(max(1, rows))
	}
	return ranked(e.groups, sizes), nil
}

// addSizes adds up, over the rows, the sizes of what each group does with those
// before it.
func (r *Interactions) addSizes(sizes []float64) {
	g := len(r.Contributions.Groups)
	for row := range r.Contributions.Rows {
		for i := range g {
			for j := range i {
				sizes[pairs(i)+j] += math.Abs(2 * r.Values[(row*g+i)*g+j])
			}
		}
	}
}

// quiet returns an explainer that reports no progress.
func (e *Explainer) quiet() *Explainer {
	q := *e
	q.config.Progress = nil
	q.config = q.config.withDefaults()
	switch g := e.game.(type) {
	case *treeGame:
		trees := *g
		trees.config = q.config
		q.game = &trees
	case *linear:
		line := *g
		line.progress = q.config.Progress
		q.game = &line
	}
	return &q
}

// symmetric sets the matrix of a row from the contributions and the interactions
// of each column with those before it.
func symmetric(matrix, contributions, together []float64) {
	d := len(contributions)
	for i, v := range contributions {
		matrix[i*d+i] += v
		for j, pair := range together[pairs(i) : pairs(i)+i] {
			matrix[i*d+j], matrix[j*d+i] = pair/2, pair/2
			matrix[i*d+i] -= pair / 2
			matrix[j*d+j] -= pair / 2
		}
	}
}

// rollUp sums a matrix over the columns of each pair of groups.
func (r *Interactions) rollUp(row int) {
	groupOf := r.Contributions.GroupOf
	d, g := len(groupOf), len(r.Contributions.Groups)
	from, to := r.Encoded[row*d*d:(row+1)*d*d], r.Values[row*g*g:(row+1)*g*g]
	for i, group := range groupOf {
		for j, other := range groupOf {
			to[group*g+other] += from[i*d+j]
		}
	}
}

// interactions adds the interactions of each column with those before it.
func (g *treeGame) interactions(ctx context.Context, x, out []float64) error {
	err := eachTree(ctx, g.config, g.trees, x, out, pairs(g.trees.Features), func() treeWorker { return &interactionWorker{ways: ways{game: g}} })
	for i := range out {
		out[i] *= g.trees.Scale
	}
	return err
}
