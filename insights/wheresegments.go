package insights

// SegmentDrift is the change of one segment: of its share of the rows, and of the
// columns within it.
type SegmentDrift struct {
	Segment string
	// Verdict is the worst of those on the share and on the columns.
	Verdict Verdict
	Share   ShareDrift
	// Columns has the columns that both tables have in the same kind, the worst
	// first. Their p-values are adjusted over the columns and shares of all
	// segments. It is empty where a table has no row of the segment.
	Columns []ColumnDrift
}

// ShareDrift is the change of a segment's share of the rows.
type ShareDrift struct {
	Verdict                   Verdict
	BaselineRows, CurrentRows int
	Baseline, Current         float64
	// PValue is that of the two-proportion test, exact for small counts.
	PValue, AdjustedP float64
	// Effect is Cohen's h, the difference of the shares on a scale on which
	// equal steps are equally hard to detect: positive for a segment that grew.
	// It is from Cohen, "Statistical Power Analysis for the Behavioral
	// Sciences", 1988, chapter 6.
	Effect float64
}
