package report

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/segment"
)

// check returns an error when parts of the content do not fit together.
func (c *Content) check() error {
	if c == nil {
		return errors.New("report: the content is nil")
	}
	if err := c.checkSegmentation(); err != nil {
		return err
	}
	if err := c.checkExplanation(); err != nil {
		return err
	}
	if c.Correlation == nil {
		return nil
	}
	n := len(c.Correlation.Columns)
	if len(c.Correlation.R) != n {
		return fmt.Errorf("report: Correlation has %d columns and %d rows of values", n, len(c.Correlation.R))
	}
	for i, row := range c.Correlation.R {
		if len(row) != n {
			return fmt.Errorf("report: Correlation has %d columns, but row %d has %d values", n, i, len(row))
		}
	}
	return nil
}

func (c *Content) checkSegmentation() error {
	s := c.Segmentation
	if s == nil {
		return nil
	}
	if c.Table != nil && len(s.Labels) != c.Table.Rows() {
		return fmt.Errorf("report: Segmentation has labels for %d rows, Table has %d rows", len(s.Labels), c.Table.Rows())
	}
	for i, seg := range s.Segments {
		if seg.ID != i {
			return fmt.Errorf("report: Segmentation.Segments[%d] has ID %d; IDs are positions", i, seg.ID)
		}
	}
	for row, id := range s.Labels {
		if id < -1 || id >= len(s.Segments) {
			return fmt.Errorf("report: row %d has segment %d; segments are 0 to %d, or -1 for none", row, id, len(s.Segments)-1)
		}
	}
	if n := len(s.Stability); n > 0 && n != len(s.Segments) {
		return fmt.Errorf("report: Segmentation has %d segments and %d stabilities", len(s.Segments), n)
	}
	return c.checkMigration()
}

func (c *Content) checkMigration() error {
	m := c.Segmentation.Migration
	if m == nil {
		return nil
	}
	before, now := len(c.PreviousSegments), len(c.Segmentation.Segments)
	if len(m.Counts) != before+1 || len(m.Matches) != before {
		return fmt.Errorf("report: Migration has %d rows of counts and %d matches, PreviousSegments has %d segments", len(m.Counts), len(m.Matches), before)
	}
	for i, row := range m.Counts {
		if len(row) != now+1 {
			return fmt.Errorf("report: row %d of Migration.Counts has %d values, want one for each of %d segments and one for none", i, len(row), now)
		}
	}
	return nil
}

func (c *Content) checkExplanation() error {
	r := c.Explanation
	if r == nil {
		return nil
	}
	if len(r.Predictions) != r.Rows || len(r.Values) != r.Rows*len(r.Groups) || len(r.X) != r.Rows*len(r.Columns) || len(r.GroupOf) != len(r.Columns) {
		return fmt.Errorf("report: Explanation has %d rows, %d groups and %d columns, but %d predictions, %d values, %d encoded values and a group for %d columns",
			r.Rows, len(r.Groups), len(r.Columns), len(r.Predictions), len(r.Values), len(r.X), len(r.GroupOf))
	}
	if !finite(r.Base) || slices.ContainsFunc(r.Values, func(v float64) bool { return !finite(v) }) {
		return errors.New("report: Explanation has a base or a contribution that is not finite")
	}
	if c.Explained != nil && len(c.Explained) != r.Rows {
		return fmt.Errorf("report: Explanation has %d rows, Explained has %d", r.Rows, len(c.Explained))
	}
	if rows, known := c.rows(); known {
		for i := range r.Rows {
			if row := c.tableRow(i); row < 0 || row >= rows {
				return fmt.Errorf("report: row %d of Explanation is about row %d of the table, which has %d rows", i, row, rows)
			}
		}
	}
	return c.checkTypical()
}

// rows returns the number of rows of the table, from the labels if there is no
// table.
func (c *Content) rows() (rows int, known bool) {
	switch {
	case c.Table != nil:
		return c.Table.Rows(), true
	case c.Segmentation != nil:
		return len(c.Segmentation.Labels), true
	}
	return 0, false
}

func (c *Content) checkTypical() error {
	for i, e := range c.Typical {
		if e.Row < 0 || e.Row >= c.Explanation.Rows {
			return fmt.Errorf("report: Typical[%d] is row %d of Explanation, which has %d rows", i, e.Row, c.Explanation.Rows)
		}
		if s := c.Segmentation; s != nil && (e.Segment < segment.Noise || e.Segment >= len(s.Segments)) {
			return fmt.Errorf("report: Typical[%d] has segment %d; segments are 0 to %d, or -1 for none", i, e.Segment, len(s.Segments)-1)
		}
	}
	return nil
}
