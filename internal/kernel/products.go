package kernel

import "math"

// TileWidth is the number of columns on each side of a [Products] tile.
const TileWidth = 4

// Tile holds one number for each pair of columns.
type Tile [TileWidth][TileWidth]float64

// partials holds for each pair of a tile the sums of every eighth product.
type partials [TileWidth * TileWidth][Lanes]float64

// Products returns the sum over the rows of each column of x times each column of
// y. All columns are as long as the first of x. Each product is added without being
// rounded before, and those of every eighth row are added apart, so that the sums
// are the same on any processor to the last bit.
func Products(x, y *[TileWidth][]float64) Tile { return ProductsAhead(x, y, nil) }

// ProductsAhead is [Products], and brings values that are needed soon nearer from
// memory meanwhile, as many as there are rows, where the processor can do so.
func ProductsAhead(x, y *[TileWidth][]float64, ahead []float64) Tile {
	var sums partials
	whole := len(x[0]) / Lanes * Lanes
	sums.addGroups(x, y, whole/Lanes, ahead)
	for row := whole; row < len(x[0]); row++ {
		for i := range x {
			for j := range y {
				sum := &sums[i*TileWidth+j][row-whole]
				*sum = math.FMA(x[i][row], y[j][row], *sum)
			}
		}
	}
	return sums.tile()
}

func (p *partials) tile() (t Tile) {
	for i := range t {
		for j := range t[i] {
			t[i][j] = addLanes(&p[i*TileWidth+j])
		}
	}
	return t
}

func addLanes(l *[Lanes]float64) float64 {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

// addGroupsPlain adds the products of so many groups of eight rows.
func (p *partials) addGroupsPlain(x, y *[TileWidth][]float64, groups int) {
	for i, a := range x {
		for j, b := range y {
			addProducts(a[:groups*Lanes], b[:groups*Lanes], &p[i*TileWidth+j])
		}
	}
}

func addProducts(a, b []float64, to *[Lanes]float64) {
	s0, s1, s2, s3, s4, s5, s6, s7 := to[0], to[1], to[2], to[3], to[4], to[5], to[6], to[7]
	for ; len(a) >= Lanes && len(b) >= Lanes; a, b = a[Lanes:], b[Lanes:] {
		s0 = math.FMA(a[0], b[0], s0)
		s1 = math.FMA(a[1], b[1], s1)
		s2 = math.FMA(a[2], b[2], s2)
		s3 = math.FMA(a[3], b[3], s3)
		s4 = math.FMA(a[4], b[4], s4)
		s5 = math.FMA(a[5], b[5], s5)
		s6 = math.FMA(a[6], b[6], s6)
		s7 = math.FMA(a[7], b[7], s7)
	}
	*to = [Lanes]float64{s0, s1, s2, s3, s4, s5, s6, s7}
}
