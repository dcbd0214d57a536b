package explain

import (
	"context"
	"fmt"
)

// Interactions splits the contributions to predictions into what columns do alone
// and what they do together, for each row a symmetric matrix: half of what two
// columns do together on each side of the diagonal, and what a column does alone
// on it. Each line sums to the contribution of its column. Lundberg et al. 2020.
type Interactions struct {
	// Result has the contributions that the interactions are part of.
	*Result
	// Encoded is Rows x Columns x Columns, Values Rows x Groups x Groups.
	Encoded, Values []float64
}

// Interactions returns the interactions of columns in the predictions for rows of
// encoded columns, which x holds one after the other. They are exact, and 0 for
// linear models; for models without a method of their own they are an
// [ErrMethod]. Memory is rows * columns². Errors are those of [Explainer.Explain].
func (e *Explainer) Interactions(ctx context.Context, x []float64) (*Interactions, error) {
	if e.method == Permutation {
		return nil, fmt.Errorf("explain: there are no interactions by Method %q: %w", e.method, ErrMethod)
	}
	main, err := e.Explain(ctx, x)
	if err != nil {
		return nil, err
	}
	d, g := len(e.columns), len(e.groups)
	r := &Interactions{Result: main, Encoded: make([]float64, len(x)*d), Values: make([]float64, main.Rows*g*g)}
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
	d, g := len(r.Columns), len(r.Groups)
	from, to := r.Encoded[row*d*d:(row+1)*d*d], r.Values[row*g*g:(row+1)*g*g]
	for i, group := range r.GroupOf {
		for j, other := range r.GroupOf {
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
