package insights

import (
	"github.com/cohortlens/cohortlens/datasource"
)

// Drift says what has changed from one profile to another, and whether it
// matters. [CheckDrift] makes it, and [LocateDrift] with the place of the change.
type Drift struct {
	// Detected says that something changed that matters: a column has drifted,
	// is gone or is of another kind.
	Detected bool
	// BaselineRows and CurrentRows are the rows of the two tables.
	BaselineRows, CurrentRows int
	// Columns has every numeric and categorical column that both tables have in
	// the same kind, or one of them without a value, the worst first: by verdict,
	// then by effect.
	Columns []ColumnDrift
	Schema  SchemaDrift
	// Segments has the segments of both tables, the worst first, and Joint what
	// the columns show together. [LocateDrift] fills them; Segments stays empty
	// where the profiles do not hold the same segments.
	Segments []SegmentDrift
	Joint    *JointDrift
	// OmittedSegments names segments of either table that are not in Segments,
	// because a profile keeps twelve of them.
	OmittedSegments []string
	// Alerts says in plain sentences what matters, the worst first. There is
	// none where nothing does.
	Alerts []string
	// Config is what the check was made with, defaults filled in.
	Config DriftConfig
}

// Drifted returns the number of columns whose verdict is [Drifted].
func (d *Drift) Drifted() int {
	n := 0
	for _, c := range d.Columns {
		if c.Verdict == Drifted {
			n++
		}
	}
	return n
}

// Verdict is the decision on a column.
type Verdict string

const (
	// Stable columns show no change that chance does not explain.
	Stable Verdict = "stable"
	// Immaterial changes are more than chance, and too small to matter.
	Immaterial Verdict = "detectable but immaterial"
	// Drifted columns changed more than chance explains, and enough to matter.
	Drifted Verdict = "drifted"
)

// ColumnDrift is the change of one column.
type ColumnDrift struct {
	Column  string
	Kind    datasource.Kind
	Verdict Verdict
	// PSI is the population stability index over the tenths of the baseline,
	// or, where nine in ten of its values are the least one, over what is below,
	// at and above that; for categories it is over the levels. Shares below
	// 0.0001 count as 0.0001. It is 0 where one table has no value.
	PSI float64
	// Shift is the PSI in words.
	Shift Shift
	// PValue is that of the test of the distribution: KS for numbers, exact up
	// to a million pairs of values, else asymptotic; for categories
	// chi-squared, for which rare levels are put together until five are
	// expected in each table, or for two levels Fisher's exact test, which large
	// counts do not need. AdjustedP
	// is the same after the adjustment for the number of tests. Both are 1
	// where a table has fewer than two values.
	PValue, AdjustedP float64
	// Effect is the greatest ratio of a measure of effect to its threshold, of
	// those that the verdict rests on: from 1 on a change is material.
	Effect float64
	// Missing is the change of the share of missing values.
	Missing MissingDrift
	// Numbers is there for numeric columns, Levels for categorical ones.
	Numbers *NumberDrift
	Levels  *LevelDrift
}

// Shift is a PSI in words.
type Shift string

// The limits between them are in [DriftConfig].
const (
	SmallShift    Shift = "small"
	ModerateShift Shift = "moderate"
	MajorShift    Shift = "major"
)

// NumberDrift is the change of a numeric column, missing values left out.
type NumberDrift struct {
	Baseline, Current NumberSummary
	// KS is the greatest distance between the two distribution functions, and
	// KSError how much of it the profiles may have lost at most: 0 when both
	// hold every value.
	KS, KSError float64
	// PExact is the p-value from all ways to split the values between the
	// tables, NaN for tables too large for it; PAsymptotic that from
	// Kolmogorov's distribution.
	PExact, PAsymptotic float64
	// Wasserstein is the area between the distribution functions, in the unit
	// of the column.
	Wasserstein float64
	// MeanShift is the change of the mean in pooled standard deviations. It is
	// 0 if neither table varies; KS tells such means apart.
	MeanShift float64
	// Bins has the shares of the tables in the bins of the PSI.
	Bins []Bin
	// Histogram has the shares in bins of equal width, for a picture. What lies
	// beyond the first and the last hundredth of both tables is in the outer
	// bins. It is nil where one of the tables has no value.
	Histogram []Bin
}

// NumberSummary describes the values of a column in one table. Mean, Min and Max
// are NaN without a value, and Std (of n - 1) with fewer than two.
type NumberSummary struct {
	Count               int
	Mean, Std, Min, Max float64
}

// Bin is a range of values, Low included and High not, with the shares of both
// tables in it.
type Bin struct {
	Low, High         float64
	Baseline, Current float64
}

// LevelDrift is the change of a categorical column, missing values left out.
type LevelDrift struct {
	// ChiSquared compares the counts of all levels, without a correction, and
	// P is its p-value; they are 0 and 1 with fewer than two levels.
	ChiSquared float64
	Freedom    int
	P          float64
	// CramersV is the strength of the change, from 0 to 1.
	CramersV float64
	// New lists levels that the baseline does not have, Vanished those that
	// only it has.
	New, Vanished []string
	// Shares has the levels of both, the most frequent in the baseline first.
	Shares []LevelShift
}

// LevelShift is a level with its shares in both tables. The levels beyond what a
// profile holds stand together at the end, with an empty name.
type LevelShift struct {
	Level             string
	Baseline, Current float64
}

// MissingDrift is the change of the share of missing values.
type MissingDrift struct {
	Baseline, Current float64
	// PValue is that of the two-proportion test, exact for small counts.
	PValue, AdjustedP float64
}

// SchemaDrift lists columns that only one table has, or that changed their kind.
// They are in order of name.
type SchemaDrift struct {
	Gone, Added []string
	Changed     []KindChange
}

// KindChange is a column of another kind than before.
type KindChange struct {
	Column            string
	Baseline, Current datasource.Kind
}

// Adjustment is a way to keep many tests from alarming by chance.
type Adjustment string

const (
	// BenjaminiHochberg bounds the expected share of false alarms among all.
	BenjaminiHochberg Adjustment = "benjamini_hochberg"
	// Holm bounds the chance of any false alarm.
	Holm Adjustment = "holm"
	// Unadjusted takes every p-value as it is.
	Unadjusted Adjustment = "none"
)

// DriftConfig sets what counts as a change and what as one that matters. The zero
// value stands for the defaults.
type DriftConfig struct {
	// Alpha is the level of the tests, more than 0 and less than 1; 0 means
	// 0.05.
	Alpha float64
	// Adjust is the adjustment over all tests; empty means
	// [BenjaminiHochberg].
	Adjust Adjustment
	// ModeratePSI and MajorPSI are where a PSI is called moderate and major;
	// 0 means 0.1 and 0.2. A major one is material.
	ModeratePSI, MajorPSI float64
	// KS is the distance from which on a change of a numeric column is
	// material; 0 means 0.1.
	KS float64
	// MeanShift is the same for the change of the mean, in standard
	// deviations; 0 means 0.2.
	MeanShift float64
	// CramersV is the same for categorical columns; 0 means 0.1.
	CramersV float64
	// MissingShare is the same for the change of the share of missing values;
	// 0 means 0.05.
	MissingShare float64
}
