package cohortlens

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// SegmentStream segments customers who need not fit into memory, by
// [segment.FitStream], which reads the source once for each iteration. Columns that
// cfg does not name are chosen by the first batch, as [Segment] chooses them by the
// whole table. Cells are not checked against rules: rows that lack a feature take
// no part, and the result counts them. There are no recommendations, since they
// compare segments with the median of all customers.
//
// Errors are those of [segment.FitStream], of the source, and those of [Segment] on
// columns.
func SegmentStream(ctx context.Context, src datasource.Source, cfg Config) (*segment.StreamResult, error) {
	first, err := firstBatch(ctx, src)
	if err != nil {
		return nil, err
	}
	j := &job{cfg: cfg, Analysis: &Analysis{}}
	if j.plan, err = newPlan(first, cfg, false); err != nil {
		return nil, err
	}
	j.IDColumn = j.plan.schema.ID
	c, err := j.segmentConfig()
	if err != nil {
		return nil, err
	}
	return segment.FitStream(ctx, src, c)
}

// firstBatch returns the first batch that has rows.
func firstBatch(ctx context.Context, src datasource.Source) (*datasource.Table, error) {
	for t, err := range src.Batches(ctx) {
		switch {
		case err != nil:
			return nil, err
		case t.Rows() > 0:
			return t, checkCells(t)
		}
	}
	return nil, fmt.Errorf("there are no rows to segment: %w", segment.ErrTooFewRows)
}
