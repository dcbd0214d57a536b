package segment

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// MaxExactSilhouette is the number of rows up to which a silhouette is exact.
// Above it, it is that of as many rows drawn by the seed.
const MaxExactSilhouette = 20_000

// width is a mean silhouette width and its standard error, which is 0 when no
// rows were drawn.
type width struct{ mean, standardError float64 }

// silhouettes returns the mean silhouette width of each partition: Rousseeuw,
// "Silhouettes", J. Comput. Appl. Math. 20 (1987). A row that is alone in its
// segment counts 0. All partitions share one pass over the distances, whose cost
// is n^2 d however many there are.
//
// Rows with the same label in every partition form a cell. The distances from a
// row are summed cell by cell, and the sums of a segment are the sums of its
// cells.
func silhouettes(ctx context.Context, p points, partitions []*partition, seed uint64, workers int) ([]width, error) {
	if p.n == 0 {
		return make([]width, len(partitions)), nil
	}
	rows := sampleRows(p.n, seed)
	sums, err := widthMoments(ctx, p, rows, partitions, workers)
	if err != nil {
		return nil, err
	}
	widths := make([]width, len(partitions))
	for j := range widths {
		widths[j] = sums[j].width(len(rows), len(rows) < p.n)
	}
	return widths, nil
}

// widthMoments returns the moments of the widths of the given rows among
// themselves, in each partition.
func widthMoments(ctx context.Context, p points, rows []int, partitions []*partition, workers int) ([]moments, error) {
	cells := newCells(p, rows, partitions)
	const rowsPerChunk = 64
	totals := make([][]moments, par.Count(len(rows), rowsPerChunk))
	err := par.Chunks(ctx, workers, len(rows), rowsPerChunk, func(chunk, low, high int) error {
		sums := make([]moments, len(partitions))
		p, distances := make([]float64, cells.d), make([]float64, cells.count())
		for i := low; i < high; i++ {
			cells.row(i, p)
			cells.distances(p, distances)
			for j := range partitions {
				sums[j].add(cells.width(j, i, distances))
			}
		}
		totals[chunk] = sums
		return nil
	})
	all := make([]moments, len(partitions))
	for _, sums := range totals {
		for j, m := range sums {
			all[j].sum += m.sum
			all[j].squares += m.squares
		}
	}
	return all, err
}

// silhouette returns the mean silhouette width of one partition. It measures each
// pair of rows once, on one core, and holds n k sums: for draws of bounded size.
func silhouette(ctx context.Context, p points, q *partition) (float64, error) {
	cells := newCells(p, allRows(p.n), []*partition{q})
	sums, err := cells.pairs(ctx)
	if err != nil {
		return 0, err
	}
	total := 0.0
	distances := make([]float64, cells.count())
	for i := range p.n {
		for cell := range distances {
			distances[cell] = sums[cell*p.n+i]
		}
		total += cells.width(0, i, distances)
	}
	return total / float64(p.n), nil
}

// pairs returns, for each cell and each row, the sum of the distances of the row
// from the cell.
func (c *cells) pairs(ctx context.Context) ([]float64, error) {
	n := len(c.of)
	sums, p := make([]float64, c.count()*n), make([]float64, c.d)
	for i := range n {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.row(i, p)
		own := c.of[i]
		low := i + 1
		for cell := own; cell < c.count(); cell++ {
			high := c.ends[cell]
			sums[cell*n+i] += kernel.AddDistances(p, c.x, low, sums[own*n+low:own*n+high])
			low = high
		}
	}
	return sums, nil
}

type moments struct{ sum, squares float64 }

func (m *moments) add(v float64) {
	m.sum += v
	m.squares += v * v
}

func (m moments) width(n int, drawn bool) width {
	mean := m.sum / float64(n)
	if !drawn {
		return width{mean: mean}
	}
	variance := max(0, m.squares/float64(n)-mean*mean)
	return width{mean, math.Sqrt(variance / float64(n))}
}

// sampleRows returns all rows, or as many as can be handled, in ascending order.
func sampleRows(n int, seed uint64) []int {
	if n <= MaxExactSilhouette {
		return allRows(n)
	}
	rows := rng.Stream(seed, streamSilhouette).Perm(n)[:MaxExactSilhouette]
	slices.Sort(rows)
	return rows
}

func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// cells holds rows grouped by the tuple of their labels.
type cells struct {
	d int
	x []float64 // rows, cell by cell, by columns
	// ends has the row at which each cell ends; of has the cell of each row.
	ends, of []int
	// labels has, for each partition, the label of each cell, and sizes the
	// number of rows of each label.
	labels [][]int32
	sizes  [][]int
}

func newCells(p points, rows []int, partitions []*partition) *cells {
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b int) int {
		for _, q := range partitions {
			if q.labels[a] != q.labels[b] {
				return cmp.Compare(q.labels[a], q.labels[b])
			}
		}
		return 0
	})
	c := &cells{d: p.d, x: make([]float64, len(order)*p.d), of: make([]int, len(order))}
	c.labels, c.sizes = make([][]int32, len(partitions)), make([][]int, len(partitions))
	for j, q := range partitions {
		c.sizes[j] = make([]int, q.k)
	}
	for i, row := range order {
		if i == 0 || !sameLabels(partitions, order[i-1], row) {
			c.ends = append(c.ends, i)
			for j, q := range partitions {
				c.labels[j] = append(c.labels[j], q.labels[row])
			}
		}
		for j, v := range p.row(row) {
			c.x[j*len(order)+i] = v
		}
		c.of[i] = len(c.ends) - 1
		c.ends[c.of[i]] = i + 1
		for j, q := range partitions {
			c.sizes[j][q.labels[row]]++
		}
	}
	return c
}

func sameLabels(partitions []*partition, a, b int) bool {
	for _, q := range partitions {
		if q.labels[a] != q.labels[b] {
			return false
		}
	}
	return true
}

func (c *cells) count() int { return len(c.ends) }

// row sets p to row i.
func (c *cells) row(i int, p []float64) {
	for j := range p {
		p[j] = c.x[j*len(c.of)+i]
	}
}

// distances sets to[cell] to the sum of the distances of p from the cell.
func (c *cells) distances(p, to []float64) {
	low := 0
	for cell, high := range c.ends {
		to[cell] = kernel.SumDistances(p, c.x, low, high)
		low = high
	}
}

// width returns the silhouette width of row i in partition j.
func (c *cells) width(j, i int, distances []float64) float64 {
	labels, sizes := c.labels[j], c.sizes[j]
	own := labels[c.of[i]]
	if sizes[own] < 2 {
		return 0
	}
	var stack [32]float64
	sums := stack[:min(len(sizes), len(stack))]
	if len(sizes) > len(stack) {
		sums = make([]float64, len(sizes))
	}
	for cell, distance := range distances {
		sums[labels[cell]] += distance
	}
	within, nearest := sums[own]/float64(sizes[own]-1), math.Inf(1)
	for label, size := range sizes {
		if int32(label) != own && size > 0 {
			nearest = min(nearest, sums[label]/float64(size))
		}
	}
	if larger := max(within, nearest); larger > 0 && !math.IsInf(nearest, 1) {
		return (nearest - within) / larger
	}
	return 0
}
