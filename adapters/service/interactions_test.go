package service

import (
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/config"
)

// Customers are explained in parts; the means are those over all of them.
func TestPairImportanceIsTheMeanOverAllCustomers(t *testing.T) {
	s := newService(t, Options{}, func(c *config.Config) {
		c.Models.Prediction.Algorithm, c.Models.Prediction.Trees = "random_forest", 3
	})
	x, err := s.startExplanation(t.Context(), ExplainRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r, e, err := s.contributions(t.Context(), x, x.table, "")
	if err != nil {
		t.Fatal(err)
	}
	if d := len(r.Columns); r.Rows <= interactionCells/(d*d) {
		t.Fatalf("%d rows of %d columns are one part", r.Rows, d)
	}
	list, err := s.pairImportance(t.Context(), x, e, r)
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	all, err := e.Interactions(t.Context(), r.X)
	if err != nil {
		t.Fatal(err)
	}
	index := map[string]int{}
	for i, name := range r.Groups {
		index[name] = i
	}
	for n, p := range list {
		mean, g := 0.0, len(r.Groups)
		for row := range r.Rows {
			mean += math.Abs(2*all.Values[row*g*g+index[p.Features[0]]*g+index[p.Features[1]]]) / float64(r.Rows)
		}
		if math.Abs(mean-float64(p.MeanAbsolute)) > 1e-12*mean {
			t.Errorf("%v: want %v, got %v", p.Features, mean, p.MeanAbsolute)
		}
		if n > 0 && p.MeanAbsolute > list[n-1].MeanAbsolute {
			t.Errorf("%v is out of order", p.Features)
		}
	}
}
