package tree

// divide adds a split, with its children pending.
func (g *grower) divide(p pending, s split, sums nodeSums) error {
	toLeft := g.mark(p, &s)
	middle := p.low + toLeft
	g.divideRows(g.rows[p.low:p.high])
	if g.canSplit(max(toLeft, p.high-middle), p.depth+1) {
		for _, entries := range g.sorted {
			if err := g.spend(p.high - p.low); err != nil {
				return err
			}
			if entries != nil {
				g.divideEntries(entries[p.low:p.high])
			}
		}
	}
	g.gains[s.column] += s.score * sums.weight
	g.nodes = append(g.nodes, Node{
		Value: g.columns[s.column].threshold(s.below, s.above), Feature: int16(s.column), MissingLeft: s.missingLeft,
	})
	g.pending = append(g.pending,
		pending{low: middle, high: p.high, depth: p.depth + 1, parent: len(g.nodes) - 1},
		pending{low: p.low, high: middle, depth: p.depth + 1, parent: -1})
	return nil
}

// mark sets left for the rows of a node and returns how many are to the left. It
// decides where missing values go when the node has none.
func (g *grower) mark(p pending, s *split) (toLeft int) {
	var missing uint8
	if s.missingLeft {
		missing = 1
	}
	if codes := g.codes[s.column]; codes != nil {
		toLeft = g.markCodes(codes, g.rows[p.low:p.high], s, missing)
	} else {
		toLeft = g.markSorted(g.sorted[s.column][p.low:p.high], s, missing)
	}
	if s.missing == 0 {
		s.missingLeft = 2*s.left >= g.cover[len(g.cover)-1]
	}
	return toLeft
}

func (g *grower) markSorted(entries []entry, s *split, missing uint8) int {
	for _, e := range entries[:s.at] {
		g.left[e.row()] = 1
	}
	present := len(entries) - s.missing
	for _, e := range entries[s.at:present] {
		g.left[e.row()] = 0
	}
	for _, e := range entries[present:] {
		g.left[e.row()] = missing
	}
	return s.at + int(missing)*s.missing
}

func (g *grower) markCodes(codes []uint8, rows []uint32, s *split, missing uint8) (toLeft int) {
	var sides [3]uint8
	for code := range s.below + 1 {
		sides[code] = 1
	}
	sides[len(g.columns[s.column].values)] = missing
	for _, r := range rows {
		side := sides[codes[r]]
		g.left[r] = side
		toLeft += int(side)
	}
	return toLeft
}

// divideRows moves the rows to the left before the others, and keeps the order
// within both. It has no branches, since nobody could predict them.
func (g *grower) divideRows(rows []uint32) {
	l, r := 0, 0
	for _, row := range rows {
		side := int(g.left[row])
		rows[l], g.spareRows[r] = row, row
		l += side
		r += 1 - side
	}
	copy(rows[l:], g.spareRows[:r])
}

// divideEntries does what divideRows does, in a sorted column. Where all codes
// are equal they stay so in all nodes below, and the rows do not matter.
func (g *grower) divideEntries(entries []entry) {
	if entries[0].code() == entries[len(entries)-1].code() {
		return
	}
	l, r := 0, 0
	for _, e := range entries {
		side := int(g.left[e.row()])
		entries[l], g.spare[r] = e, e
		l += side
		r += 1 - side
	}
	copy(entries[l:], g.spare[:r])
}
