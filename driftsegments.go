package cohortlens

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// ErrSegments says that a table and its baseline are not segmented alike.
var ErrSegments = errors.New("the baseline has other segments")

// modelSegments names the column that holds the segments of a model.
const modelSegments = "Segment (by the model)"

// segmented returns the table with the column that holds its segments, and the
// name of that column, "" for none.
func (j *job) segmented(t *datasource.Table) (*datasource.Table, string, error) {
	c := j.cfg.Drift
	if err := c.checkSegments(); err != nil {
		return nil, "", err
	}
	switch {
	case c.Model != nil:
		t, err := withSegments(t, c.Model)
		return t, modelSegments, err
	case c.Segments != "":
		_, err := t.CategoricalColumn(c.Segments)
		return t, c.Segments, err
	case c.Baseline != nil:
		if _, err := t.CategoricalColumn(c.Baseline.SegmentColumn()); err == nil {
			return t, c.Baseline.SegmentColumn(), nil
		}
	}
	return t, "", nil
}

// checkSegments refuses segments that the baseline does not have.
func (c DriftConfig) checkSegments() error {
	if c.Model != nil && c.Segments != "" {
		return fmt.Errorf("segments come from a model or from a column, and both are given, the column %q: %w", c.Segments, ErrSegments)
	}
	if c.Baseline == nil {
		return nil
	}
	have := c.Baseline.SegmentColumn()
	if c.Model == nil && have == modelSegments {
		return fmt.Errorf("%w: those of a model, which is not given", ErrSegments)
	}
	if want := c.segmentColumn(); want != "" && want != have {
		return fmt.Errorf("%w: %s, want %s", ErrSegments, cmp.Or(quoted(have), "none"), quoted(want))
	}
	if c.Model == nil {
		return nil
	}
	names := segmentNames(c.Model)
	for _, s := range c.Baseline.Segments() {
		if !slices.Contains(slices.Collect(maps.Values(names)), s.Name) {
			return fmt.Errorf("%w: the segment %q is of another model", ErrSegments, s.Name)
		}
	}
	return nil
}

// segmentColumn returns the name of the column that holds the segments asked for.
func (c DriftConfig) segmentColumn() string {
	if c.Model != nil {
		return modelSegments
	}
	return c.Segments
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return strconv.Quote(name)
}

// segmentNames returns the names of a model's segments by their IDs.
func segmentNames(m *segment.Model) map[int]string {
	names := map[int]string{}
	for _, g := range m.Segments() {
		names[g.ID] = fmt.Sprintf("%d: %s", g.ID, g.Label)
	}
	return names
}

// withSegments adds the segments of a model as a column. Rows without a segment
// have no value in it.
func withSegments(t *datasource.Table, m *segment.Model) (*datasource.Table, error) {
	labels, err := m.Assign(t)
	if err != nil {
		return nil, err
	}
	names := segmentNames(m)
	cells := make([]string, len(labels))
	for row, label := range labels {
		cells[row] = names[label]
	}
	return t.With(datasource.Categories(modelSegments, cells))
}
