package segment_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// ages makes a table of one feature.
func ages(values ...float64) *datasource.Table {
	table, err := datasource.NewTable(datasource.Numbers("Age", values))
	if err != nil {
		panic(err)
	}
	return table
}

func ExampleModel_Save() {
	r, err := segment.Fit(context.Background(), ages(23, 25, 24, 61, 60, 64, 62), segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := r.Model.Save(context.Background(), &file); err != nil {
		fmt.Println(err)
		return
	}
	// Another day, in another program:
	model, err := segment.Load(context.Background(), &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := model.Assign(ages(30, 70))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, label := range labels {
		fmt.Println(label, model.Segments()[label].Label)
	}
	// Output:
	// 1 low Age
	// 0 high Age
}

func ExampleLoad() {
	damaged := []byte(`{"format":"cohortlens.segment","version":1,"sha256":"0`)
	_, err := segment.Load(context.Background(), bytes.NewReader(damaged))
	fmt.Println(err)
	// Output:
	// segment: loading a model: sha256: the file is damaged: want 64 digits and then "\",\"body\":"
}

func ExampleModel_AssignBatches() {
	ctx := context.Background()
	r, err := segment.Fit(ctx, ages(23, 25, 24, 61, 60, 64, 62), segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	file := datasource.NewCSVBytes("new.csv", []byte("Age\n30\n70\n20\n"), datasource.CSVConfig{BatchRows: 2})
	for batch, err := range r.Model.AssignBatches(ctx, file) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Labels)
	}
	// Output:
	// [1 0]
	// [1]
}

func ExampleFitStream() {
	file := datasource.NewCSVBytes("customers.csv", []byte("Age\n23\n25\n24\n\"\"\n61\n60\n64\n62\n"), datasource.CSVConfig{})
	r, err := segment.FitStream(context.Background(), file, segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d rows, %d skipped, %d passes\n", r.Rows, r.Skipped, r.Passes)
	for _, s := range r.Segments {
		age, _ := s.Mean("Age")
		fmt.Printf("segment %d: %s, %d customers, mean age %.1f\n", s.ID, s.Label, s.Size, age)
	}
	// Output:
	// 7 rows, 1 skipped, 3 passes
	// segment 0: high Age, 4 customers, mean age 61.8
	// segment 1: low Age, 3 customers, mean age 24.0
}

func ExampleMatch() {
	ctx := context.Background()
	spring, err := segment.Fit(ctx, ages(23, 25, 24, 61, 60, 64, 62), segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	today := ages(24, 26, 25, 50, 29, 24, 61, 63)
	autumn, err := segment.Fit(ctx, today, segment.Config{K: 2, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := segment.Match(ctx, spring.Model, today, autumn)
	if err != nil {
		fmt.Println(err)
		return
	}
	for p, c := range m.Matches {
		fmt.Printf("segment %d of spring is segment %d of autumn\n", p, c)
	}
	fmt.Println(m.Stayed, "customers stayed")
	// Output:
	// segment 0 of spring is segment 1 of autumn
	// segment 1 of spring is segment 0 of autumn
	// 8 customers stayed
}

func ExampleConfig_bootstraps() {
	customers := ages(23, 25, 24, 26, 22, 61, 60, 64, 62, 63, 61)
	r, err := segment.Fit(context.Background(), customers, segment.Config{K: 2, Seed: 1, Bootstraps: 50})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range r.Stability {
		fmt.Printf("segment %d: %s, similarity %.2f\n", s.Segment, s.Verdict, s.Jaccard)
	}
	// Output:
	// segment 0: stable, similarity 1.00
	// segment 1: stable, similarity 1.00
}
