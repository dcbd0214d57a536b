package insights

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/stat"
)

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
	// It is from Cohen, "Statistical power analysis", second edition, 1988,
	// chapter 6.
	Effect float64
}

// checkSegments compares the segments that both profiles know of: the twelve that
// each keeps, less those that the other may have and not keep.
func checkSegments(ctx context.Context, baseline, current *Profile, cfg *LocateConfig) ([]SegmentDrift, error) {
	if baseline.segmentColumn == "" || baseline.segmentColumn != current.segmentColumn {
		return nil, nil
	}
	var out []SegmentDrift
	for _, name := range segmentNames(baseline, current) {
		a, b := baseline.segment(name), current.segment(name)
		s := SegmentDrift{Segment: name, Share: compareShares(a.Rows, baseline.rows, b.Rows, current.rows)}
		var err error
		if s.Columns, err = compareAll(ctx, cfg.Workers, a.Columns, b.Columns, &cfg.DriftConfig); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	decideSegments(out, cfg)
	slices.SortStableFunc(out, func(a, b SegmentDrift) int {
		return cmp.Or(cmp.Compare(a.Verdict.severity(), b.Verdict.severity()), -cmp.Compare(a.effect(cfg), b.effect(cfg)))
	})
	return out, nil
}

// omittedSegments returns the names of the other segments, in order.
func omittedSegments(baseline, current *Profile, compared []SegmentDrift) []string {
	if baseline.segmentColumn == "" || baseline.segmentColumn != current.segmentColumn {
		return nil
	}
	names := slices.Concat(find(baseline.columns, baseline.segmentColumn).levels.names, find(current.columns, current.segmentColumn).levels.names)
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return slices.ContainsFunc(compared, func(s SegmentDrift) bool { return s.Segment == name })
	})
}

// segmentNames returns the names of the segments to compare, in order.
func segmentNames(baseline, current *Profile) []string {
	var names []string
	for _, p := range []*Profile{baseline, current} {
		for i := range p.segments {
			names = append(names, p.segments[i].Name)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return baseline.omitsSegment(name) || current.omitsSegment(name)
	})
}

// omitsSegment reports whether the table may have a segment that the profile does
// not keep: one with a greater hash than all kept ones.
func (p *Profile) omitsSegment(name string) bool {
	return len(p.segments) == keptSegments &&
		!slices.ContainsFunc(p.segments, func(s SegmentProfile) bool { return compareHashes(name, s.Name) <= 0 })
}

// segment returns the profile of a segment, an empty one if it has no row.
func (p *Profile) segment(name string) SegmentProfile {
	for _, s := range p.segments {
		if s.Name == name {
			return s
		}
	}
	return SegmentProfile{Name: name}
}

// compareShares compares k of n rows with l of m.
func compareShares(k, n, l, m int) ShareDrift {
	s := ShareDrift{BaselineRows: k, CurrentRows: l, PValue: stat.TwoShares(k, n, l, m)}
	if n == 0 || m == 0 {
		return s
	}
	s.Baseline, s.Current = float64(k)/float64(n), float64(l)/float64(m)
	s.Effect = 2*math.Asin(math.Sqrt(s.Current)) - 2*math.Asin(math.Sqrt(s.Baseline))
	return s
}

// decideSegments adjusts the p-values of all segments together and gives the
// verdicts.
func decideSegments(segments []SegmentDrift, cfg *LocateConfig) {
	var tests family
	for i := range segments {
		s := &segments[i]
		tests.add(s.Share.PValue, &s.Share.AdjustedP)
		tests.addColumns(s.Columns)
	}
	tests.adjust(cfg.Adjust)
	for i := range segments {
		segments[i].decide(cfg)
	}
}

func (s *SegmentDrift) decide(cfg *LocateConfig) {
	s.Share.Verdict = Stable
	switch {
	case s.Share.AdjustedP >= cfg.Alpha:
	case math.Abs(s.Share.Effect) >= cfg.ShareEffect:
		s.Share.Verdict = Drifted
	default:
		s.Share.Verdict = Immaterial
	}
	s.Verdict = s.Share.Verdict
	for i := range s.Columns {
		c := &s.Columns[i]
		c.decide(&cfg.DriftConfig)
		if c.Verdict.severity() < s.Verdict.severity() {
			s.Verdict = c.Verdict
		}
	}
	sortWorstFirst(s.Columns)
}

// effect returns the greatest ratio of an effect to its threshold.
func (s *SegmentDrift) effect(cfg *LocateConfig) float64 {
	most := math.Abs(s.Share.Effect) / cfg.ShareEffect
	for i := range s.Columns {
		most = max(most, s.Columns[i].Effect)
	}
	return most
}
