package service

import (
	"math"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// DriftDocument is the answer to [Service.CheckDrift]. Without a baseline it has
// FeatureStats in the place of Features.
type DriftDocument struct {
	DriftDetected      bool                    `json:"drift_detected"`
	NumFeaturesChecked int                     `json:"num_features_checked"`
	NumFeaturesDrifted int                     `json:"num_features_drifted"`
	Features           map[string]DriftFeature `json:"features,omitempty"`
	FeatureStats       map[string]FeatureStats `json:"feature_stats,omitempty"`
	Alerts             []string                `json:"alerts"`
	// WorstFirst orders the names of Features by what has changed most.
	WorstFirst []string       `json:"worst_first"`
	Schema     *SchemaDrift   `json:"schema"`
	Segments   []SegmentDrift `json:"segments"`
	// OmittedSegments are beyond those that a profile keeps.
	OmittedSegments []string    `json:"omitted_segments"`
	Joint           *JointDrift `json:"joint"`
	Rule            *DriftRule  `json:"rule"`
	// BaselinePath is empty where there is no baseline.
	BaselinePath string             `json:"baseline_path"`
	BaselineRows int                `json:"baseline_rows"`
	CurrentRows  int                `json:"current_rows"`
	Source       string             `json:"source"`
	SampleData   bool               `json:"sample_data"`
	Quality      datasource.Quality `json:"quality"`
	Notes        []string           `json:"notes"`
}

// DriftFeature is the change of a column. What does not exist for its kind is
// null.
type DriftFeature struct {
	Kind          string `json:"kind"`
	Verdict       string `json:"verdict"`
	DriftDetected bool   `json:"drift_detected"`
	PSI           Number `json:"psi"`
	Shift         string `json:"shift"`
	// Effect is the greatest ratio of a measure to its threshold.
	Effect      Number `json:"effect"`
	PValue      Number `json:"p_value"`
	AdjustedP   Number `json:"adjusted_p_value"`
	KSStatistic Number `json:"ks_statistic"`
	KSPValue    Number `json:"ks_p_value"`
	KSError     Number `json:"ks_error"`
	KSExactP    Number `json:"ks_p_value_exact"`
	KSAsymptP   Number `json:"ks_p_value_asymptotic"`
	Wasserstein Number `json:"wasserstein"`

	CurrentMean  Number `json:"current_mean"`
	BaselineMean Number `json:"baseline_mean"`
	CurrentStd   Number `json:"current_std"`
	BaselineStd  Number `json:"baseline_std"`
	MeanShift    Number `json:"mean_shift"`

	ChiSquared       Number   `json:"chi_squared"`
	ChiSquaredPValue Number   `json:"chi_squared_p_value"`
	CramersV         Number   `json:"cramers_v"`
	NewLevels        []string `json:"new_levels"`
	VanishedLevels   []string `json:"vanished_levels"`

	CurrentMissing   Number `json:"current_missing"`
	BaselineMissing  Number `json:"baseline_missing"`
	MissingPValue    Number `json:"missing_p_value"`
	MissingAdjustedP Number `json:"missing_adjusted_p_value"`

	Histogram []DriftBin   `json:"histogram"`
	Levels    []DriftLevel `json:"levels"`
}

// DriftBin is a range of values with the shares of both tables in it.
type DriftBin struct {
	Low      Number `json:"low"`
	High     Number `json:"high"`
	Baseline Number `json:"baseline"`
	Current  Number `json:"current"`
}

// DriftLevel is a level with its shares; the name is empty for all further levels.
type DriftLevel struct {
	Level    string `json:"level"`
	Baseline Number `json:"baseline"`
	Current  Number `json:"current"`
}

// FeatureStats describes a column when there is nothing to compare it with.
type FeatureStats struct {
	Kind    string `json:"kind"`
	Rows    int    `json:"rows"`
	Missing int    `json:"missing"`
	Mean    Number `json:"mean"`
	Std     Number `json:"std"`
	Min     Number `json:"min"`
	Max     Number `json:"max"`
	Levels  int    `json:"levels"`
}

// SchemaDrift lists columns that only one table has, or in another kind.
type SchemaDrift struct {
	Gone    []string     `json:"gone"`
	Added   []string     `json:"added"`
	Changed []KindChange `json:"changed"`
}

// KindChange is a column of another kind than before.
type KindChange struct {
	Column   string `json:"column"`
	Baseline string `json:"baseline"`
	Current  string `json:"current"`
}

// SegmentDrift is the change of a segment.
type SegmentDrift struct {
	Segment       string `json:"segment"`
	Verdict       string `json:"verdict"`
	ShareVerdict  string `json:"share_verdict"`
	BaselineRows  int    `json:"baseline_rows"`
	CurrentRows   int    `json:"current_rows"`
	BaselineShare Number `json:"baseline_share"`
	CurrentShare  Number `json:"current_share"`
	ShareEffect   Number `json:"share_effect"`
	SharePValue   Number `json:"share_p_value"`
	ShareAdjusted Number `json:"share_adjusted_p_value"`
	// Columns has the columns within the segment, the worst first.
	Columns []SegmentColumnDrift `json:"columns"`
}

// SegmentColumnDrift is the change of a column within a segment.
type SegmentColumnDrift struct {
	Column       string `json:"column"`
	Verdict      string `json:"verdict"`
	PSI          Number `json:"psi"`
	Effect       Number `json:"effect"`
	AdjustedP    Number `json:"adjusted_p_value"`
	BaselineMean Number `json:"baseline_mean"`
	CurrentMean  Number `json:"current_mean"`
}

// JointDrift says how far rows of the two tables can be told apart by all their
// columns together.
type JointDrift struct {
	Verdict      string        `json:"verdict"`
	AUC          Number        `json:"auc"`
	PValue       Number        `json:"p_value"`
	Permutations int           `json:"permutations"`
	BaselineRows int           `json:"baseline_rows"`
	CurrentRows  int           `json:"current_rows"`
	Telling      []string      `json:"telling"`
	Columns      []JointColumn `json:"columns"`
	Omitted      string        `json:"omitted,omitempty"`
}

// JointColumn is the part of a column in telling the tables apart.
type JointColumn struct {
	Column   string `json:"column"`
	Loss     Number `json:"auc_loss"`
	StdError Number `json:"std_error"`
	Telling  bool   `json:"telling"`
}

// DriftRule is what the verdicts rest on.
type DriftRule struct {
	Alpha        Number `json:"alpha"`
	Adjust       string `json:"adjust"`
	ModeratePSI  Number `json:"psi_moderate"`
	MajorPSI     Number `json:"psi_major"`
	KS           Number `json:"ks"`
	MeanShift    Number `json:"mean_shift"`
	CramersV     Number `json:"cramers_v"`
	MissingShare Number `json:"missing_share"`
}

// describe says which data was compared.
func (d *DriftDocument) describe(in input, q datasource.Quality) {
	d.Source, d.SampleData, d.Quality = in.name, in.sample, q
	d.Notes = append([]string{}, in.notes...)
}

func newDriftDocument(x *insights.Drift) *DriftDocument {
	c := x.Config
	d := &DriftDocument{
		DriftDetected: x.Detected, NumFeaturesChecked: len(x.Columns), NumFeaturesDrifted: x.Drifted(),
		Features: map[string]DriftFeature{}, Alerts: orEmpty(x.Alerts), WorstFirst: []string{},
		Schema:   &SchemaDrift{Gone: orEmpty(x.Schema.Gone), Added: orEmpty(x.Schema.Added), Changed: []KindChange{}},
		Segments: []SegmentDrift{}, OmittedSegments: orEmpty(x.OmittedSegments), Joint: newJointDrift(x.Joint),
		Rule: &DriftRule{
			Number(c.Alpha), string(c.Adjust), Number(c.ModeratePSI), Number(c.MajorPSI), Number(c.KS),
			Number(c.MeanShift), Number(c.CramersV), Number(c.MissingShare),
		},
		BaselineRows: x.BaselineRows, CurrentRows: x.CurrentRows, Notes: []string{},
	}
	for _, one := range x.Columns {
		d.Features[one.Column] = newDriftFeature(one)
		d.WorstFirst = append(d.WorstFirst, one.Column)
	}
	for _, one := range x.Schema.Changed {
		d.Schema.Changed = append(d.Schema.Changed, KindChange{one.Column, one.Baseline.String(), one.Current.String()})
	}
	for _, one := range x.Segments {
		d.Segments = append(d.Segments, newSegmentDrift(one))
	}
	return d
}

func newStatsDocument(p *insights.Profile) *DriftDocument {
	d := &DriftDocument{
		FeatureStats: map[string]FeatureStats{}, Alerts: []string{}, WorstFirst: []string{}, Segments: []SegmentDrift{}, OmittedSegments: []string{}, CurrentRows: p.Rows(),
	}
	for _, c := range p.Columns() {
		n := c.Numbers()
		f := FeatureStats{Kind: c.Kind().String(), Rows: c.Rows(), Missing: c.Missing()}
		f.Mean, f.Std, f.Min, f.Max = absent, absent, absent, absent
		if c.Kind() == datasource.Numeric {
			f.Mean, f.Std, f.Min, f.Max = Number(n.Mean), Number(n.Std), Number(n.Min), Number(n.Max)
		}
		levels, _ := c.Levels()
		f.Levels = len(levels)
		d.FeatureStats[c.Name()] = f
	}
	return d
}

// absent is null in JSON.
var absent = Number(math.NaN())

func newDriftFeature(c insights.ColumnDrift) DriftFeature {
	f := DriftFeature{
		Kind: c.Kind.String(), Verdict: string(c.Verdict), DriftDetected: c.Verdict == insights.Drifted,
		PSI: Number(c.PSI), Shift: string(c.Shift), Effect: Number(c.Effect), PValue: Number(c.PValue), AdjustedP: Number(c.AdjustedP),
		KSStatistic: absent, KSPValue: absent, KSError: absent, KSExactP: absent, KSAsymptP: absent, Wasserstein: absent,
		CurrentMean: absent, BaselineMean: absent, CurrentStd: absent, BaselineStd: absent, MeanShift: absent,
		ChiSquared: absent, ChiSquaredPValue: absent, CramersV: absent,
		CurrentMissing: Number(c.Missing.Current), BaselineMissing: Number(c.Missing.Baseline),
		MissingPValue: Number(c.Missing.PValue), MissingAdjustedP: Number(c.Missing.AdjustedP),
	}
	switch {
	case c.Numbers != nil:
		f.setNumbers(c)
	case c.Levels != nil:
		f.setLevels(c.Levels)
	}
	return f
}

func (f *DriftFeature) setNumbers(c insights.ColumnDrift) {
	n := c.Numbers
	f.KSStatistic, f.KSPValue, f.KSError = Number(n.KS), Number(c.PValue), Number(n.KSError)
	f.KSExactP, f.KSAsymptP, f.Wasserstein = Number(n.PExact), Number(n.PAsymptotic), Number(n.Wasserstein)
	f.CurrentMean, f.BaselineMean = Number(n.Current.Mean), Number(n.Baseline.Mean)
	f.CurrentStd, f.BaselineStd, f.MeanShift = Number(n.Current.Std), Number(n.Baseline.Std), Number(n.MeanShift)
	f.Histogram = []DriftBin{}
	for _, b := range n.Histogram {
		f.Histogram = append(f.Histogram, DriftBin{Number(b.Low), Number(b.High), Number(b.Baseline), Number(b.Current)})
	}
}

func (f *DriftFeature) setLevels(l *insights.LevelDrift) {
	f.ChiSquared, f.ChiSquaredPValue, f.CramersV = Number(l.ChiSquared), Number(l.P), Number(l.CramersV)
	f.NewLevels, f.VanishedLevels = orEmpty(l.New), orEmpty(l.Vanished)
	f.Levels = []DriftLevel{}
	for _, s := range l.Shares {
		f.Levels = append(f.Levels, DriftLevel{s.Level, Number(s.Baseline), Number(s.Current)})
	}
}

func newSegmentDrift(s insights.SegmentDrift) SegmentDrift {
	d := SegmentDrift{
		Segment: s.Segment, Verdict: string(s.Verdict), ShareVerdict: string(s.Share.Verdict),
		BaselineRows: s.Share.BaselineRows, CurrentRows: s.Share.CurrentRows,
		BaselineShare: Number(s.Share.Baseline), CurrentShare: Number(s.Share.Current), ShareEffect: Number(s.Share.Effect),
		SharePValue: Number(s.Share.PValue), ShareAdjusted: Number(s.Share.AdjustedP), Columns: []SegmentColumnDrift{},
	}
	for _, c := range s.Columns {
		one := SegmentColumnDrift{
			Column: c.Column, Verdict: string(c.Verdict), PSI: Number(c.PSI), Effect: Number(c.Effect), AdjustedP: Number(c.AdjustedP),
			BaselineMean: absent, CurrentMean: absent,
		}
		if c.Numbers != nil {
			one.BaselineMean, one.CurrentMean = Number(c.Numbers.Baseline.Mean), Number(c.Numbers.Current.Mean)
		}
		d.Columns = append(d.Columns, one)
	}
	return d
}

func newJointDrift(j *insights.JointDrift) *JointDrift {
	if j == nil {
		return nil
	}
	d := &JointDrift{
		Verdict: string(j.Verdict), AUC: Number(j.AUC), PValue: Number(j.PValue), Permutations: j.Permutations,
		BaselineRows: j.BaselineRows, CurrentRows: j.CurrentRows, Telling: orEmpty(j.Telling()), Columns: []JointColumn{}, Omitted: j.Omitted,
	}
	for _, c := range j.Columns {
		d.Columns = append(d.Columns, JointColumn{c.Column, Number(c.Loss), Number(c.StdError), c.Telling})
	}
	return d
}
