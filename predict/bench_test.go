package predict_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// customers makes the columns of the customer schema that the default prediction
// uses, and more of no use, eight in all.
func customers(b *testing.B, rows int) *datasource.Table {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	number := func(name string, of func() float64) datasource.Column {
		values := make([]float64, rows)
		for i := range values {
			values[i] = of()
		}
		return datasource.Numbers(name, values)
	}
	category := func(name string, levels int) datasource.Column {
		values := make([]string, rows)
		for i := range values {
			values[i] = fmt.Sprint(name, random.IntN(levels))
		}
		return datasource.Categories(name, values)
	}
	return newTable(b,
		number("CustomerID", random.Float64), category(datasource.Gender, 2), number(datasource.Age, random.Float64),
		number(datasource.AnnualIncome, random.NormFloat64), number(datasource.SpendingScore, random.NormFloat64),
		category(datasource.Profession, 9), number(datasource.WorkExperience, random.ExpFloat64),
		number(datasource.FamilySize, random.Float64))
}

func BenchmarkTrain(b *testing.B) {
	for _, rows := range []int{10_000, 1_000_000} {
		table := customers(b, rows)
		b.Run(fmt.Sprint(rows, "x8"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := predict.Train(b.Context(), table, shopConfig())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(r.CV.Mean.R2, "R2")
			}
		})
	}
}

func BenchmarkPredict(b *testing.B) {
	table := customers(b, 100_000)
	p := train(b, table, shopConfig()).Predictor
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Predict(table); err != nil {
			b.Fatal(err)
		}
	}
}
