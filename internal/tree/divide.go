package tree

// divide adds a split, with its children pending.
func (g *grower) divide(p pending, s split, sums nodeSums) error {
	toLeft := g.mark(p, &s)
	middle := p.low + toLeft
	partition(g.rows[p.low:p.high], g.spareRows, g.left)
	if g.canSplit(max(toLeft, p.high-middle), p.depth+1) {
		if err := g.divideSorted(p); err != nil {
			return err
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

// divideSorted divides the sorted columns as the rows were. Where all codes of a
// column are equal they stay so in all nodes below, and its rows do not matter.
func (g *grower) divideSorted(p pending) error {
	for _, entries := range g.sorted {
		if entries == nil || entries[p.low].code() == entries[p.high-1].code() {
			continue
		}
		if err := g.spend(p.high - p.low); err != nil {
			return err
		}
		partition(entries[p.low:p.high], g.spare, g.left)
	}
	return nil
}

// mark sets left for the rows of a node and returns how many are to the left. It
// decides where missing values go when the node has none.
func (g *grower) mark(p pending, s *split) (toLeft int) {
	var missing uint8
	if s.missingLeft {
		missing = 1
	}
	if entries := g.sorted[s.column]; entries != nil {
		toLeft = g.markSorted(entries[p.low:p.high], s, missing)
	} else {
		toLeft = g.markFlags(g.rows[p.low:p.high], s, missing)
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

func (g *grower) markFlags(rows []uint32, s *split, missing uint8) (toLeft int) {
	sides := [3]uint8{1, uint8(s.below), missing} // by bits; below is 0 or 1
	for _, r := range rows {
		side := sides[g.flags.of(g.bits, r, s.column)]
		g.left[r] = side
		toLeft += int(side)
	}
	return toLeft
}

// partition moves the rows to the left, as left has it for each, before the others,
// and keeps the order within both. It has no branches, since nobody could predict
// them. Entries name their row in the lower half.
func partition[T uint32 | entry](rows, spare []T, left []uint8) {
	l, r := 0, 0
	for _, row := range rows {
		side := int(left[uint32(row)])
		rows[l], spare[r] = row, row
		l += side
		r += 1 - side
	}
	copy(rows[l:], spare[:r])
}
