//go:build amd64 && !purego

package kernel

func (p *partials) addGroups(x, y *[TileWidth][]float64, groups int) {
	if !hasAVX2 || groups == 0 {
		p.addGroupsPlain(x, y, groups)
		return
	}
	var from, with [TileWidth]*float64
	for i := range from {
		from[i], with[i] = &x[i][:groups*Lanes][0], &y[i][:groups*Lanes][0]
	}
	if hasAVX512 {
		productsAVX512(&from, &with, groups, p)
		return
	}
	for pair := range TileWidth / 2 {
		productsAVX2(&from, &with, groups, pair, 0, p)
		productsAVX2(&from, &with, groups, pair, 1, p)
	}
}

func addDifferences(x []float64, origin float64, sums *[Lanes]float64) {
	if !hasAVX2 || len(x) == 0 {
		addDifferencesPlain(x, origin, sums)
		return
	}
	addDifferencesAVX2(&x[0], len(x)/Lanes, origin, sums)
}

func subtractBoth(x []float64, a, b float64) {
	if !hasAVX2 || len(x) == 0 {
		subtractBothPlain(x, a, b)
		return
	}
	subtractBothAVX2(&x[0], len(x)/Lanes, a, b)
}

func addSlope(to, x []float64, slope, centre float64) {
	if !hasAVX2 || len(to) == 0 {
		addSlopePlain(to, x, slope, centre)
		return
	}
	addSlopeAVX2(&to[0], &x[0], len(to)/Lanes, slope, centre)
}

func rangeOf(x []float64) (low, high float64, missing bool) {
	if !hasAVX2 || len(x) == 0 {
		return rangePlain(x)
	}
	return rangeAVX2(&x[0], len(x)/Lanes)
}

func part(x []float64, chosen []uint8, to, others []float64) int {
	groups := len(x) / Lanes
	if !hasAVX512 || groups == 0 {
		return partPlain(x, chosen, to, others)
	}
	_, _, _ = chosen[groups-1], to[len(x)-1], others[len(x)-1]
	return partAVX512(&x[0], &chosen[0], groups, &to[0], &others[0])
}

//go:noescape
func productsAVX512(x, y *[TileWidth]*float64, groups int, sums *partials)

// productsAVX2 adds the products with columns 2 pair and 2 pair + 1 of y, for the
// first or the second half of each group.
//
//go:noescape
func productsAVX2(x, y *[TileWidth]*float64, groups, pair, half int, sums *partials)

//go:noescape
func addDifferencesAVX2(x *float64, groups int, origin float64, sums *[Lanes]float64)

//go:noescape
func subtractBothAVX2(x *float64, groups int, a, b float64)

//go:noescape
func addSlopeAVX2(to, x *float64, groups int, slope, centre float64)

//go:noescape
func rangeAVX2(x *float64, groups int) (low, high float64, missing bool)

//go:noescape
func partAVX512(x *float64, chosen *uint8, groups int, to, others *float64) int
