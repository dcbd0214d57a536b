package segment

import "github.com/cohortlens/cohortlens/internal/kernel"

// chunkRun is what is known of a chunk.
type chunkRun struct {
	// sums are those of the rows: in bins, or weighted.
	sums []float64
	// counts are those of the rows, or of their weights.
	counts  []float64
	changed bool
}

// movesAtOnce is the number of moves that make it worth while to bring the sums up
// to date.
const movesAtOnce = 512

// moves lists rows that change their segment.
type moves struct {
	n              int
	rows, from, to [movesAtOnce + kernel.GroupRows]int32
}

func (m *moves) add(row int, from, to int32) {
	m.rows[m.n], m.from[m.n], m.to[m.n] = int32(row), from, to
	m.n++
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

// apply brings the sums of a chunk up to date with moves, and forgets these.
func (r *lloydRun) apply(c *chunkRun, m *moves) {
	if m.n == 0 {
		return
	}
	c.changed = true
	if r.w == nil { // weighted sums are made anew
		for i, to := range m.to[:m.n] {
			if from := m.from[i]; from >= 0 {
				c.counts[from]--
			}
			c.counts[to]++
		}
		r.bins.Move(r.x, m.rows[:m.n], m.from[:m.n], m.to[:m.n], c.sums)
	}
	m.n = 0
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
	c, m := &r.chunks[chunk], new(moves)
	m.add(row, r.labels[row], label)
	r.labels[row] = label
	r.quiet[row/kernel.GroupRows] = 0
	r.apply(c, m)
	if r.w != nil {
		r.weigh(c, chunk*size, min((chunk+1)*size, r.n))
	}
	r.addUp()
}
