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
	// total has the sums of the last pass, chunks those of the chunks of a
	// wave. They are added in the order of the source.
	total  *streamSums
	chunks []*streamSums
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

func newStreamSums(k, d int) *streamSums {
	return &streamSums{
		d: d, counts: make([]int, k), sums: make([]float64, k*d),
		far: make([]float64, k), farthest: make([]float64, k*d), squares: make([]float64, k*d),
	}
}

// newStreamRun copies the centres to start from.
func newStreamRun(reader *rowReader, scaler *Scaler, centres []float64, workers int) *streamRun {
	d := len(scaler.columns)
	s := &streamRun{reader: reader, scaler: scaler, k: len(centres) / d, d: d, workers: workers, centres: slices.Clone(centres)}
	s.total = newStreamSums(s.k, d)
	s.chunks = make([]*streamSums, streamWave)
	for i := range s.chunks {
		s.chunks[i] = newStreamSums(s.k, d)
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
	return s.reader.each(ctx, func(x []float64) error {
		s.scaler.apply(x)
		n := len(x) / s.d
		err := par.Chunks(ctx, s.workers, n, streamChunk, func(chunk, low, high int) error {
			s.chunks[chunk].reset(detailed)
			s.chunks[chunk].addAll(x[low*s.d:high*s.d], s.centres)
			return nil
		})
		for _, chunk := range s.chunks[:par.Count(n, streamChunk)] {
			s.total.merge(chunk)
		}
		return err
	})
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
func (t *streamSums) addAll(x, centres []float64) {
	for at := 0; at < len(x); at += t.d {
		row := x[at : at+t.d]
		c, squared := kernel.Nearest(row, centres)
		t.counts[c]++
		t.inertia += squared
		to := t.sums[c*t.d:][:t.d]
		for j, v := range row {
			to[j] += v
		}
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
}

func (t *streamSums) merge(o *streamSums) {
	t.inertia += o.inertia
	addTo(t.sums, o.sums)
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
		for j, v := range t.farthest[from*s.d : (from+1)*s.d] {
			t.sums[from*s.d+j] -= v
			t.sums[c*s.d+j] = v
		}
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
