//go:build amd64 && !purego

package kernel

func (p *partials) addGroups(x, y *[TileWidth][]float64, groups int, ahead []float64) {
	if !hasAVX2 || !hasFMA || groups == 0 {
		p.addGroupsPlain(x, y, groups)
		return
	}
	var from, with [TileWidth]*float64
	for i := range from {
		from[i], with[i] = &x[i][:groups*Lanes][0], &y[i][:groups*Lanes][0]
	}
	if hasAVX512 {
		next := from[0]
		if len(ahead) > 0 {
			next = &ahead[0]
		}
		productsAVX512(&from, &with, groups, p, next)
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

func subtractBoth(to, x []float64, a, b float64) {
	if !hasAVX2 || len(x) == 0 {
		subtractBothPlain(to, x, a, b)
		return
	}
	subtractBothAVX2(&to[:len(x)][0], &x[0], len(x)/Lanes, a, b)
}

// addSlopes adds those of the first columns, and returns how many.
func addSlopes(to []float64, columns [][]float64, slopes, centres []float64) (done int) {
	if !hasAVX2 || len(to) == 0 {
		return 0
	}
	groups := len(to) / Lanes
	for hasAVX512 && len(columns)-done >= TileWidth {
		var from [TileWidth]*float64
		for i := range from {
			from[i] = &columns[done+i][:len(to)][0]
		}
		addSlopesAVX512(&to[0], &from, groups, (*[TileWidth]float64)(slopes[done:]), (*[TileWidth]float64)(centres[done:]))
		done += TileWidth
	}
	for ; done < len(columns); done++ {
		addSlopeAVX2(&to[0], &columns[done][:len(to)][0], groups, slopes[done], centres[done])
	}
	return done
}

func addMisses(a, b []float64, squares, absolutes *[Lanes]float64) {
	if !hasAVX2 || len(a) == 0 {
		addMissesPlain(a, b, squares, absolutes)
		return
	}
	addMissesAVX2(&a[0], &b[0], len(a)/Lanes, squares, absolutes)
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
func productsAVX512(x, y *[TileWidth]*float64, groups int, sums *partials, ahead *float64)

// productsAVX2 adds the products with columns 2 pair and 2 pair + 1 of y, for the
// first or the second half of each group.
//
//go:noescape
func productsAVX2(x, y *[TileWidth]*float64, groups, pair, half int, sums *partials)

//go:noescape
func addDifferencesAVX2(x *float64, groups int, origin float64, sums *[Lanes]float64)

//go:noescape
func subtractBothAVX2(to, x *float64, groups int, a, b float64)

//go:noescape
func addSlopesAVX512(to *float64, x *[TileWidth]*float64, groups int, slopes, centres *[TileWidth]float64)

//go:noescape
func addMissesAVX2(a, b *float64, groups int, squares, absolutes *[Lanes]float64)

//go:noescape
func addSlopeAVX2(to, x *float64, groups int, slope, centre float64)

//go:noescape
func rangeAVX2(x *float64, groups int) (low, high float64, missing bool)

//go:noescape
func partAVX512(x *float64, chosen *uint8, groups int, to, others *float64) int
