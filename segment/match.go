package segment

import (
	"context"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// MaxMatched is the greatest number of segments, on either side, that [Match]
// takes: the assignment costs its cube.
const MaxMatched = 1000

// Migration says how the segments of a result stand to those that a previous
// model gives the same rows: which segment goes on as which, and who moved.
//
// In Counts and Shares, the first index is the previous segment and the second
// the new one. The last of each is for rows that belong to no segment: noise, or
// rows that lack a feature of the previous model.
type Migration struct {
	// Counts has the number of rows of each pair.
	Counts [][]int
	// Shares has the counts over the rows of the previous segment, 0 to 1.
	Shares [][]float64
	// Matches has for each previous segment the new one that continues it, or
	// [Noise] if none does.
	Matches []int
	// Stayed is the number of rows whose new segment continues their previous
	// one, rows without a segment before and after among them.
	Stayed int
	// Previous and Current have for each row of the table the segment or [Noise].
	Previous, Current []int
}

// Match compares the result of a fit on a table with a previous model. Of all
// ways to pair previous with new segments, each at most once, it takes one in
// which the most rows stay; pairs without a common row are left apart. It neither
// changes the result nor renumbers its segments.
//
// The table must be the one that the result is of, and have the features of the
// previous model: a missing one gives a [datasource.ColumnError]. The cost is that
// of assigning the table, and the cube of the number of segments.
func Match(ctx context.Context, previous *Model, t *datasource.Table, r *Result) (*Migration, error) {
	for _, m := range []*Model{previous, r.Model} {
		if m.K() > MaxMatched {
			return nil, fmt.Errorf("segment: matching with the previous model: the number of segments must be at most %d, got %d", MaxMatched, m.K())
		}
	}
	if t.Rows() != len(r.Labels) {
		return nil, fmt.Errorf("segment: matching with the previous model: the table must have the %d rows of the result, got %d", len(r.Labels), t.Rows())
	}
	before, err := previous.assign(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("segment: matching with the previous model: %w", err)
	}
	m := &Migration{Previous: before, Current: slices.Clone(r.Labels)}
	m.count(previous.K(), r.Model.K())
	if m.Matches, err = m.match(ctx); err != nil {
		return nil, fmt.Errorf("segment: matching with the previous model: %w", err)
	}
	for row := range m.Previous {
		if !m.Moved(row) {
			m.Stayed++
		}
	}
	return m, nil
}

// checkPrevious expects a table to have the features of a previous model, if there
// is one.
func checkPrevious(t *datasource.Table, previous *Model) error {
	if previous == nil {
		return nil
	}
	if _, err := floatsOf(t, previous.scaler.columns); err != nil {
		return fmt.Errorf("segment: Previous: %w", err)
	}
	return nil
}

// compare adds to a result what was asked for beside the segments: their
// stability, and how they stand to those of the previous model.
func (r *Result) compare(ctx context.Context, t *datasource.Table, p points, q *partition, c Config, done func()) error {
	if c.Bootstraps > 0 {
		parts, err := bootstrap(ctx, p, q, c, done)
		if err != nil {
			return err
		}
		r.Stability = renumber(parts, q.number())
	}
	if c.Previous == nil {
		return nil
	}
	var err error
	r.Migration, err = Match(ctx, c.Previous, t, r)
	return err
}

// count sets the counts and the shares.
func (m *Migration) count(previous, current int) {
	m.Counts, m.Shares = make([][]int, previous+1), make([][]float64, previous+1)
	for p := range m.Counts {
		m.Counts[p], m.Shares[p] = make([]int, current+1), make([]float64, current+1)
	}
	for row, p := range m.Previous {
		m.Counts[place(p, previous)][place(m.Current[row], current)]++
	}
	for p, counts := range m.Counts {
		total := 0
		for _, n := range counts {
			total += n
		}
		for c, n := range counts {
			m.Shares[p][c] = float64(n) / float64(max(1, total))
		}
	}
}

// place returns the index of a segment among k, noise last.
func place(segment, k int) int {
	if segment == Noise {
		return k
	}
	return segment
}

// match returns the new segment of each previous one.
func (m *Migration) match(ctx context.Context) ([]int, error) {
	k := len(m.Counts) - 1
	matches, err := assignment(ctx, m.Counts[:k], len(m.Counts[0])-1)
	for p, c := range matches {
		if c >= 0 && m.Counts[p][c] == 0 {
			matches[p] = Noise
		}
	}
	return matches, err
}

// Moved reports whether a row has left its previous segment for another one than
// that which continues it.
func (m *Migration) Moved(row int) bool {
	p, c := m.Previous[row], m.Current[row]
	if p == Noise {
		return c != Noise
	}
	return m.Matches[p] == Noise || m.Matches[p] != c
}

// StayedShare is Stayed over all rows, 0 to 1.
func (m *Migration) StayedShare() float64 {
	return float64(m.Stayed) / float64(max(1, len(m.Previous)))
}
