package kernel

// Moments adds up weighted points by columns: a block of n points in d dimensions
// is d runs of n values, one for each dimension, end to end.
type Moments struct {
	// ones is a column of ones, and weighted room for the columns times the
	// weights.
	ones, weighted []float64
}

// NewMoments returns moments for blocks of so many points of dimension d at most.
func NewMoments(d, most int) *Moments {
	m := &Moments{make([]float64, most), make([]float64, d*most)}
	for i := range m.ones {
		m.ones[i] = 1
	}
	return m
}

// Products adds to first the weighted sums of the coordinates of points, to the
// lower triangle of second, d x d, row by row, those of the products of two
// coordinates, and returns the sum of the weights. Ones count as a last coordinate,
// so that all sums come from the same tiles.
func (m *Moments) Products(weights, columns, first, second []float64) (mass float64) {
	m.weigh(weights, columns)
	n, d := len(weights), len(first)
	var x, y [TileWidth][]float64
	for row := 0; row <= d; row += TileWidth {
		chooseTile(&x, m.weighted, weights, row, d)
		for column := 0; column <= row; column += TileWidth {
			chooseTile(&y, columns, m.ones[:n], column, d)
			tile := Products(&x, &y)
			for i := row; i < min(row+TileWidth, d); i++ {
				for j := column; j <= min(column+TileWidth-1, i); j++ {
					second[i*d+j] += tile[i-row][j-column]
				}
			}
			if last := d - row; last < TileWidth {
				for j := column; j < min(column+TileWidth, d); j++ {
					first[j] += tile[last][j-column]
				}
				mass = tile[last][last] // in the end that of the last tile
			}
		}
	}
	return mass
}

// chooseTile points to the columns from low on, of which column d and those that
// fill up the last tile are the given one.
func chooseTile(tile *[TileWidth][]float64, columns, last []float64, low, d int) {
	n := len(last)
	for i := range tile {
		tile[i] = last
		if j := low + i; j < d {
			tile[i] = columns[j*n : (j+1)*n]
		}
	}
}

// Squares adds to first the weighted sums of the coordinates of points, to second
// those of their squares, and returns the sum of the weights.
func (m *Moments) Squares(weights, columns, first, second []float64) (mass float64) {
	m.weigh(weights, columns)
	n := len(weights)
	for j := range first {
		column := columns[j*n : (j+1)*n]
		first[j] += Dot(weights, column)
		second[j] += Dot(m.weighted[j*n:(j+1)*n], column)
	}
	return Dot(weights, m.ones[:n])
}

func (m *Moments) weigh(weights, columns []float64) {
	n := len(weights)
	for low := 0; low < len(columns); low += n {
		Multiply(m.weighted[low:low+n], columns[low:low+n], weights)
	}
}
