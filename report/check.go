package report

import (
	"errors"
	"fmt"
)

// check returns an error when parts of the content do not fit together.
func (c *Content) check() error {
	if c == nil {
		return errors.New("report: the content is nil")
	}
	if err := c.checkSegmentation(); err != nil {
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
	return nil
}
