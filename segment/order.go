package segment

import (
	"cmp"
	"context"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
)

// rowsPerSort is the number of rows that are sorted at a time before they are
// merged, and that are merged between two looks at the context.
const rowsPerSort = 1 << 14

// canonicalOrder returns the rows sorted by the first column, then the next;
// equal rows in the order of the table.
func canonicalOrder(ctx context.Context, columns []datasource.Column, n, workers int) ([]int, error) {
	values := make([][]float64, len(columns))
	for j, c := range columns {
		values[j] = c.Floats()
	}
	compare := func(a, b int) int {
		for _, v := range values {
			if v[a] != v[b] {
				return cmp.Compare(v[a], v[b])
			}
		}
		return cmp.Compare(a, b)
	}
	order := make([]int, n)
	err := par.Chunks(ctx, workers, n, rowsPerSort, func(_, low, high int) error {
		for i := low; i < high; i++ {
			order[i] = i
		}
		slices.SortFunc(order[low:high], compare)
		return nil
	})
	spare := make([]int, n)
	for width := rowsPerSort; width < n && err == nil; width *= 2 {
		err = par.Chunks(ctx, workers, n, 2*width, func(_, low, high int) error {
			middle := min(low+width, high)
			return merge(ctx, spare[low:high], order[low:middle], order[middle:high], compare)
		})
		order, spare = spare, order
	}
	return order, err
}

// merge joins two sorted runs.
func merge(ctx context.Context, to, a, b []int, compare func(a, b int) int) error {
	for i := range to {
		if i%rowsPerSort == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) < 0 {
			to[i], a = a[0], a[1:]
		} else {
			to[i], b = b[0], b[1:]
		}
	}
	return nil
}
