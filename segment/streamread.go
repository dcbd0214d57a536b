package segment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/internal/stat"
)

const (
	// streamChunk is the number of rows that one task adds up: that of a fit in
	// memory of up to four million rows, so that sums are the same.
	streamChunk = 1 << 12
	// streamWave is the number of chunks in memory at a time. It bounds the
	// cores that can be used.
	streamWave = 16
)

// rowReader reads the features of a source, pass by pass, as rows end to end.
type rowReader struct {
	src datasource.Source
	// features are those asked for, none for all numeric columns. Columns are
	// those that are read, known from the first batch on.
	features, columns []string
	// unused is how many columns at the end decide on whether a row is whole
	// and are then left out.
	unused int
	// extents are the largest magnitudes of the features, scaled, and leasts
	// are not above the least ones other than 0.
	extents, leasts []float64
	// rows is the number of whole rows of a pass, -1 before the first; skipped
	// that of those that lack a feature.
	rows, skipped int
	passes        int
}

// each makes a pass. It calls do with as many rows as a wave has, and with what
// is left at the end, however the source cuts its batches.
func (r *rowReader) each(ctx context.Context, do func(x []float64) error) error {
	r.passes++
	rows, skipped := 0, 0
	var wave []float64
	for batch, err := range r.src.Batches(ctx) {
		if err != nil {
			return r.failed(err)
		}
		columns, err := r.open(batch)
		if err != nil {
			return r.failed(err)
		}
		for i := range batch.Rows() {
			whole := false
			if wave, whole = appendRow(wave, columns, i); !whole {
				skipped++
				continue
			}
			wave = wave[:len(wave)-r.unused]
			if rows++; rows%(streamChunk*streamWave) == 0 {
				if err := do(wave); err != nil {
					return err
				}
				wave = wave[:0]
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.same(rows, skipped); err != nil || len(wave) == 0 {
		return err
	}
	return do(wave)
}

// open returns the columns of a batch.
func (r *rowReader) open(batch *datasource.Table) ([][]float64, error) {
	if batch == nil {
		return nil, errNoBatch
	}
	if r.columns == nil {
		chosen, err := chosenColumns(batch, r.features)
		if err != nil {
			return nil, err
		}
		for _, c := range chosen {
			r.columns = append(r.columns, c.Name())
		}
		slices.Sort(r.columns)
		if name, twice := repeated(r.columns); twice {
			return nil, fmt.Errorf("segment: Features names %q twice", name)
		}
	}
	return floatsOf(batch, r.columns)
}

// repeated returns a name that occurs twice among sorted ones.
func repeated(names []string) (string, bool) {
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return names[i], true
		}
	}
	return "", false
}

func (r *rowReader) failed(err error) error {
	if errors.Is(err, datasource.ErrConsumed) {
		err = fmt.Errorf("%w: k-means reads a stream once for each iteration; give a source that can be read again, or load it and use Fit", err)
	}
	return fmt.Errorf("segment: pass %d over the source: %w", r.passes, err)
}

// same expects each pass to find what the first one found.
func (r *rowReader) same(rows, skipped int) error {
	if r.rows < 0 {
		r.rows, r.skipped = rows, skipped
	}
	if rows != r.rows || skipped != r.skipped {
		return fmt.Errorf("segment: pass %d over the source found %d rows and %d without a feature, the first pass %d and %d: the source must not change",
			r.passes, rows, skipped, r.rows, r.skipped)
	}
	return nil
}

// survey is what the first pass finds.
type survey struct {
	scaler *Scaler
	sample points // scaled, in canonical order
	notes  []string
}

// survey makes the first pass. Of the columns, only those that vary remain.
func (r *rowReader) survey(ctx context.Context, c Config, sampleRows int) (*survey, error) {
	var columns []stat.Moments
	var spread *kernel.Spread
	drawn := &reservoir{random: rng.Stream(c.Seed, streamSample), size: sampleRows}
	err := r.each(ctx, func(x []float64) error {
		d := len(r.columns)
		if columns == nil {
			columns, spread = make([]stat.Moments, d), kernel.NewSpread(d)
		}
		spread.Add(x)
		drawn.add(x, d)
		return addMoments(ctx, columns, x, c.Workers)
	})
	if err != nil {
		return nil, err
	}
	if r.rows == 0 {
		return nil, fmt.Errorf("segment: %w: no row of the source has all features, %d lack one", ErrTooFewRows, r.skipped)
	}
	return r.conclude(columns, spread, drawn)
}

// addMoments adds rows to the moments of their columns.
func addMoments(ctx context.Context, columns []stat.Moments, x []float64, workers int) error {
	d := len(columns)
	n := len(x) / d
	found := make([]stat.Moments, par.Count(n, streamChunk)*d)
	err := par.Chunks(ctx, workers, n, streamChunk, func(chunk, low, high int) error {
		values := make([]float64, high-low)
		for j := range d {
			for i := range values {
				values[i] = x[(low+i)*d+j]
			}
			found[chunk*d+j].Add(values)
		}
		return nil
	})
	for i, m := range found {
		columns[i%d].Merge(m)
	}
	return err
}

// conclude makes the scaler, leaves out constant columns and scales the sample.
func (r *rowReader) conclude(columns []stat.Moments, spread *kernel.Spread, drawn *reservoir) (*survey, error) {
	s := &survey{scaler: &Scaler{}}
	var varied []int
	var constant []string
	for j := range columns {
		name := r.columns[j]
		low, high := columns[j].Range()
		std := math.Sqrt(columns[j].Variance(0))
		switch {
		case low == high:
			s.notes = append(s.notes, oneValue(name))
			constant = append(constant, name)
			continue
		case std == 0 || math.IsInf(std, 0) || math.IsNaN(std):
			return nil, fmt.Errorf("segment: column %q has values from %g to %g: their variance cannot be computed", name, low, high)
		}
		varied = append(varied, j)
		s.scaler.columns = append(s.scaler.columns, name)
		s.scaler.mean, s.scaler.std = append(s.scaler.mean, columns[j].Mean()), append(s.scaler.std, std)
	}
	if len(varied) == 0 {
		return nil, fmt.Errorf("segment: %w: every feature has the same value in every row (rows: %d)", ErrTooFewRows, r.rows)
	}
	if r.skipped > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d of %d rows lack a feature and take no part in the segmentation.", r.skipped, r.rows+r.skipped))
	}
	r.extents, r.leasts = s.scaler.extents(columns, varied), s.scaler.leasts(spread, varied)
	s.sample = drawn.points(len(r.columns), varied)
	s.scaler.apply(s.sample.x)
	r.unused = len(constant)
	r.columns = slices.Concat(s.scaler.columns, constant)
	return s, nil
}

// extents returns the largest magnitude of each column, scaled.
func (s *Scaler) extents(columns []stat.Moments, varied []int) []float64 {
	lows, highs := make([]float64, len(varied)), make([]float64, len(varied))
	for i, j := range varied {
		lows[i], highs[i] = columns[j].Range()
	}
	s.apply(lows)
	s.apply(highs)
	for i, low := range lows {
		highs[i] = max(-low, highs[i])
	}
	return highs
}

// leasts returns magnitudes that no scaled value but 0 is below. What is left of a
// value without the mean is at least half the last bit of the mean, if that is
// not 0.
func (s *Scaler) leasts(spread *kernel.Spread, varied []int) []float64 {
	leasts := make([]float64, len(varied))
	for i, j := range varied {
		_, _, _, least := spread.Column(j)
		if mean := math.Abs(s.mean[i]); mean > 0 {
			least = (math.Nextafter(mean, math.Inf(1)) - mean) / 2
		}
		leasts[i] = least / s.std[i] / 2
	}
	return leasts
}

// reservoir holds rows drawn from a stream, each with equal probability: Vitter,
// "Random sampling with a reservoir", ACM Trans. Math. Softw. 11 (1985),
// algorithm R.
type reservoir struct {
	random     *rand.Rand
	size, seen int
	x          []float64
}

func (s *reservoir) add(x []float64, d int) {
	for at := 0; at < len(x); at += d {
		row := x[at : at+d]
		s.seen++
		if s.seen <= s.size {
			s.x = append(s.x, row...)
		} else if place := s.random.IntN(s.seen); place < s.size {
			copy(s.x[place*d:], row)
		}
	}
}

// points returns the chosen columns of the rows, in canonical order.
func (s *reservoir) points(d int, columns []int) points {
	rows := make([][]float64, 0, len(s.x)/d)
	for row := range slices.Chunk(s.x, d) {
		kept := make([]float64, len(columns))
		for i, j := range columns {
			kept[i] = row[j]
		}
		rows = append(rows, kept)
	}
	slices.SortFunc(rows, slices.Compare[[]float64])
	return points{n: len(rows), d: len(columns), x: slices.Concat(rows...)}
}
