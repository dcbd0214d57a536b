package datasource_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
)

func TestConvert(t *testing.T) {
	table, err := load(t, "id,zip,size, word\n007,01, 5 ,a\n008,02,,b\n", datasource.CSVConfig{
		Kinds: map[string]datasource.Kind{"size": datasource.Text, "zip": datasource.Numeric},
	})
	if err != nil {
		t.Fatal(err)
	}
	converted, err := table.Convert(map[string]datasource.Kind{
		"id": datasource.Numeric, "size": datasource.Categorical, "zip": datasource.Text, "word": datasource.Text,
	})
	if err != nil || show(converted) != "id|zip|size|word / 7|1|5|a / 8|2|<>|b" || converted.Line(1) != 3 {
		t.Errorf("got %v, %v", converted, err)
	}
	for name, kind := range map[string]datasource.Kind{"id": datasource.Numeric, "zip": datasource.Text, "size": datasource.Categorical} {
		if converted.Kinds()[name] != kind {
			t.Errorf("%s: want %s, got %s", name, kind, converted.Kinds()[name])
		}
	}
	_, err = table.Convert(map[string]datasource.Kind{"word": datasource.Numeric})
	var bad *datasource.CellError
	if !errors.As(err, &bad) || bad.Row != 1 || bad.Column != "word" || !errors.Is(err, datasource.ErrCell) {
		t.Errorf("want a CellError, got %v", err)
	}
	if _, err = table.Convert(map[string]datasource.Kind{"Word": datasource.Text}); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("want ErrNoColumn, got %v", err)
	}
	if _, err = table.Convert(map[string]datasource.Kind{"word": 7}); err == nil {
		t.Error("a kind that does not exist is taken")
	}
}

func TestInferSchema(t *testing.T) {
	table, err := load(t, "region_id,Customer ID,age,city\n1,001,20,x\n1,002,30,y\n2,003,40,x\n", datasource.CSVConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s := datasource.InferSchema(table)
	if s.ID != "Customer ID" || len(s.Fields) != 4 || len(s.Fields[1].Rules) != 3 || len(s.Fields[0].Rules) != 0 {
		t.Errorf("got %+v", s)
	}
	if err := s.Check(table); err != nil {
		t.Error(err)
	}
	none, err := table.Select("age", "city")
	if err != nil || datasource.InferSchema(none).ID != "" {
		t.Errorf("an ID was found: %v", err)
	}
}

func TestRunningNumbersAreUnusable(t *testing.T) {
	counting := func(n int, value func(i int) float64) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = value(i)
		}
		return values
	}
	const n = 1500
	nan := math.NaN()
	tests := map[string]struct {
		values []float64
		want   bool
	}{
		"from 1":          {counting(n, func(i int) float64 { return float64(i + 1) }), true},
		"from 100,000":    {counting(n, func(i int) float64 { return float64(100_000 + i) }), true},
		"of 20 rows":      {counting(20, func(i int) float64 { return float64(i) }), true},
		"of 19 rows":      {counting(19, func(i int) float64 { return float64(i) }), false},
		"with gaps":       {counting(n, func(i int) float64 { return float64(i + i/5) }), true},
		"with large gaps": {counting(n, func(i int) float64 { return float64(2 * i) }), false},
		"with repeats":    {counting(n, func(i int) float64 { return float64(i - i%11/10) }), true},
		"with missing":    {counting(n, func(i int) float64 { return cmp.Or(float64(i%20), nan) + float64(i-i%20) }), true},
		"half missing":    {counting(n, func(i int) float64 { return cmp.Or(float64(i%2), nan) * float64(i) }), false},
		"falling":         {counting(n, func(i int) float64 { return float64(n - i) }), false},
		"again and again": {counting(n, func(i int) float64 { return float64(i % 52) }), false},
		"with fractions":  {counting(n, func(i int) float64 { return float64(i) + 0.5 }), false},
		"sorted ages":     {counting(n, func(i int) float64 { return float64(18 + i/25) }), false},
		"sorted incomes":  {counting(n, func(i int) float64 { return float64(10_000 + 37*i) }), false},
		"mixed up":        {counting(n, func(i int) float64 { return float64(1003 * i % n) }), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, datasource.Numbers("CustomerNo", test.values))
			got := datasource.Unusable(table, datasource.Schema{})
			if test.want != (len(got) == 1 && strings.Contains(got[0].Reason, "running number")) || !test.want && len(got) > 0 {
				t.Errorf("got %+v", got)
			}
			for _, id := range []string{"CustomerNo", "another"} {
				if got := datasource.Unusable(table, datasource.Schema{ID: id}); len(got) > 0 {
					t.Errorf("with %s as the ID: got %+v", id, got)
				}
			}
		})
	}
}

func TestUnusable(t *testing.T) {
	n := 30
	different := make([]string, n)
	for i := range different {
		different[i] = strings.Repeat("x", i+1)
	}
	table := newTable(t,
		datasource.Texts("id", different),
		datasource.Texts("email", different),
		datasource.Texts("same", slices.Repeat([]string{"s"}, n)),
		datasource.Numbers("three", append([]float64{math.NaN()}, slices.Repeat([]float64{3}, n-1)...)),
		datasource.Numbers("empty", slices.Repeat([]float64{math.NaN()}, n)),
		datasource.Categories("level", append([]string{"b"}, slices.Repeat([]string{"a"}, n-1)...)),
		datasource.Categories("nothing", make([]string, n)),
		datasource.Numbers("n", append([]float64{1}, make([]float64, n-1)...)))
	want := map[string]string{
		"email": "too many different values", "same": `are the same: "s"`, "three": `are the same: "3"`,
		"empty": "missing", "nothing": "missing",
	}
	got := datasource.Unusable(table, datasource.InferSchema(table))
	if len(got) != len(want) {
		t.Errorf("want %d columns, got %v", len(want), got)
	}
	for _, u := range got {
		if want[u.Column] == "" || !strings.Contains(u.Reason, want[u.Column]) {
			t.Errorf("%s: %s", u.Column, u.Reason)
		}
	}
}

func TestFromDataFrame(t *testing.T) {
	df := dataframe.New(
		series.New([]int{math.MaxInt, 2, 3}, series.Int, "customer_id"),
		series.New([]float64{0.1234567890123, math.NaN(), 3}, series.Float, "n"),
		series.New([]int{1, 2, 1}, series.Int, "whole"),
		series.New([]bool{true, false, true}, series.Bool, "flag"),
		series.New([]string{"0012", "NaN", "x"}, series.String, "code"),
		series.New([]string{"1", "", "1"}, series.String, "digits"))
	table, err := datasource.FromDataFrame(df)
	want := "customer_id|n|whole|flag|code|digits / " + fmt.Sprint(math.MaxInt) + "|0.1234567890123|1|1|0012|1 / 2|<>|2|0|<>|<> / 3|3|1|1|x|1"
	if err != nil || show(table) != want {
		t.Fatalf("got %v, %v", table, err)
	}
	for name, kind := range map[string]datasource.Kind{
		"customer_id": datasource.Text, "n": datasource.Numeric, "whole": datasource.Numeric, "flag": datasource.Numeric,
		"code": datasource.Categorical, "digits": datasource.Categorical,
	} {
		if table.Kinds()[name] != kind {
			t.Errorf("%s: want %s, got %s", name, kind, table.Kinds()[name])
		}
	}
}

func TestFromDataFrameRefuses(t *testing.T) {
	for words, df := range map[string]dataframe.DataFrame{
		"holds an error": dataframe.New(),
		"not a finite":   dataframe.New(series.New([]float64{math.Inf(1)}, series.Float, "x")),
	} {
		if table, err := datasource.FromDataFrame(df); table != nil || err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("want %q, got %v, %v", words, table, err)
		}
	}
}

func TestDataFrameCannotHoldTheWordNaN(t *testing.T) {
	df := newTable(t, datasource.Texts("t", []string{"a", "NaN"})).DataFrame()
	if !errors.Is(df.Err, datasource.ErrCell) {
		t.Errorf("want ErrCell, got %v", df.Err)
	}
	df = newTable(t, datasource.Categories("c", []string{"NaN"})).DataFrame()
	if !errors.Is(df.Err, datasource.ErrCell) {
		t.Errorf("want ErrCell, got %v", df.Err)
	}
}

func TestShopCustomersThroughADataFrame(t *testing.T) {
	want := loadShop(t)
	got, err := datasource.FromDataFrame(want.DataFrame())
	if err != nil {
		t.Fatal(err)
	}
	if d := datasourcetest.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWriteCSV(t *testing.T) {
	table := newTable(t,
		datasource.Texts("id", []string{"007", "=1+1", "a,b", "c;d", "say \"hi\"", "two\nlines", " x "}),
		datasource.Numbers("a number", []float64{1e21, 0.1, math.NaN(), -1, 1e6, 1.0 / 3, 0}),
		datasource.Categories("\"c\"", []string{"", "é", "", "x", "", "", ""}))
	want := "id,a number,\"\"\"c\"\"\"\n007,1e+21,\n=1+1,0.1,é\n\"a,b\",,\n\"c;d\",-1,x\n\"say \"\"hi\"\"\",1000000,\n" +
		"\"two\nlines\",0.3333333333333333,\n x ,0,\n"
	if got := string(csvText(t, table)); got != want {
		t.Errorf("want %q\n got %q", want, got)
	}
	broken := errors.New("disk full")
	if err := datasource.WriteCSV(failingWriter{broken}, table); !errors.Is(err, broken) {
		t.Errorf("want %v, got %v", broken, err)
	}
}

// What a reader might take for a mark or a blank line must come back as it went.
func TestWriteCSVIsReadBack(t *testing.T) {
	for _, table := range []*datasource.Table{
		newTable(t, datasource.Texts("\ufeffmark", []string{"a"})),
		newTable(t, datasource.Texts("one", []string{"", "a", ""})),
		newTable(t, datasource.Numbers("BZh", []float64{1, 2}), datasource.Numbers("PAR1", []float64{1, 2})),
		newTable(t, datasource.Texts("a;b", []string{"1;2"}), datasource.Texts("c|d", []string{"3|4"})),
	} {
		got, err := load(t, string(csvText(t, table)), datasource.CSVConfig{Kinds: table.Kinds()})
		if err != nil {
			t.Fatal(err)
		}
		if d := datasourcetest.Diff(table, got); d != "" {
			t.Error(d)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
