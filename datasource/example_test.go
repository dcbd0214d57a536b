package datasource_test

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/cohortlens/cohortlens/datasource"
)

func ExampleNewCSVBytes() {
	text := []byte("customer_id;city;revenue\n007;Bern;120.5\n008;Basel;\n")
	table, err := datasource.Load(context.Background(), datasource.NewCSVBytes("shop.csv", text, datasource.CSVConfig{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range table.Columns() {
		fmt.Printf("%s is %s: %q, %q\n", c.Name(), c.Kind(), c.Cell(0), c.Cell(1))
	}
	// Output:
	// customer_id is text: "007", "008"
	// city is categorical: "Bern", "Basel"
	// revenue is numeric: "120.5", ""
}

func ExampleCSVError() {
	text := []byte("id,income\n1,15000\n2,\"35,000\"\n")
	_, err := datasource.Load(context.Background(), datasource.NewCSVBytes("shop.csv", text, datasource.CSVConfig{}))
	fmt.Println(err)
	var fault *datasource.CSVError
	if errors.As(err, &fault) {
		fmt.Println(fault.Line, fault.Column)
	}
	// Output:
	// shop.csv, line 3, column "income": "35,000" is not a number; write the number without thousands separators
	// 3 income
}

func ExampleValidate() {
	schema := datasource.Schema{ID: "id", Fields: []datasource.Field{
		datasource.IDField("id"),
		{Name: "age", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.Present(), datasource.Between(18, 100)}},
	}}
	text := []byte("id,age\n1,34\n2,7\n2,51\n")
	table, err := datasource.Load(context.Background(), datasource.NewCSVBytes("shop.csv", text, datasource.CSVConfig{Schema: schema}))
	if err != nil {
		fmt.Println(err)
		return
	}
	good, found, err := datasource.Validate(context.Background(), table, schema, datasource.Drop)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d rows are good\n", good.Rows(), table.Rows())
	for _, v := range found.Examples {
		fmt.Println(v)
	}
	// Output:
	// 1 of 3 rows are good
	// line 3: age is 7, must be between 18 and 100
	// line 4: id "2" is the same as on line 3
}

func ExamplePrepare() {
	text := []byte("CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n" +
		"1,Male,19,15000,39,Healthcare,1,4\n" +
		"2,Male,17,35000,81,Engineer,3,3\n" +
		"3,Female,20,86000,6,,1,1\n")
	schema := datasource.CustomerSchema()
	table, err := datasource.Load(context.Background(), datasource.NewCSVBytes("shop.csv", text, datasource.CSVConfig{Schema: schema}))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, q, err := datasource.Prepare(context.Background(), table, schema, datasource.Keep)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d rows: %d kept, %d set aside, %d with missing values, %d repeated\n", q.Rows, q.Kept, q.SetAside, q.MissingRows, q.DuplicateRows)
	fmt.Println(q.Violations)
	// Output:
	// 3 rows: 2 kept, 0 set aside, 1 with missing values, 0 repeated
	// [{Age between 18 and 100 1} {Profession present 1}]
}

func ExampleFromDataFrame() {
	df := dataframe.New(
		series.New([]string{"007", "008"}, series.String, "customer_id"),
		series.New([]int{34, 51}, series.Int, "age"))
	table, err := datasource.FromDataFrame(df)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Kinds()["customer_id"], table.Kinds()["age"])
	back := table.DataFrame()
	fmt.Println(back.Names(), back.Col("customer_id").Records(), back.Col("age").Float())
	// Output:
	// text numeric
	// [customer_id age] [007 008] [34 51]
}

// days is a Source: a batch for each day.
type days []float64

func (d days) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		for _, revenue := range d {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if batch, err := datasource.NewTable(datasource.Numbers("revenue", []float64{revenue})); !yield(batch, err) || err != nil {
				return
			}
		}
	}
}

func ExampleSource() {
	table, err := datasource.Load(context.Background(), days{120, 80.5, 99})
	if err != nil {
		fmt.Println(err)
		return
	}
	revenue, err := table.NumericColumn("revenue")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(revenue.Floats())
	// Output: [120 80.5 99]
}
