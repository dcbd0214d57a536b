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
	g.count(g.rows[p.low:p.high])
	g.list(p)
	for visited := range g.order {
		if visited >= g.cfg.MaxFeatures && best.found() {
			break
		}
		j := g.draw(visited)
		if err := g.spend(p.high - p.low); err != nil {
			return best, err
		}
		g.searchColumn(&best, j, p, sums.weight)
		if best.limit*sums.weight >= sums.squares {
			break // nothing is left that another split could decrease
		}
	}
	return best, nil
}

// list sets order to the columns to visit. When all of them are, those with one
// value in the node need not be among them.
func (g *grower) list(p pending) {
	g.order = g.order[:0]
	some := g.cfg.MaxFeatures < len(g.columns)
	for j := range g.columns {
		if some || g.varies(j, p) {
			g.order = append(g.order, j)
		}
	}
}

// varies reports whether a column has two values in a node, one of which can be
// missing.
func (g *grower) varies(j int, p pending) bool {
	if entries := g.sorted[j]; entries != nil {
		return entries[p.low].code() != entries[p.high-1].code()
	}
	rows, place := p.high-p.low, g.flags.place[j]
	one, missing := g.tallies[place].rows, g.tallies[place+1].rows
	return one+missing > 0 && one < rows && missing < rows
}

func (g *grower) searchColumn(best *split, j int, p pending, weight float64) {
	switch entries := g.sorted[j]; {
	case !g.varies(j, p):
	case entries != nil:
		g.searchSorted(best, j, entries[p.low:p.high], weight)
	default:
		l := g.levels(j, p.high-p.low, weight)
		g.searchFlags(best, j, &l)
	}
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
	present := n
	if missing := len(g.columns[j].values); entries[n-1].code() == missing {
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
