package segment

import "github.com/cohortlens/cohortlens/internal/kernel"

// chunkRun is what is known of a chunk.
type chunkRun struct {
	// sums are those of the rows: in bins, or weighted.
	sums []float64
	// counts are those of the rows, or of their weights.
	counts    []float64
	changed   bool
	moves     moves
	verdict   kernel.Verdict
	distances []float64
	// Cores write to neighbours at the same time: no cache line is to hold parts
	// of both.
	_ [64]byte
}

// moves lists rows that change their segment.
type moves struct{ rows, from, to []int32 }

func (m *moves) clear() { m.rows, m.from, m.to = m.rows[:0], m.from[:0], m.to[:0] }

func (m *moves) add(row int, from, to int32) {
	m.rows, m.from, m.to = append(m.rows, int32(row)), append(m.from, from), append(m.to, to)
}

// makeSums makes room for sums.
func (r *lloydRun) makeSums() {
	if r.w == nil {
		r.totals = r.bins.Totals(r.k)
	}
	for i := range r.chunks {
		if r.w == nil {
			r.chunks[i].sums = r.bins.Sums(r.k)
		} else {
			r.chunks[i].sums = make([]float64, r.k*r.d)
		}
	}
}

// apply brings the sums of a chunk up to date with its moves, and forgets these.
func (r *lloydRun) apply(c *chunkRun) {
	if len(c.moves.rows) == 0 {
		return
	}
	c.changed = true
	if r.w == nil { // weighted sums are made anew
		for i, to := range c.moves.to {
			if from := c.moves.from[i]; from >= 0 {
				c.counts[from]--
			}
			c.counts[to]++
		}
		r.bins.Move(r.x, c.moves.rows, c.moves.from, c.moves.to, c.sums)
	}
	c.moves.clear()
}

// addUp adds up the sums of the chunks.
func (r *lloydRun) addUp() {
	clear(r.totals)
	clear(r.sums)
	clear(r.counts)
	for _, c := range r.chunks {
		addTo(r.counts, c.counts)
		if r.w == nil {
			r.bins.AddTo(r.totals, c.sums)
		} else {
			addTo(r.sums, c.sums)
		}
	}
	for at := 0; at < len(r.sums) && r.w == nil; at++ {
		r.sums[at] = r.bins.Total(r.totals, at/r.d, at%r.d)
	}
}

// weigh makes the sums of a chunk of weighted rows.
func (r *lloydRun) weigh(c *chunkRun, low, high int) {
	clear(c.sums)
	clear(c.counts)
	for i := low; i < high; i++ {
		label, w := int(r.labels[i]), r.w[i]
		c.counts[label] += w
		to := c.sums[label*r.d:][:r.d]
		for j, v := range r.row(i) {
			to[j] += w * v
		}
	}
}

// fillEmpty gives each empty segment, in order, the row that is farthest from its
// own centre, by weight, and not alone in its segment, the first of equals.
func (r *lloydRun) fillEmpty() {
	for c, count := range r.counts {
		if count > 0 {
			continue
		}
		far, at, sizes := -1.0, -1, r.sizes()
		for i, label := range r.labels {
			if sizes[label] == 1 {
				continue
			}
			if s := r.weight(i) * kernel.SquaredDistance(r.row(i), r.centre(int(label))); s > far {
				far, at = s, i
			}
		}
		if at < 0 {
			return
		}
		r.relabel(at, int32(c))
	}
}

// relabel gives a row another label.
func (r *lloydRun) relabel(row int, label int32) {
	size := chunkSize(r.n)
	chunk := row / size
	c := &r.chunks[chunk]
	c.moves.add(row, r.labels[row], label)
	r.labels[row] = label
	r.quiet[row/kernel.GroupRows] = 0
	r.apply(c)
	if r.w != nil {
		r.weigh(c, chunk*size, min((chunk+1)*size, r.n))
	}
	r.addUp()
}
