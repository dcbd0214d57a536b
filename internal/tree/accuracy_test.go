package tree

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/cohortlens/cohortlens/internal/testkit"
)

var (
	allSeeds = flag.Int("seeds", 2, "number of seeds in the tests of accuracy; the golden figures are means of 10")
	fullSize = flag.Bool("full", false, "test the accuracy of large forests with all seeds")
)

type summary struct{ Mean, Deviation float64 }

// golden is what testdata/make_golden.py found. It names tool, versions and call.
type golden struct {
	Train, Test, Trees int
	FirstRows          [][]float64        `json:"first_rows"`
	R2                 map[string]summary `json:"r2"`
	Shop               map[string]summary `json:"shop_cv5_r2"`
	Full               struct {
		Train, Test, Trees int
		R2                 summary
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestHousingIsThatOfTheScript(t *testing.T) {
	rows := readGolden(t).FirstRows
	columns, y := housing(len(rows), 1)
	for i, row := range rows {
		for j, want := range row {
			if got := slices.Concat(columns, [][]float64{y})[j][i]; math.Abs(got-want) > 1e-12*math.Abs(want) {
				t.Errorf("row %d, column %d: %v, want %v", i, j, got, want)
			}
		}
	}
}

func r2(y, predicted []float64) float64 {
	mean, errors, spread := 0.0, 0.0, 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for i, v := range y {
		errors += square(v - predicted[i])
		spread += square(v - mean)
	}
	return 1 - errors/spread
}

// cut returns the rows from low to high of each column.
func cut(columns [][]float64, low, high int) [][]float64 {
	out := make([][]float64, len(columns))
	for j, column := range columns {
		out[j] = column[low:high]
	}
	return out
}

// score returns the R2 of a forest on rows that it did not see.
func score(t *testing.T, train, test [][]float64, y, want []float64, cfg Config) float64 {
	t.Helper()
	predicted := make([]float64, len(want))
	grow(t, train, y, cfg).Ensemble.Evaluate(predicted, rowsOf(test))
	return r2(want, predicted)
}

func TestAccuracyIsThatOfScikitLearn(t *testing.T) {
	want := readGolden(t)
	for name, cfg := range map[string]Config{
		"default": {}, "max_features": {MaxFeatures: 3}, "min_samples_leaf": {MinSamplesLeaf: 5}, "max_depth": {MaxDepth: 6},
		"no_bootstrap": {NoBootstrap: true, MaxFeatures: 3}, "missing": {},
	} {
		t.Run(name, func(t *testing.T) {
			columns, y := housing(want.Train+want.Test, 1)
			if name == "missing" {
				punch(columns)
			}
			train, test := cut(columns, 0, want.Train), cut(columns, want.Train, len(y))
			mean := 0.0
			for seed := range *allSeeds {
				cfg.Trees, cfg.Seed = want.Trees, uint64(seed)
				mean += score(t, train, test, y[:want.Train], y[want.Train:], cfg) / float64(*allSeeds)
			}
			t.Logf("R2 %.4f, scikit-learn %.4f with a deviation of %.4f", mean, want.R2[name].Mean, want.R2[name].Deviation)
			if math.Abs(mean-want.R2[name].Mean) > 0.005 {
				t.Errorf("mean R2 of %d seeds is %.4f, that of scikit-learn %.4f", *allSeeds, mean, want.R2[name].Mean)
			}
		})
	}
}

func TestAccuracyOfLargeForests(t *testing.T) {
	seeds := 1
	if *fullSize {
		seeds = *allSeeds
	}
	want := readGolden(t).Full
	columns, y := housing(want.Train+want.Test, 1)
	train, test := cut(columns, 0, want.Train), cut(columns, want.Train, len(y))
	mean := 0.0
	for seed := range seeds {
		cfg := Config{Trees: want.Trees, Seed: uint64(seed)}
		mean += score(t, train, test, y[:want.Train], y[want.Train:], cfg) / float64(seeds)
	}
	t.Logf("R2 %.4f, scikit-learn %.4f with a deviation of %.4f", mean, want.R2.Mean, want.R2.Deviation)
	if math.Abs(mean-want.R2.Mean) > 0.005 {
		t.Errorf("mean R2 of %d seeds is %.4f, that of scikit-learn %.4f", seeds, mean, want.R2.Mean)
	}
}

// The public data set has nothing to predict from; what scikit-learn's forest is
// worth there, less than the mean, this one is worth as well.
func TestShopCustomersAsScikitLearn(t *testing.T) {
	path := testkit.SharedFile(t, "data", "shop_customers.csv")
	want := readGolden(t).Shop
	seeds := (*allSeeds + 2) / 3 // these forests are large
	for subset, valid := range map[string]bool{"complete_rows": false, "valid_rows": true} {
		columns, y := shopCustomers(t, path, valid)
		mean := 0.0
		for seed := range seeds {
			mean += crossValidated(t, columns, y, Config{Seed: uint64(seed)}) / float64(seeds)
		}
		t.Logf("%s: R2 %.4f, scikit-learn %.4f with a deviation of %.4f", subset, mean, want[subset].Mean, want[subset].Deviation)
		// Three standard errors of the difference between the two means.
		tolerance := 3 * want[subset].Deviation * math.Sqrt(1/10.0+1/float64(seeds))
		if math.Abs(mean-want[subset].Mean) > tolerance {
			t.Errorf("%s: mean R2 of %d seeds is %.4f, that of scikit-learn %.4f", subset, seeds, mean, want[subset].Mean)
		}
	}
}

// crossValidated returns the mean R2 over five contiguous folds.
func crossValidated(t *testing.T, columns [][]float64, y []float64, cfg Config) float64 {
	t.Helper()
	const folds = 5
	mean := 0.0
	for low, fold := 0, 0; fold < folds; fold++ {
		high := low + len(y)/folds
		if fold < len(y)%folds {
			high++
		}
		train := make([][]float64, len(columns))
		for j, column := range columns {
			train[j] = slices.Concat(column[:low], column[high:])
		}
		mean += score(t, train, cut(columns, low, high), slices.Concat(y[:low], y[high:]), y[low:high], cfg) / folds
		low = high
	}
	return mean
}

// shopCustomers reads the columns that the default prediction uses: four numbers
// and the indicators of eight of nine professions.
func shopCustomers(t *testing.T, path string, valid bool) (columns [][]float64, y []float64) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const age, income, profession, experience, family, spending = 2, 3, 4, 5, 6, 7
	number := func(line []string, column int) float64 {
		v, err := strconv.ParseFloat(line[column], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	levels := []string{"Doctor", "Engineer", "Entertainment", "Executive", "Healthcare", "Homemaker", "Lawyer", "Marketing"}
	columns = make([][]float64, 4+len(levels))
	for _, line := range lines[1:] {
		if line[profession] == "" || valid && (number(line, age) < 18 || number(line, income) <= 0) {
			continue
		}
		for j, column := range []int{income, age, experience, family} {
			columns[j] = append(columns[j], number(line, column))
		}
		for j, level := range levels {
			indicator := 0.0
			if line[profession] == level {
				indicator = 1
			}
			columns[4+j] = append(columns[4+j], indicator)
		}
		y = append(y, number(line, spending))
	}
	return columns, y
}
