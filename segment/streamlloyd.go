package segment

import (
	"context"
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
)

// streamRun is plain k-means over a source: each pass assigns all rows and adds
// them up. Bounds of distances, as a fit in memory keeps, would need memory for
// each row.
type streamRun struct {
	reader        *rowReader
	scaler        *Scaler
	k, d, workers int
	centres       []float64
	// bins add rows up exactly, as a fit in memory does; totals has what the
	// last pass added up.
	bins   *kernel.Bins
	totals []int64
	// total has the sums of the last pass, chunks those of the chunks of a
	// wave. They are added in the order of the source.
	total  *streamSums
	chunks []*streamChunkSums
	ended  bool
}

// streamSums is what a pass adds up of each segment.
type streamSums struct {
	d       int
	counts  []int
	sums    []float64 // k x d
	inertia float64
	// far has the squared distance from its centre of the farthest row, which
	// farthest has; -1 for none.
	far      []float64 // k
	farthest []float64 // k x d
	// squares has squared differences from the centre, by feature. Only a
	// detailed pass has them.
	detailed bool
	squares  []float64 // k x d
}

// streamChunkSums is the same for a chunk, whose sums are in bins.
type streamChunkSums struct {
	*streamSums
	bins               *kernel.Bins
	rows, none, labels []int32
}

func newStreamSums(k, d int) *streamSums {
	return &streamSums{
		d: d, counts: make([]int, k), sums: make([]float64, k*d),
		far: make([]float64, k), farthest: make([]float64, k*d), squares: make([]float64, k*d),
	}
}

func newStreamChunkSums(k, d int, bins *kernel.Bins) *streamChunkSums {
	c := &streamChunkSums{
		streamSums: newStreamSums(k, d), bins: bins,
		rows: make([]int32, streamChunk), none: make([]int32, streamChunk), labels: make([]int32, 0, streamChunk),
	}
	c.sums = bins.Sums(k)
	for i := range c.rows {
		c.rows[i], c.none[i] = int32(i), -1
	}
	return c
}

// newStreamRun copies the centres to start from.
func newStreamRun(reader *rowReader, scaler *Scaler, centres []float64, workers int) *streamRun {
	d := len(scaler.columns)
	s := &streamRun{reader: reader, scaler: scaler, k: len(centres) / d, d: d, workers: workers, centres: slices.Clone(centres)}
	s.bins = kernel.NewBins(reader.extents, reader.leasts)
	s.totals, s.total = s.bins.Totals(s.k), newStreamSums(s.k, d)
	s.chunks = make([]*streamChunkSums, streamWave)
	for i := range s.chunks {
		s.chunks[i] = newStreamChunkSums(s.k, d, s.bins)
	}
	return s
}

// iterate makes passes until the centres move no more than the tolerance, or so
// many times, and a last one with details. The steps are those of a fit in
// memory.
func (s *streamRun) iterate(ctx context.Context, iterations int, tolerance float64) error {
	for iteration := 0; ; iteration++ {
		last := s.ended || iteration == iterations
		if err := s.pass(ctx, last); err != nil || last {
			return err
		}
		s.fillEmpty()
		s.ended = s.move() <= tolerance
	}
}

func (s *streamRun) pass(ctx context.Context, detailed bool) error {
	s.total.reset(detailed)
	clear(s.totals)
	err := s.reader.each(ctx, func(x []float64) error {
		s.scaler.apply(x)
		n := len(x) / s.d
		err := par.Chunks(ctx, s.workers, n, streamChunk, func(chunk, low, high int) error {
			s.chunks[chunk].reset(detailed)
			s.chunks[chunk].addAll(x[low*s.d:high*s.d], s.centres)
			return nil
		})
		for _, chunk := range s.chunks[:par.Count(n, streamChunk)] {
			s.total.merge(chunk.streamSums)
			s.bins.AddTo(s.totals, chunk.sums)
		}
		return err
	})
	s.addUp()
	return err
}

// addUp rounds the totals.
func (s *streamRun) addUp() {
	for at := range s.total.sums {
		s.total.sums[at] = s.bins.Total(s.totals, at/s.d, at%s.d)
	}
}

func (t *streamSums) reset(detailed bool) {
	t.detailed, t.inertia = detailed, 0
	clear(t.counts)
	clear(t.sums)
	clear(t.squares)
	for c := range t.far {
		t.far[c] = -1
	}
}

// addAll adds rows to the segments of their nearest centres.
func (t *streamChunkSums) addAll(x, centres []float64) {
	t.labels = t.labels[:0]
	for at := 0; at < len(x); at += t.d {
		row := x[at : at+t.d]
		c, squared := kernel.Nearest(row, centres)
		t.counts[c]++
		t.inertia += squared
		t.labels = append(t.labels, int32(c))
		if squared > t.far[c] {
			t.far[c] = squared
			copy(t.farthest[c*t.d:], row)
		}
		if t.detailed {
			for j, v := range row {
				diff := v - centres[c*t.d+j]
				t.squares[c*t.d+j] += diff * diff
			}
		}
	}
	t.bins.Move(x, t.rows[:len(t.labels)], t.none, t.labels, t.sums)
}

// merge adds all but the sums.
func (t *streamSums) merge(o *streamSums) {
	t.inertia += o.inertia
	addTo(t.squares, o.squares)
	for c, n := range o.counts {
		t.counts[c] += n
		if o.far[c] > t.far[c] {
			t.far[c] = o.far[c]
			copy(t.farthest[c*t.d:(c+1)*t.d], o.farthest[c*t.d:])
		}
	}
}

// fillEmpty gives each empty segment, in order, the row that is farthest from its
// own centre, of a segment that has more than one row and has given none.
func (s *streamRun) fillEmpty() {
	t := s.total
	for c, count := range t.counts {
		if count > 0 {
			continue
		}
		from := -1
		for o, far := range t.far {
			if t.counts[o] > 1 && far >= 0 && (from < 0 || far > t.far[from]) {
				from = o
			}
		}
		if from < 0 {
			return
		}
		moved := s.bins.Sums(s.k)
		s.bins.Move(t.farthest, []int32{int32(from)}, []int32{int32(from)}, []int32{int32(c)}, moved)
		s.bins.AddTo(s.totals, moved)
		s.addUp()
		t.counts[from]--
		t.counts[c] = 1
		t.far[from] = -1
	}
}

// move sets each centre to the mean of its segment and returns the sum of the
// squared movements.
func (s *streamRun) move() float64 {
	total := 0.0
	for c, count := range s.total.counts {
		squared := 0.0
		for j := c * s.d; j < (c+1)*s.d && count > 0; j++ {
			mean := s.total.sums[j] / float64(count)
			diff := mean - s.centres[j]
			squared += diff * diff
			s.centres[j] = mean
		}
		total += squared
	}
	return total
}
