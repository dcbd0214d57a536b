package service

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

// The columns that exported tables begin with.
const (
	idColumn         = "customer_id"
	clusterColumn    = "cluster"
	labelColumn      = "label"
	predictionColumn = "prediction"
	lowColumn        = "low"
	highColumn       = "high"
)

// segmentTable has customer_id, cluster and label of each row, then the other
// columns of the table. A column of one of those names gives way to the new one,
// so that an exported file can be segmented again.
func segmentTable(a *cohortlens.Analysis) (*datasource.Table, error) {
	t, r := a.Table, a.Segmentation
	clusters := make([]float64, len(r.Labels))
	labels := make([]string, len(r.Labels))
	for row, id := range r.Labels {
		clusters[row] = float64(id)
		labels[row] = r.Segments[id].Label
	}
	list := []datasource.Column{
		idsOf(t, a.IDColumn), datasource.Numbers(clusterColumn, clusters), datasource.Categories(labelColumn, labels),
	}
	taken := []string{a.IDColumn, idColumn, clusterColumn, labelColumn}
	for _, c := range t.Columns() {
		if !slices.Contains(taken, c.Name()) {
			list = append(list, c)
		}
	}
	return datasource.NewTable(list...)
}

func idsOf(t *datasource.Table, column string) datasource.Column {
	id := customerID(t, column)
	ids := make([]string, t.Rows())
	for row := range ids {
		ids[row] = id(row)
	}
	return datasource.Texts(idColumn, ids)
}

// export writes one table as a CSV file.
func (s *Service) export(ctx context.Context, path string, t *datasource.Table, excelSafe bool) error {
	if excelSafe {
		safe, err := withoutFormulas(t)
		if err != nil {
			return asInput(err)
		}
		t = safe
	}
	var files outbox
	defer files.discard()
	if err := files.write(path, func(w io.Writer) error { return datasource.WriteCSV(w, t) }); err != nil {
		return err
	}
	return files.commit(ctx)
}

// withoutFormulas writes an apostrophe before every text and every column name
// that a spreadsheet would take for a formula. Numbers are left as they are. It
// fails when two names then are the same.
func withoutFormulas(t *datasource.Table) (*datasource.Table, error) {
	list := t.Columns()
	for i, c := range list {
		list[i] = safeColumn(c)
	}
	return datasource.NewTable(list...)
}

func safeColumn(c datasource.Column) datasource.Column {
	if c.Kind() == datasource.Numeric {
		return datasource.Numbers(safeText(c.Name()), c.Floats())
	}
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = safeText(c.Cell(row))
	}
	return datasource.Texts(safeText(c.Name()), cells)
}

// safeText keeps a spreadsheet from evaluating a text.
func safeText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// keeps refuses an output that would replace the data it is made from.
func (in input) keeps(out string) error {
	if in.path == "" || out == "" {
		return nil
	}
	from, err := os.Stat(in.path)
	if err != nil {
		return nil // gone since it was opened: reading it will say so
	}
	if to, err := os.Stat(out); err == nil && os.SameFile(from, to) {
		return inputErrorf("%s is the data itself; write the result to another file", out)
	}
	return nil
}
