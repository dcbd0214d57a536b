package segment

import (
	"context"
	"math"
)

// assignment pairs each row of a matrix of gains with at most one column, and
// each column with at most one row, so that the gains of the pairs sum to the
// most. It returns the column of each row, or -1. The gains must not be negative.
//
// It is the Hungarian method by shortest augmenting paths: Jonker and Volgenant,
// "A shortest augmenting path algorithm for dense and sparse linear assignment
// problems", Computing 38 (1987). The cost is the cube of the larger dimension.
func assignment(ctx context.Context, gains [][]int, columns int) ([]int, error) {
	a := &assigner{gains: gains, columns: columns, n: max(len(gains), columns)}
	a.ofRow, a.ofColumn = make([]int, a.n+1), make([]int, a.n+1)
	a.rowOf = make([]int, a.n+1)
	a.before = make([]int, a.n+1)
	for row := 1; row <= a.n; row++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a.augment(row)
	}
	out := make([]int, len(gains))
	for row := range out {
		out[row] = -1
	}
	for column := 1; column <= columns; column++ {
		if row := a.rowOf[column]; row <= len(gains) {
			out[row-1] = column - 1
		}
	}
	return out, nil
}

// assigner works on a square matrix of n rows and columns, counted from 1, with
// gains of 0 beyond those given. Column 0 stands for the row to be paired.
type assigner struct {
	gains      [][]int
	columns, n int
	// ofRow and ofColumn are the potentials: the loss of a pair, taken from
	// theirs, is never negative, and 0 for pairs that are made.
	ofRow, ofColumn []int
	// rowOf has the row of each column, 0 for none; before has the column that
	// a path comes from.
	rowOf, before []int
}

// loss is the negative gain of a pair above its potentials.
func (a *assigner) loss(row, column int) int {
	gain := 0
	if row <= len(a.gains) && column <= a.columns {
		gain = a.gains[row-1][column-1]
	}
	return -gain - a.ofRow[row] - a.ofColumn[column]
}

// augment pairs one more row, along the path of least loss to a free column.
func (a *assigner) augment(row int) {
	a.rowOf[0] = row
	least, visited := make([]int, a.n+1), make([]bool, a.n+1)
	for column := range least {
		least[column] = math.MaxInt
	}
	at := 0
	for a.rowOf[at] != 0 {
		at = a.advance(at, least, visited)
	}
	for at != 0 {
		a.rowOf[at] = a.rowOf[a.before[at]]
		at = a.before[at]
	}
}

// advance visits a column and returns the one to visit next: that of the least
// loss, the first of equals.
func (a *assigner) advance(at int, least []int, visited []bool) int {
	visited[at] = true
	row, next, step := a.rowOf[at], 0, math.MaxInt
	for column := 1; column <= a.n; column++ {
		if visited[column] {
			continue
		}
		if loss := a.loss(row, column); loss < least[column] {
			least[column], a.before[column] = loss, at
		}
		if least[column] < step {
			step, next = least[column], column
		}
	}
	for column := range visited {
		if visited[column] {
			a.ofRow[a.rowOf[column]] += step
			a.ofColumn[column] -= step
		} else {
			least[column] -= step
		}
	}
	return next
}
