package insights

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// LocateConfig sets how [LocateDrift] looks for changes. The zero value stands for
// the defaults.
type LocateConfig struct {
	// DriftConfig is what columns are judged by, within segments too. Its Alpha
	// is the level of each of the three looks: at the columns, at the segments
	// and at the columns together.
	DriftConfig
	// ShareEffect is the change of the share of a segment from which on it is
	// material, as Cohen's h; 0 means 0.2, Cohen's small effect: from 12.5% to
	// 20% of the rows, say. The greatest is 3.14.
	ShareEffect float64
	// AUC is from where on telling the tables apart is material, more than 0.5
	// and at most 1; 0 means 0.55, what it takes a column to move by 0.18
	// standard deviations.
	AUC float64
	// Permutations is the number of those that the classifier is compared with,
	// from 1 to 9,999; 0 means 199, or what it takes to reach Alpha.
	Permutations int
	// Seed makes samples and permutations reproducible; every value is as good.
	Seed uint64
	// Workers bounds the goroutines used; GOMAXPROCS when 0. No result depends
	// on it.
	Workers int
}

const (
	defaultPermutations, mostPermutations = 199, 9999
	// permutationsPerAlarm is how many permutations there are for each that may
	// stand above the labels as they are.
	permutationsPerAlarm = 10
)

// LocateDrift does what [CheckDrift] does and says where the change is: in which
// segments, if both tables were profiled by the same ones, and whether the columns
// have changed in how they go together. It changes neither profile.
//
// A segment has drifted when one of its columns has, or when its share of the rows
// changed significantly and by cfg.ShareEffect; the p-values of the columns and
// shares of all segments are adjusted together. The columns together have drifted
// when a classifier tells rows of the two tables apart, significantly and by
// cfg.AUC; see [JointDrift]. Either makes Drift.Detected true.
//
// Columns take no time that counts. The classifier takes some tenths of a second
// for samples of [SampleRows] rows of ten columns, and more for more permutations;
// it ends within 100 ms of ctx. A parameter out of range is an error.
func LocateDrift(ctx context.Context, baseline, current *Profile, cfg LocateConfig) (*Drift, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("locate drift: %w", err)
	}
	d, err := checkDrift(ctx, cfg.Workers, baseline, current, cfg.DriftConfig)
	if err != nil {
		return nil, err
	}
	if d.Segments, err = checkSegments(ctx, baseline, current, &cfg); err != nil {
		return nil, fmt.Errorf("locate drift: %w", err)
	}
	d.OmittedSegments = omittedSegments(baseline, current, d.Segments)
	if d.Joint, err = checkJoint(ctx, baseline, current, &cfg); err != nil {
		return nil, fmt.Errorf("locate drift: %w", err)
	}
	for i := range d.Segments {
		if s := &d.Segments[i]; s.Verdict == Drifted {
			d.Detected = true
			d.Alerts = append(d.Alerts, s.alert())
		}
	}
	if d.Joint.Verdict == Drifted {
		d.Detected = true
		d.Alerts = append(d.Alerts, d.Joint.alert(d.Drifted() == 0))
	}
	return d, nil
}

// complete fills in defaults and checks what was given.
func (c *LocateConfig) complete() error {
	if err := c.DriftConfig.complete(); err != nil {
		return err
	}
	if c.ShareEffect == 0 {
		c.ShareEffect = 0.2
	}
	if c.AUC == 0 {
		c.AUC = 0.55
	}
	if c.Permutations == 0 {
		enough := math.Ceil(permutationsPerAlarm/c.Alpha) - 1
		c.Permutations = int(min(max(enough, defaultPermutations), mostPermutations))
	}
	switch {
	case !(c.ShareEffect > 0 && c.ShareEffect <= math.Pi):
		return fmt.Errorf("share effect: must be more than 0 and at most %.2f, got %v", math.Pi, c.ShareEffect)
	case !(c.AUC > 0.5 && c.AUC <= 1):
		return fmt.Errorf("AUC: must be more than 0.5 and at most 1, got %v", c.AUC)
	case c.Permutations < 1 || c.Permutations > mostPermutations:
		return fmt.Errorf("permutations: must be from 1 to %d, got %d", mostPermutations, c.Permutations)
	case c.Workers < 0:
		return fmt.Errorf("workers: must be at least 0, got %d", c.Workers)
	}
	return nil
}

func (s *SegmentDrift) alert() string {
	var reasons []string
	if s.Share.Verdict == Drifted {
		reasons = append(reasons, fmt.Sprintf("its share of the rows went from %s to %s", percent(s.Share.Baseline), percent(s.Share.Current)))
	}
	var columns []string
	for _, c := range s.Columns {
		if c.Verdict == Drifted {
			columns = append(columns, c.Column)
		}
	}
	if len(columns) > 0 {
		reasons = append(reasons, listed(columns)+" drifted within it")
	}
	return fmt.Sprintf("The segment %s has changed: %s.", s.Segment, strings.Join(reasons, "; "))
}

// alert says that the tables can be told apart; alone means that no single column
// has drifted.
func (j *JointDrift) alert(alone bool) string {
	end := "."
	if alone {
		end = ", although no column has drifted on its own: how they go together has changed."
	}
	return fmt.Sprintf("Rows of the two tables can be told apart (AUC %.2f, 0.50 is guessing) by %s%s", j.AUC, listed(j.Telling()), end)
}
