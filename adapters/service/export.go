package service

import (
	"context"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// The columns that exported tables begin with.
const (
	idColumn          = "customer_id"
	clusterColumn     = "cluster"
	labelColumn       = "label"
	probabilityColumn = "probability"
	previousColumn    = "previous_cluster"
	predictionColumn  = "prediction"
	lowColumn         = "low"
	highColumn        = "high"
	confidenceColumn  = "confidence"
)

// The labels of customers who belong to no segment: those who are not near
// enough to any, and those who lack a value.
const (
	noiseLabel      = "noise"
	incompleteLabel = "incomplete"
)

// segmentTable has customer_id, cluster and label of each row, for a mixture the
// probability of that cluster, beside a previous model the cluster before, then
// the other columns of the table. A column of one of those names gives way to the
// new one, so that an exported file can be segmented again.
func segmentTable(a *cohortlens.Analysis) (*datasource.Table, error) {
	r := a.Segmentation
	list := segmentColumns(a.Table, a.IDColumn, r.Labels, labelsOf(r.Labels, r.Segments))
	if r.Mixture != nil {
		list = append(list, probabilities(r.Labels, r.Mixture.Probabilities))
	}
	if r.Migration != nil {
		list = append(list, datasource.Numbers(previousColumn, floats(r.Migration.Previous)))
	}
	return widened(a.Table, a.IDColumn, list)
}

func labelsOf(clusters []int, segments []segment.Segment) []string {
	labels := make([]string, len(clusters))
	for row, cluster := range clusters {
		labels[row] = noiseLabel
		if cluster != segment.Noise {
			labels[row] = segments[cluster].Label
		}
	}
	return labels
}

// segmentColumns are the columns that say who is in which segment.
func segmentColumns(t *datasource.Table, id string, clusters []int, labels []string) []datasource.Column {
	return []datasource.Column{
		idsOf(t, id), datasource.Numbers(clusterColumn, floats(clusters)), datasource.Categories(labelColumn, labels),
	}
}

func floats(list []int) []float64 {
	out := make([]float64, len(list))
	for i, n := range list {
		out[i] = float64(n)
	}
	return out
}

// probabilities is the column of how likely each row is in its own cluster.
func probabilities(clusters []int, all [][]float64) datasource.Column {
	own := make([]float64, len(clusters))
	for row, cluster := range clusters {
		own[row] = math.NaN()
		if cluster != segment.Noise {
			own[row] = all[row][cluster]
		}
	}
	return datasource.Numbers(probabilityColumn, own)
}

// widened puts new columns before those of a table; columns of the same name,
// and the ID, give way.
func widened(t *datasource.Table, id string, list []datasource.Column) (*datasource.Table, error) {
	taken := []string{id}
	for _, c := range list {
		taken = append(taken, c.Name())
	}
	for _, c := range t.Columns() {
		if !slices.Contains(taken, c.Name()) {
			list = append(list, c)
		}
	}
	return datasource.NewTable(list...)
}

// customerID returns what identifies the customer of a row: the ID, or the line
// of the file where there is no ID column.
func customerID(t *datasource.Table, column string) func(row int) string {
	c, err := t.Column(column)
	if err != nil {
		return func(row int) string { return strconv.Itoa(t.Line(row)) }
	}
	return c.Cell
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
	var files outbox
	defer files.discard()
	if err := files.writeTable(path, t, excelSafe); err != nil {
		return err
	}
	return files.commit(ctx)
}

// writeTable writes a table as a CSV file.
func (o *outbox) writeTable(path string, t *datasource.Table, excelSafe bool) error {
	return o.write(path, func(w io.Writer) error {
		out := csvBatches{w: w, excelSafe: excelSafe}
		return out.write(t)
	})
}
