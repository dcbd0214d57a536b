//go:build !amd64 || purego

package kernel

func (p *partials) addGroups(x, y *[TileWidth][]float64, groups int, _ []float64) {
	p.addGroupsPlain(x, y, groups)
}

func addDifferences(x []float64, origin float64, sums *[Lanes]float64) {
	addDifferencesPlain(x, origin, sums)
}

func subtractBoth(to, x []float64, a, b float64) { subtractBothPlain(to, x, a, b) }

func addSlopes([]float64, [][]float64, []float64, []float64) (done int) { return 0 }

func addMisses(a, b []float64, squares, absolutes *[Lanes]float64) {
	addMissesPlain(a, b, squares, absolutes)
}

func rangeOf(x []float64) (low, high float64, missing bool) { return rangePlain(x) }

func part(x []float64, chosen []uint8, to, others []float64) int {
	return partPlain(x, chosen, to, others)
}
