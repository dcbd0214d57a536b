package report

import (
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// mostExamples is the number of violations that the page shows in full.
const mostExamples = 10

// dataView is the section on data quality.
type dataView struct {
	Account      string
	Rows         []rowCount
	Rules        []ruleRow
	Examples     []exampleRow
	MoreExamples string
	Notes        []string
	Gender       *inlineFigure
	Describe     []describeRow
}

type (
	rowCount    struct{ Name, Count, Share string }
	ruleRow     struct{ Column, Rule, Count string }
	exampleRow  struct{ Line, Column, Value, Rule string }
	describeRow struct {
		Column  string
		Figures []string
	}
)

func newDataView(c *Content, gender *inlineFigure) dataView {
	q := c.Quality
	v := dataView{
		Account: account(q, c.IDColumn), Rows: rowCounts(q), Rules: rules(q),
		Examples: examples(q.Examples), Notes: plainAll(q.Notes), Gender: gender, Describe: describe(c.Describe),
	}
	if more := len(q.Examples) - len(v.Examples); more > 0 {
		v.MoreExamples = fmt.Sprintf("Further examples are not shown; the file has at least %s more.", count(more))
	}
	return v
}

// account says in words what became of the rows.
func account(q datasource.Quality, id string) string {
	text := fmt.Sprintf("Of %s, %s analysed.", counted(q.Rows, "row", "rows"), counted(q.Kept, "is", "are"))
	switch {
	case q.BadRows == 0:
		text += " No row breaks a rule."
	case q.Policy == datasource.Keep:
		text += fmt.Sprintf(" %s; they were kept, as asked.", counted(q.BadRows, "row breaks a rule", "rows break a rule"))
	default:
		text += fmt.Sprintf(" %s and were set aside.", counted(q.SetAside, "row breaks a rule", "rows break a rule"))
	}
	if id != "" {
		text += fmt.Sprintf(" Customers are told apart by the column %s.", quoted(id))
	}
	return text
}

func rowCounts(q datasource.Quality) []rowCount {
	row := func(name string, n int) rowCount { return rowCount{name, count(n), percentOf(n, q.Rows)} }
	rows := []rowCount{row("Read", q.Rows)}
	if q.SetAside > 0 {
		rows = append(rows, row("Set aside for breaking a rule", q.SetAside))
	}
	if q.MissingRows > 0 {
		rows = append(rows, row("Left out for a missing value", q.MissingRows))
	}
	if q.DuplicateRows > 0 {
		rows = append(rows, row("Left out as a repetition", q.DuplicateRows))
	}
	return append(rows, row("Analysed", q.Kept))
}

// rules lists the broken rules, then the columns that lack values.
func rules(q datasource.Quality) []ruleRow {
	rows := make([]ruleRow, 0, len(q.Violations)+len(q.Missing))
	for _, v := range q.Violations {
		rows = append(rows, ruleRow{plain(v.Column, longest), plain(v.Rule, longest), count(v.Count)})
	}
	for _, m := range q.Missing {
		rows = append(rows, ruleRow{plain(m.Column, longest), "present", count(m.Count)})
	}
	return rows
}

func examples(violations []datasource.Violation) []exampleRow {
	shown := violations[:min(len(violations), mostExamples)]
	rows := make([]exampleRow, 0, len(shown))
	for _, v := range shown {
		rule := plain(v.Rule, longest)
		if v.FirstLine > 0 {
			rule += fmt.Sprintf("; it is on line %s already", count(v.FirstLine))
		}
		value := plain(v.Value, longest)
		if value == "" {
			value = "(missing)"
		}
		rows = append(rows, exampleRow{count(v.Line), plain(v.Column, longest), value, rule})
	}
	return rows
}

func describe(list []insights.Description) []describeRow {
	rows := make([]describeRow, 0, len(list))
	for _, d := range list {
		row := describeRow{plain(d.Column, longest), []string{count(d.Count)}}
		span := limits{d.Min, d.Max}
		row.Figures = append(row.Figures, span.number(d.Mean), number(d.Std))
		for _, v := range []float64{d.Min, d.Q25, d.Median, d.Q75, d.Max} {
			row.Figures = append(row.Figures, span.observed(v))
		}
		rows = append(rows, row)
	}
	return rows
}

func plainAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = plain(s, 600)
	}
	return out
}
