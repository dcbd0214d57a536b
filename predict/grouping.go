package predict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// grouping deals groups of rows to folds.
type grouping struct {
	column string
	codes  []int32 // group by row
	sizes  []int   // by group
	folds  []int   // by group
}

func newGrouping(t *datasource.Table, cfg Config) (*grouping, error) {
	c, err := t.Column(cfg.FoldGroups)
	if err != nil {
		return nil, fmt.Errorf("predict: FoldGroups: %w", err)
	}
	if n := c.MissingCount(); n > 0 {
		return nil, fmt.Errorf("predict: FoldGroups: %d of %d rows lack a value in %s: %w", n, t.Rows(), cfg.FoldGroups, ErrMissing)
	}
	c = asCategory(c)
	g := &grouping{column: cfg.FoldGroups, codes: c.Codes(), sizes: make([]int, len(c.Levels()))}
	if need := max(3, cfg.Folds); len(g.sizes) < need {
		return nil, fmt.Errorf("predict: FoldGroups: %d folds need at least %d groups, %s has %d: %w", cfg.Folds, need, g.column, len(g.sizes), ErrTooFewRows)
	}
	for _, code := range g.codes {
		g.sizes[code]++
	}
	g.folds = deal(g.sizes, cfg.Folds)
	return g, nil
}

// asCategory returns a column of any kind as a categorical one.
func asCategory(c datasource.Column) datasource.Column {
	if c.Kind() == datasource.Categorical {
		return c
	}
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = c.Cell(row)
	}
	return datasource.Categories(c.Name(), cells)
}

// deal assigns each group to a fold: from the largest group to the smallest, the
// first of equals before the others, to the fold with the fewest rows.
func deal(sizes []int, folds int) []int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	dealt, rows := make([]int, len(sizes)), make([]int, folds)
	for _, group := range order {
		fold := slices.Index(rows, slices.Min(rows))
		dealt[group] = fold
		rows[fold] += sizes[group]
	}
	return dealt
}

// split orders rows by fold, and holds out groups that have at least out rows
// between them if it can.
func (g *grouping) split(cfg Config, out int) (*split, error) {
	held := g.holdOut(cfg, out)
	s := &split{rows: len(g.codes), order: make([]int, 0, len(g.codes))}
	sizes := make([]int, cfg.Folds)
	for fold := range sizes {
		for row, code := range g.codes {
			if g.folds[code] != fold {
				continue
			}
			if held[code] {
				s.heldOut = append(s.heldOut, len(s.order))
			}
			s.order = append(s.order, row)
		}
		sizes[fold] = len(s.order)
	}
	for fold := cfg.Folds - 1; fold > 0; fold-- {
		sizes[fold] -= sizes[fold-1]
	}
	if len(s.heldOut) < 2 {
		return nil, fmt.Errorf("predict: FoldGroups: no group of %s can be held out and leave half of the rows, in two folds, to train on: %w",
			g.column, ErrTooFewRows)
	}
	s.cut(sizes)
	return s, nil
}

// holdOut draws groups until they have out rows. It passes over those without
// which less than half of the rows, or fewer than two folds, would be left.
func (g *grouping) holdOut(cfg Config, out int) []bool {
	held, rows := make([]bool, len(g.sizes)), 0
	left := make([]int, cfg.Folds) // groups by fold
	for _, fold := range g.folds {
		left[fold]++
	}
	for _, group := range rng.Stream(cfg.Seed, heldOutStream).Perm(len(g.sizes)) {
		if rows >= out {
			break
		}
		fold := g.folds[group]
		left[fold]--
		empty := 0
		for _, n := range left {
			if n == 0 {
				empty++
			}
		}
		if cfg.Folds-empty < 2 || 2*(rows+g.sizes[group]) > len(g.codes) {
			left[fold]++
			continue
		}
		held[group] = true
		rows += g.sizes[group]
	}
	return held
}
