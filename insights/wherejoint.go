package insights

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// JointDrift says whether rows of the two tables can be told apart by all their
// columns together, which shows changes that no column shows alone, such as two
// that no longer rise and fall together.
type JointDrift struct {
	Verdict Verdict
	// Omitted says why nothing was compared, "" where something was.
	Omitted string
	// BaselineRows and CurrentRows are the rows compared: samples, where the
	// tables are large.
	BaselineRows, CurrentRows int
	// AUC is the chance that a classifier which has seen neither row picks the
	// current one of a row of each table. Guessing has 0.5, and so has a check
	// that was omitted.
	AUC float64
	// PValue is the share of Permutations, and of the labels as they are, with
	// a classifier as good as this one. It is 1, without permutations, for a
	// check that was omitted, and for samples of the same rows.
	PValue       float64
	Permutations int
	// Columns says which columns give the current rows away, the most telling
	// first. It is empty for a stable verdict.
	Columns []JointColumn
}

// JointColumn is the part of a column in telling the tables apart.
type JointColumn struct {
	Column string
	// Loss is how much of the AUC is lost when the column's values are shuffled,
	// and StdError the standard error of that.
	Loss, StdError float64
	// Telling says that the loss is no chance, and at least a tenth of what the
	// AUC is above 0.5.
	Telling bool
}

// Telling returns the columns that give the current rows away, the most telling
// first: at least one where the verdict is not [Stable].
func (j *JointDrift) Telling() []string {
	var names []string
	for i, c := range j.Columns {
		if i == 0 || c.Telling {
			names = append(names, c.Column)
		}
	}
	return names
}

// streamSample labels the random stream that draws rows from a sample.
const streamSample = streamShuffledColumn + 1

const (
	// fewestJointRows is the number of rows of each table without which they
	// are not compared.
	fewestJointRows = 50
	// surelyLost is how many standard errors a loss must have to be no chance,
	// tellingShare the share of the AUC above 0.5 that it must make up.
	surelyLost, tellingShare = 2, 0.1
)

func checkJoint(ctx context.Context, baseline, current *Profile, cfg *LocateConfig) (*JointDrift, error) {
	j := &JointDrift{Verdict: Stable, AUC: 0.5, PValue: 1}
	s := samplesOf(baseline, current, rng.Stream(cfg.Seed, streamSample))
	j.BaselineRows, j.CurrentRows = s.old, s.rows-s.old
	if j.Omitted = s.omitted(); j.Omitted != "" || baseline.sample.equals(&current.sample) {
		return j, ctx.Err()
	}
	j.Permutations = cfg.Permutations
	found, err := separate(ctx, s, classifierConfig{
		permutations: j.Permutations, alpha: cfg.Alpha, seed: cfg.Seed, workers: cfg.Workers,
	})
	if err != nil {
		return nil, err
	}
	j.AUC, j.PValue = found.auc, found.pValue
	if j.PValue > cfg.Alpha {
		return j, nil
	}
	j.Verdict = Immaterial
	if j.AUC >= cfg.AUC {
		j.Verdict = Drifted
	}
	for _, h := range found.columns {
		least := max(surelyLost*h.stdError, tellingShare*(j.AUC-0.5))
		j.Columns = append(j.Columns, JointColumn{s.columns[h.column].name, h.loss, h.stdError, h.loss > least})
	}
	return j, nil
}

func (s twoSamples) omitted() string {
	switch {
	case s.old == 0 || s.rows == s.old:
		return "A profile keeps no rows, so the columns were not compared together."
	case len(s.columns) < 2:
		return "The tables have fewer than two columns in common, so there is nothing to compare together."
	case s.old < fewestJointRows || s.rows-s.old < fewestJointRows:
		return fmt.Sprintf("It takes %d comparable rows of each table to compare the columns together; there are %d and %d.",
			fewestJointRows, s.old, s.rows-s.old)
	}
	return ""
}

// samplesOf pools the samples of two profiles in the columns that both have in
// the same kind, without that of the segments.
func samplesOf(baseline, current *Profile, random *rand.Rand) twoSamples {
	old, young := comparableRows(baseline.sample, current.sample, random)
	s := twoSamples{old: len(old), rows: len(old) + len(young), twins: twinsOf(baseline.sample, current.sample, old, young)}
	if s.old == 0 || s.rows == s.old {
		return s
	}
	for _, a := range baseline.sample.table.Columns() {
		b, err := current.sample.table.Column(a.Name())
		if err != nil || a.Kind() != b.Kind() || a.Name() == baseline.segmentColumn || a.Name() == current.segmentColumn {
			continue
		}
		a, b = sampledAlike(a, b, find(baseline.columns, a.Name()), find(current.columns, a.Name()))
		s.columns = append(s.columns, poolColumn(a, b, old, young))
	}
	if len(s.twins) == 0 && !baseline.sample.repeats() && !current.sample.repeats() {
		s.twins = s.equalRows()
	}
	return s
}

// poolColumn joins rows of a column of two tables.
func poolColumn(a, b datasource.Column, old, young []int) pooledColumn {
	c := pooledColumn{name: a.Name()}
	if a.Kind() == datasource.Numeric {
		c.values = slices.Concat(pick(a.Floats(), old), pick(b.Floats(), young))
		return c
	}
	levels := map[string]int32{}
	c.codes = slices.Concat(pick(recode(a, levels), old), pick(recode(b, levels), young))
	return c
}

func pick[T any](values []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}

// recode returns the codes of a categorical column by a numbering of levels that
// it adds to.
func recode(c datasource.Column, levels map[string]int32) []int32 {
	to := make([]int32, len(c.Levels()))
	for i, level := range c.Levels() {
		code, known := levels[level]
		if !known {
			code = int32(len(levels))
			levels[level] = code
		}
		to[i] = code
	}
	codes := slices.Clone(c.Codes())
	for i, code := range codes {
		if code >= 0 {
			codes[i] = to[code]
		}
	}
	return codes
}
