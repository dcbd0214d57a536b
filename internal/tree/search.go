package tree

import "slices"

// What rounding cannot reach, so that it does not decide between splits that are
// as good as each other.
const (
	// margin is how much greater, relatively, the decrease of a better split is.
	margin = 1e-10
	// nothing is the decrease, as a share of the node's squared error, that
	// counts as none.
	nothing = 1e-24
)

// split is the best way found so far to divide a node.
type split struct {
	// limit is what the score of a better split exceeds, -1 when there is none
	// so far. The score is the decrease of the squared error over the weight of
	// the node.
	score, limit float64
	// least is the least limit once there is a split.
	least  float64
	column int
	// below and above are neighbouring codes, the last to the left and the
	// first to the right; at is the place of the latter in a sorted column.
	below, above, at int
	// missing is the number of missing values, which go to the left if
	// missingLeft is set.
	missing     int
	missingLeft bool
	// left is the weight of the rows to the left.
	left float64
}

func (s *split) found() bool { return s.limit >= 0 }

// take makes a split with this score the best.
func (s *split) take(score float64) { s.score, s.limit = score, max(s.least, score*(1+margin)) }

// search finds the best split of a node.
func (g *grower) search(p pending, sums nodeSums) (split, error) {
	best := split{limit: -1, least: nothing * sums.squares / sums.weight}
	for visited := range g.order {
		if visited >= g.cfg.MaxFeatures && best.found() {
			break
		}
		j := g.draw(visited)
		if err := g.spend(p.high - p.low); err != nil {
			return best, err
		}
		if g.codes[j] != nil {
			g.searchCodes(&best, j, g.rows[p.low:p.high], sums.weight)
		} else {
			g.searchSorted(&best, j, g.sorted[j][p.low:p.high], sums.weight)
		}
		if best.limit*sums.weight >= sums.squares {
			break // nothing is left that another split could decrease
		}
	}
	return best, nil
}

// draw returns one of the columns that were not visited at this node.
func (g *grower) draw(visited int) int {
	if rest := len(g.order) - visited; rest > 1 {
		other := visited + int(g.random.Uint32N(uint32(rest)))
		g.order[visited], g.order[other] = g.order[other], g.order[visited]
	}
	return g.order[visited]
}

// searchSorted tries the splits at a sorted column.
func (g *grower) searchSorted(best *split, j int, entries []entry, weight float64) {
	n, least := len(entries), g.cfg.MinSamplesLeaf
	if entries[0].code() == entries[n-1].code() {
		return
	}
	c := g.columns[j]
	present := n
	if missing := len(c.values); entries[n-1].code() == missing {
		present, _ = slices.BinarySearch(entries, newEntry(missing, 0))
	}
	at := scan(best, entries, g.parts, part{}, weight, least, min(present, n-least))
	left := false
	if missing := n - present; missing > 0 {
		start := g.sum(entries[present:])
		again := scan(best, entries, g.parts, start, weight, max(1, least-missing), present-least)
		if again > 0 {
			at, left = again, true
		}
	}
	if at > 0 {
		best.column, best.at, best.missing, best.missingLeft = j, at, n-present, left
		best.below, best.above = entries[at-1].code(), entries[at].code()
	}
}

func (g *grower) sum(entries []entry) part {
	var total part
	for _, e := range entries {
		p := g.parts[e.row()]
		total.sum += p.sum
		total.weight += p.weight
	}
	return total
}

// scan tries to divide the entries before each place from low to high, and
// returns the last one that was better than the best before it, or 0. The rows of
// start are to the left of each.
func scan(best *split, entries []entry, parts []part, start part, weight float64, low, high int) (at int) {
	sum, left, limit := start.sum, start.weight, best.limit
	if high < low {
		return 0
	}
	e := entries[0]
	for i, next := range entries[1 : high+1] {
		p := parts[e.row()]
		sum += p.sum
		left += p.weight
		// The parts of all rows add up to 0, so that the sum to the right is
		// -sum, and the score sum^2 / (left right).
		if product := left * (weight - left); sum*sum > limit*product && next>>32 != e>>32 && i+1 >= low {
			best.take(sum * sum / product)
			at, best.left, limit = i+1, left, best.limit
		}
		e = next
	}
	return at
}

// searchCodes tries the splits at a column of at most two values.
func (g *grower) searchCodes(best *split, j int, rows []uint32, weight float64) {
	var sums [3]part
	var counts [3]int
	for _, r := range rows {
		code, p := g.codes[j][r], g.parts[r]
		sums[code].sum += p.sum
		sums[code].weight += p.weight
		counts[code]++
	}
	missing := len(g.columns[j].values)
	t := tally{sums: sums[:missing], counts: counts[:missing], rows: len(rows), least: g.cfg.MinSamplesLeaf, weight: weight}
	found := t.scan(best, part{}, 0)
	left := false
	if counts[missing] > 0 && t.scan(best, sums[missing], counts[missing]) {
		found, left = true, true
	}
	if found {
		best.column, best.missing, best.missingLeft = j, counts[missing], left
	}
}

// tally has the sums of a node by code, without the missing values.
type tally struct {
	sums        []part
	counts      []int
	rows, least int
	weight      float64
}

// scan is what the function scan is to entries. start and before are the sums and
// the number of the rows to the left of each split.
func (t *tally) scan(best *split, start part, before int) (found bool) {
	sum, left := start.sum, start.weight
	for code, p := range t.sums {
		if t.counts[code] == 0 {
			continue
		}
		sum += p.sum
		left += p.weight
		before += t.counts[code]
		product := left * (t.weight - left)
		if before < t.least || t.rows-before < t.least || sum*sum <= best.limit*product {
			continue
		}
		best.take(sum * sum / product)
		best.left, best.below, best.above = left, code, code+1
		if code+1 < len(t.counts) && t.counts[code+1] == 0 {
			best.above = len(t.counts)
		}
		found = true
	}
	return found
}
