package config

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestBadFiles(t *testing.T) {
	for _, test := range []struct {
		name, yaml   string
		line, column int
		want         string
	}{
		{"unknown key", "models:\n  segmentation:\n    n_cluster: 3\n", 3, 5, `unknown key "n_cluster" in models.segmentation; did you mean "n_clusters"?`},
		{"unknown section", "model: {}\n", 1, 1, `did you mean "models"?`},
		{"unknown, nothing near", "zzzzzz: 1\n", 1, 1, "the keys are data, database, models, features, insights, drift, reporting, ai, logging"},
		{"repeated key", "data:\n  raw_path: a\n  'raw_path': b\n", 3, 3, "already defined"},
		{"repeated section", "data: {}\nmodels: {}\ndata: {}\n", 3, 1, "already defined"},
		{"text for a number", "models: {random_seed: \"42\"}\n", 1, 23, `models.random_seed must be a whole number from 0 to 18446744073709551615, got "42"`},
		{"fraction for a whole number", "models: {segmentation: {n_init: 1.5}}", 1, 33, "models.segmentation.n_init must be a whole number from 1 to 10000, got 1.5"},
		{"out of range", "models: {segmentation: {n_clusters: 0}}", 1, 37, "from 1 to 1000000, got 0"},
		{"beyond 64 bits", "models: {random_seed: 18446744073709551616}", 1, 23, "must be a whole number"},
		{"number for a text", "data: {raw_filename: 2024}", 1, 22, "data.raw_filename must be a text (in quotes if it looks like a number), got 2024"},
		{"text for a truth", "models: {prediction: {drop_first: yes}}", 1, 35, "must be true or false"},
		{"infinity", "models: {prediction: {test_size: .inf}}", 1, 34, "above 0 and below 1"},
		{"not a number", "models: {segmentation: {eps: .nan}}", 1, 30, "above 0"},
		{"text for a list", "models: {segmentation: {features: Age}}", 1, 35, "must be a list of distinct names"},
		{"number in a list", "models: {segmentation: {features: [Age, 3]}}", 1, 35, `got ["Age", 3]`},
		{"repeated in a list", "features: {numerical: [Age, Age]}", 1, 23, "distinct"},
		{"unknown metric", "reporting: {metrics: [mse, rsme]}", 1, 22, `did you mean "rmse"?`},
		{"empty range", "models: {segmentation: {silhouette_range: [2, 2]}}", 1, 43, "silhouette_range must be two whole numbers"},
		{"stub of the Python project", "models: {prediction: {algorithm: autogluon}}", 1, 34, "use linear_regression"},
		{"other stub", "models: {segmentation: {algorithm: LSTM}}", 1, 36, "use kmeans"},
		{"misspelt algorithm", "models: {segmentation: {algorithm: kmean}}", 1, 36, `did you mean "kmeans"?`},
		{"list for a section", "models:\n- a\n", 2, 1, "models must have keys below it"},
		{"section for a value", "data: {raw_path: {a: b}}", 1, 18, "data.raw_path must be a text"},
		{"scalar file", "3", 1, 1, "the file must have keys below it"},
		{"two documents", "data: {}\n---\nmodels: {}\n", 3, 7, "one YAML document"},
		{"not YAML", "data: [1,\n", 1, 7, "not valid YAML"},
		{"tab", "models:\n\tx: 3\n", 2, 1, `'\t'`},
		{"unknown anchor", "data: {raw_path: *y}", 1, 18, `no anchor "y"`},
		{"tag", "data: {raw_path: !!int 3}", 1, 18, "tags"},
		{"merge key", "data: &a {}\n<<: *a\n", 2, 1, `unknown key "<<"`},
		{"UTF-16", "\xff\xfed\x00", 0, 0, "save it as UTF-8"},
		{"too large", strings.Repeat("#", maxFile+1), 0, 0, "larger than"},
	} {
		err := Default().readYAML("config.yaml", []byte(test.yaml))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *Error", test.name, err)
			continue
		}
		if e.Line != test.line || e.Column != test.column || !strings.Contains(e.Message, test.want) {
			t.Errorf("%s: got %d:%d %s\nwant %d:%d %s", test.name, e.Line, e.Column, e.Message, test.line, test.column, test.want)
		}
		checkExcerpt(t, e)
	}
}

// checkExcerpt holds the mark to its column.
func checkExcerpt(t *testing.T, e *Error) {
	t.Helper()
	if strings.Contains(e.Error(), "\n") {
		t.Errorf("the error has several lines: %q", e.Error())
	}
	if e.Line == 0 {
		return
	}
	text, mark, _ := strings.Cut(e.Excerpt, "\n")
	if at := strings.Index(mark, "^") - strings.Index(text, "| ") - 1; at != e.Column {
		t.Errorf("the mark is at column %d, not %d:\n%s", at, e.Column, e.Excerpt)
	}
}

func TestGoodFiles(t *testing.T) {
	for _, yaml := range []string{
		"", "# nothing\n", "---\n", "data:\n", "data:\n  raw_path:\n", "\ufeffdata: {raw_path: x}\n", "data:\r\n  raw_path: x\r\n",
		"data: &d {raw_path: x}\n", "models: {segmentation: {features: &f [A, B]}, prediction: {features: {numerical: *f}}}\n",
		"data:\n  # why\n  raw_path: x # where\n", `{"data": {"raw_path": "x"}}`,
	} {
		if err := Default().readYAML("config.yaml", []byte(yaml)); err != nil {
			t.Errorf("%q: %v", yaml, err)
		}
	}
}

func TestSetNamesTheFlag(t *testing.T) {
	err := Default().Set("models.segmentation.n_clusters", "--k", "0")
	if want := `--k must be a whole number from 1 to 1000000, got "0"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := Default().Set("models.nothing", "--x", "0"); err == nil {
		t.Error("an unknown key was set")
	}
}

func TestSplitList(t *testing.T) {
	for text, want := range map[string]string{
		"A,B": "A|B", " A , B ": "A|B", `"A,B",C`: "A,B|C", "A": "A", `A "x" B`: `A "x" B`, "A,,B": "A||B",
	} {
		if got := strings.Join(SplitList(text), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzConfig holds every file to either a configuration within its ranges or an
// error of one printable line.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{contractFile, "a: [", "data: &a {raw_path: *a}", "? a\n: b", "\x00", "models: {segmentation: {silhouette_range: [2, 11]}}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := Default()
		err := c.readYAML("config.yaml", data)
		if err == nil {
			s, p := c.Models.Segmentation, c.Models.Prediction
			if s.KMin < 2 || s.KMax < s.KMin || s.Clusters < 0 || !(p.TestSize > 0 && p.TestSize < 1) || p.Folds < 2 {
				t.Errorf("out of range: %+v", c.Models)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("got %T", err)
		}
		if strings.ContainsAny(e.Error(), "\n\r\x00\x1b") || !utf8.ValidString(e.Error()) {
			t.Errorf("not one printable line: %q", e.Error())
		}
	})
}
