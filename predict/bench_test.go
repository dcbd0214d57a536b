package predict_test

import (
	"bytes"
	"fmt"
	"math"
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
		if _, err := p.Predict(b.Context(), table); err != nil {
			b.Fatal(err)
		}
	}
}

// rowPredictors are what serving a single customer is measured with: the default
// prediction, and a hundred fully grown trees on 37,000 customers. Four fifths of
// the target's variance follow from the features: trees on noise alone are several
// times as deep as those on data.
func rowPredictors(b *testing.B) map[string]*predict.Predictor {
	forest := shopConfig()
	forest.Algorithm, forest.Folds = predict.RandomForest, 2
	return map[string]*predict.Predictor{
		"linear": train(b, customers(b, 10_000), shopConfig()).Predictor,
		"forest": train(b, spenders(b, 37_000), forest).Predictor,
	}
}

// spenders are customers who spend by age, income and experience.
func spenders(b *testing.B, rows int) *datasource.Table {
	b.Helper()
	t := customers(b, rows)
	of := func(name string) []float64 {
		c, err := t.NumericColumn(name)
		if err != nil {
			b.Fatal(err)
		}
		return c.Floats()
	}
	age, income, experience, noise := of(datasource.Age), of(datasource.AnnualIncome), of(datasource.WorkExperience), of(datasource.SpendingScore)
	spending := make([]float64, rows)
	for i := range spending {
		spending[i] = income[i] + math.Sin(6*age[i])*experience[i] + 0.6*noise[i]
	}
	out, err := t.With(datasource.Numbers(datasource.SpendingScore, spending))
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// BenchmarkPredictRow takes another customer each time, so that no walk down the
// trees repeats the last one.
func BenchmarkPredictRow(b *testing.B) {
	table := spenders(b, 1000)
	for name, p := range rowPredictors(b) {
		b.Run(name, func(b *testing.B) {
			numbers, levels := make([][]float64, table.Rows()), make([][]string, table.Rows())
			for row := range table.Rows() {
				numbers[row], levels[row] = rowOf(b, p, table, row)
			}
			b.ReportAllocs()
			for row := 0; b.Loop(); row++ {
				if _, err := p.PredictRow(numbers[row%1000], levels[row%1000]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkModelFile(b *testing.B) {
	for name, p := range rowPredictors(b) {
		var file bytes.Buffer
		b.Run("save/"+name, func(b *testing.B) {
			for b.Loop() {
				file.Reset()
				if err := p.Save(b.Context(), &file); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(file.Len()), "file-bytes")
		})
		b.Run("load/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := predict.Load(b.Context(), bytes.NewReader(file.Bytes())); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
