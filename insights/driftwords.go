package insights

import (
	"fmt"
	"strconv"
	"strings"
)

// alerts says what matters in a sentence each, the worst first.
func alerts(d *Drift) []string {
	var out []string
	switch {
	case d.CurrentRows == 0 && d.BaselineRows == 0:
		out = append(out, "Neither table has a row, so that nothing can be compared.")
	case d.CurrentRows == 0:
		out = append(out, "The current table has no row, so that nothing can be compared.")
	case d.BaselineRows == 0:
		out = append(out, "The baseline has no row, so that nothing can be compared.")
	}
	for _, name := range d.Schema.Gone {
		out = append(out, fmt.Sprintf("The column %s is gone.", name))
	}
	for _, c := range d.Schema.Changed {
		out = append(out, fmt.Sprintf("The column %s was %s and is now %s.", c.Column, c.Baseline, c.Current))
	}
	for _, name := range d.Schema.Added {
		out = append(out, fmt.Sprintf("The column %s is new.", name))
	}
	for i := range d.Columns {
		if c := &d.Columns[i]; c.Verdict == Drifted {
			out = append(out, fmt.Sprintf("%s has drifted: %s.", c.Column, strings.Join(c.reasons(&d.Config), "; ")))
		}
	}
	return out
}

// reasons says what changed in a column that has drifted.
func (c *ColumnDrift) reasons(cfg *DriftConfig) []string {
	var out []string
	if c.AdjustedP < cfg.Alpha {
		if c.Numbers != nil {
			out = append(out, c.Numbers.reason(c.PSI))
		} else {
			out = append(out, c.Levels.reasons(c.PSI)...)
		}
	}
	if m := c.Missing; m.AdjustedP < cfg.Alpha {
		out = append(out, fmt.Sprintf("missing values went from %s to %s", percent(m.Baseline), percent(m.Current)))
	}
	return out
}

func (n *NumberDrift) reason(psi float64) string {
	return fmt.Sprintf("its mean went from %s to %s, its standard deviation from %s to %s (PSI %.2f, KS %.2f)",
		n.mean(n.Baseline.Mean), n.mean(n.Current.Mean), figure(orZero(n.Baseline.Std)), figure(orZero(n.Current.Std)), psi, n.KS)
}

// mean writes a mean as figure does, but without separators where all values may
// be years.
func (n *NumberDrift) mean(v float64) string {
	if min(n.Baseline.Min, n.Current.Min) >= 1800 && max(n.Baseline.Max, n.Current.Max) < 2200 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return figure(v)
}

// namedLevels is the number of levels that a sentence names.
const namedLevels = 3

func (l *LevelDrift) reasons(psi float64) []string {
	most := l.Shares[0]
	for _, s := range l.Shares {
		if abs(s.Current-s.Baseline) > abs(most.Current-most.Baseline) {
			most = s
		}
	}
	name := most.Level
	if name == "" {
		name = "the rare levels together"
	}
	out := []string{fmt.Sprintf("the share of %s went from %s to %s (PSI %.2f, Cramér's V %.2f)",
		name, percent(most.Baseline), percent(most.Current), psi, l.CramersV)}
	if len(l.New) > 0 {
		out = append(out, "new: "+listed(l.New))
	}
	if len(l.Vanished) > 0 {
		out = append(out, "vanished: "+listed(l.Vanished))
	}
	return out
}

func abs(v float64) float64 { return max(v, -v) }

func listed(names []string) string {
	if len(names) <= namedLevels {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namedLevels], ", "), len(names)-namedLevels)
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + "%" }

// figure writes a number with four digits, or all those before the point.
func figure(v float64) string {
	if a := abs(v); a >= 1000 && a < 1e15 {
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// grouped puts commas between the thousands of a whole number.
func grouped(number string) string {
	digits := len(strings.TrimPrefix(number, "-"))
	for at := len(number) - 3; digits > 3; at, digits = at-3, digits-3 {
		number = number[:at] + "," + number[at:]
	}
	return number
}
