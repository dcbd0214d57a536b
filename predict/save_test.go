package predict

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/modelfile"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/internal/tree"
)

var writeModels = flag.Bool("write-models", false, "write the model files of this version that are not there yet")

// savable has a configuration for every kind of predictor that a file can hold.
var savable = map[string]Config{
	"linear":           {},
	"linear_keepfirst": {KeepFirst: true, Level: 0.5},
	"ridge_groups":     {Algorithm: Ridge, IntervalGroups: "plan"},
	"forest":           {Algorithm: RandomForest, Trees: 4, MaxDepth: 4, IntervalMethod: ConstantWidth},
	"forest_quantiles": {Algorithm: RandomForest, Trees: 4, MaxDepth: 4, IntervalMethod: QuantileWidth, IntervalGroups: "plan"},
	"forest_gaps":      {Algorithm: RandomForest, Trees: 4, MaxDepth: 4},
	"mean":             {Algorithm: Mean},
}

// customersToSave has odd names and, for forests, gaps.
func customersToSave(t testing.TB, gaps bool) *datasource.Table {
	t.Helper()
	const rows = 160
	age, visits, spend := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	plan, town := make([]string, rows), make([]string, rows)
	for i := range rows {
		age[i], visits[i] = 18+float64(i*37%60), float64(i*i%23)/4
		plan[i], town[i] = []string{"basic", "gold"}[i%3%2], []string{"Köln", "<Bonn>", "Ulm"}[i%7%3]
		spend[i] = 3*age[i] - 2*visits[i]*visits[i] + float64(len(town[i])+i%5)
		if gaps && i%9 == 4 {
			age[i], town[i] = math.NaN(), ""
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("Age \"years\"", age), datasource.Numbers("Visits", visits),
		datasource.Categories("plan", plan), datasource.Categories("Town", town), datasource.Numbers("Spend", spend))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func savablePredictor(t testing.TB, name string) *Predictor {
	t.Helper()
	c := savable[name]
	c.Target, c.Seed = "Spend", 3
	r, err := Train(t.Context(), customersToSave(t, name == "forest_gaps"), c)
	if err != nil {
		t.Fatal(err)
	}
	return r.Predictor
}

func save(t testing.TB, p *Predictor) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := p.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// probe has rows within and beyond the data, with gaps and unknown levels.
func probe(t testing.TB) *datasource.Table {
	t.Helper()
	var age, visits []float64
	var plan, town []string
	for i := range 120 {
		age, visits = append(age, float64(i*13%140)), append(visits, float64(i%31)-4)
		plan, town = append(plan, []string{"gold", "basic", "", "iron"}[i%4]), append(town, []string{"Köln", "", "Ulm", "Oslo", "<Bonn>"}[i%5])
		if i%11 == 7 {
			age[i] = math.NaN()
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("Age \"years\"", age), datasource.Numbers("Visits", visits),
		datasource.Categories("plan", plan), datasource.Categories("Town", town))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func predicted(t testing.TB, p *Predictor, table *datasource.Table) []Prediction {
	t.Helper()
	out, err := p.Predict(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLoadReturnsThePredictorThatWasSaved(t *testing.T) {
	for name := range savable {
		p := savablePredictor(t, name)
		file := save(t, p)
		got, err := Load(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, table := range []*datasource.Table{probe(t), customersToSave(t, true)} {
			if !reflect.DeepEqual(predicted(t, got, table), predicted(t, p, table)) {
				t.Errorf("%s: other predictions", name)
			}
		}
		if got.Algorithm() != p.Algorithm() || got.Target() != p.Target() || got.Verdict() != p.Verdict() || got.Level() != p.Level() {
			t.Errorf("%s: got %s of %s, verdict %s, level %v", name, got.Algorithm(), got.Target(), got.Verdict(), got.Level())
		}
		if !reflect.DeepEqual(got.Columns(), p.Columns()) || !reflect.DeepEqual(got.Features(), p.Features()) || !reflect.DeepEqual(got.Trees(), p.Trees()) {
			t.Errorf("%s: other columns, features or trees", name)
		}
		if !bytes.Equal(save(t, got), file) {
			t.Errorf("%s: saving again gives another file", name)
		}
	}
}

// modelFiles are those of every kind of model.
func modelFiles() testkit.ModelFiles[*Predictor] {
	files := testkit.ModelFiles[*Predictor]{
		Version: modelVersion, Save: save, Summary: summary, Make: map[string]func(testing.TB) *Predictor{},
		Load: func(file []byte) (*Predictor, error) { return Load(context.Background(), bytes.NewReader(file)) },
	}
	for name := range savable {
		files.Make[name] = func(t testing.TB) *Predictor { return savablePredictor(t, name) }
	}
	return files
}

func TestModelFilesOfAllVersionsStayReadable(t *testing.T) { modelFiles().Check(t, *writeModels) }

func TestLoadRefusesEveryCutAndEveryChangedByte(t *testing.T) { modelFiles().CheckDamage(t) }

// summary tells the prediction for every row of the probe, in all digits.
func summary(t testing.TB, p *Predictor) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%s of %s from %q, %s\n", p.Algorithm(), p.Target(), p.Features(), p.Verdict())
	for _, one := range predicted(t, p, probe(t)) {
		fmt.Fprintf(&out, "%v from %v to %v, %s, %q\n", one.Value, one.Low, one.High, one.Confidence, one.Unseen)
	}
	return out.String()
}

// resaved returns the file of a predictor after a change, with a right checksum.
func resaved(t testing.TB, name string, change func(s *savedPredictor)) []byte {
	t.Helper()
	s, err := savablePredictor(t, name).saved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var own savedPredictor // shares nothing with the predictor
	if err := modelfile.Decode(body, &own); err != nil {
		t.Fatal(err)
	}
	change(&own)
	var file bytes.Buffer
	if err := modelfile.Write(t.Context(), &file, modelFormat, modelVersion, MaxModelBytes, own); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Files with a right checksum, and figures that no training makes.
func TestLoadRefusesImpossiblePredictors(t *testing.T) {
	tests := []struct {
		model  string
		change func(s *savedPredictor)
		want   string
	}{
		{"linear", func(s *savedPredictor) { s.Algorithm = "knn" }, "algorithm: must be one of"},
		{"linear", func(s *savedPredictor) { s.Algorithm = Auto }, "algorithm: must be one of"},
		{"linear", func(s *savedPredictor) { s.Algorithm = RandomForest }, "linear: must be there for any algorithm but"},
		{"linear", func(s *savedPredictor) { s.Linear = nil }, "linear: must be there"},
		{"linear", func(s *savedPredictor) { s.Trees = []byte{1} }, "trees: must be there for algorithm"},
		{"forest", func(s *savedPredictor) { s.Algorithm = Ridge }, "linear: must be there"},
		{"forest", func(s *savedPredictor) { s.Trees = nil }, "trees: must be there"},
		{"linear", func(s *savedPredictor) { s.Verdict = "great" }, "verdict: must be one of"},
		{"linear", func(s *savedPredictor) { s.Target = "" }, "target: must not be empty"},
		{"linear", func(s *savedPredictor) { s.Numbers[1].Name = s.Target }, "numbers[1].name"},
		{"linear", func(s *savedPredictor) { s.Categories[0].Name = s.Numbers[0].Name }, "categories[0].name"},
		{"linear", func(s *savedPredictor) { s.Numbers, s.Categories = nil, nil }, "numbers and categories: there must be one"},
		{"linear", func(s *savedPredictor) { s.Numbers[0].Range[0] = 1e9 }, "numbers[0].range"},
		{"linear", func(s *savedPredictor) { s.Numbers[0].Range = s.Numbers[0].Range[:1] }, "numbers[0].range"},
		{"linear", func(s *savedPredictor) { s.Categories[1].Levels[0] = "" }, "categories[1].levels[0]"},
		{"linear", func(s *savedPredictor) { s.Categories[1].Levels[1] = s.Categories[1].Levels[2] }, "categories[1].levels[2]"},
		{"linear", func(s *savedPredictor) { s.Categories[1].Levels = append(s.Categories[1].Levels, "Wien") }, "must have 6 values"},
		{"linear", func(s *savedPredictor) { s.Numbers = append(s.Numbers, manyNumbers(252)...) }, "they make 257 encoded columns"},
		{"linear", func(s *savedPredictor) { s.Linear.Slopes = nil }, "linear.slopes: must have 5 values"},
		{"linear", func(s *savedPredictor) { s.Linear.Centres = s.Linear.Centres[1:] }, "linear.centres: must have 5 values"},
		{"linear", func(s *savedPredictor) { s.Intervals.Level = 1 }, "intervals.level"},
		{"linear", func(s *savedPredictor) { s.Intervals.Margin = -1 }, "intervals.margin"},
		{"linear", func(s *savedPredictor) { s.Intervals.Spread = -1 }, "intervals.spread"},
		{"linear", func(s *savedPredictor) { s.Intervals.Method = QuantileWidth }, "intervals.method"},
		{"forest", func(s *savedPredictor) { s.Intervals.Method = "wide" }, "intervals.method"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Column = "" }, "intervals.groups.column"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Column = s.Target }, "intervals.groups.column: must not be the target"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Column = s.Numbers[0].Name }, "intervals.groups.column: must not be the target or a number"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Margins = nil }, "intervals.groups.margins: must be 2"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Margins[1] = -1 }, "intervals.groups.margins: must be 0 or more"},
		{"ridge_groups", func(s *savedPredictor) { s.Intervals.Groups.Levels[1] = "a" }, "intervals.groups.levels[1]"},
		{"forest", func(s *savedPredictor) { s.Trees = s.Trees[:len(s.Trees)/2] }, "trees: "},
		{"forest", func(s *savedPredictor) { s.Trees = append(s.Trees, 0) }, "trees: "},
		{"forest", func(s *savedPredictor) { s.Trees = encodedTrees(2) }, "trees: features: must be 5, the number of encoded columns, got 2"},
	}
	for _, tt := range tests {
		if _, err := Load(t.Context(), bytes.NewReader(resaved(t, tt.model, tt.change))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want an error that says %q", err, tt.want)
		}
	}
}

func manyNumbers(n int) []savedNumber {
	out := make([]savedNumber, n)
	for i := range out {
		out[i].Name = fmt.Sprint("number ", i)
	}
	return out
}

// encodedTrees returns a forest of a single leaf.
func encodedTrees(features int) []byte {
	e := tree.Ensemble{Features: features, Scale: 1, Trees: []tree.Tree{{Nodes: []tree.Node{{Value: 1, Feature: tree.Leaf}}, Cover: []float64{1}}}}
	raw, err := e.AppendBinary(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	return raw
}

// However long trees claim to be, memory is that of the bytes that are there.
func TestLoadTrustsNoLength(t *testing.T) {
	file := resaved(t, "forest", func(s *savedPredictor) {
		const claimed = "\xff\xff\xff\xff\xff\x3f" // 2^41, as a varint
		s.Trees = append([]byte{s.Trees[0]}, bytes.Repeat([]byte(claimed), 40)...)
	})
	for at := range 24 {
		huge := resaved(t, "forest", func(s *savedPredictor) {
			s.Trees = append(append(bytes.Clone(s.Trees[:at]), 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f), s.Trees[at:]...)
		})
		checkRefusal(t, huge)
	}
	checkRefusal(t, file)
}

func checkRefusal(t *testing.T, file []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Load(t.Context(), bytes.NewReader(file)); err == nil {
		return // a length may be read as another number, in range
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("%d bytes were allocated to refuse a file of %d", grown, len(file))
	}
}

func TestSaveRefuses(t *testing.T) {
	p := savablePredictor(t, "linear")
	p.encoder.categories[1].levels[2] = "caf\xe9"
	if err := p.Save(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a level that is not UTF-8: got %v", err)
	}
}

// What is not trees is read by means that take much more memory than its bytes.
func TestNamesAreBounded(t *testing.T) {
	long := strings.Repeat("z", maxHeadBytes)
	p := savablePredictor(t, "forest")
	p.encoder.categories[1].levels[2] = long
	if err := p.Save(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "a file holds at most") {
		t.Errorf("saving: got %v", err)
	}
	file := resaved(t, "forest", func(s *savedPredictor) { s.Categories[1].Levels[2] = long })
	if _, err := Load(t.Context(), bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), "all but the trees") {
		t.Errorf("loading: got %v", err)
	}
}

// Three bytes of an empty object would take fifty and more.
func TestEmptyObjectsAreRefusedUnread(t *testing.T) {
	file := resaved(t, "linear", func(s *savedPredictor) { s.Numbers = make([]savedNumber, 1<<18) })
	file = bytes.ReplaceAll(file, []byte(`{"name":""}`), []byte(`{}`))
	_, body, _ := bytes.Cut(file, []byte(`"body":`))
	var sealed bytes.Buffer
	if err := modelfile.Write(t.Context(), &sealed, modelFormat, modelVersion, MaxModelBytes, json.RawMessage(bytes.TrimSuffix(body, []byte("}\n")))); err != nil {
		t.Fatal(err)
	}
	size := sealed.Len()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Load(t.Context(), &sealed)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "cannot have names") {
		t.Errorf("got %v", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > uint64(8*size) {
		t.Errorf("%d bytes were allocated to refuse a file of %d", grown, size)
	}
	if n := objects([]byte(`{"a{\"{":[{},{"}\\":7}]}`)); n != 3 {
		t.Errorf("%d objects, want 3", n)
	}
}

func TestFilesEndWithTheirContext(t *testing.T) {
	p := savablePredictor(t, "forest")
	file := save(t, p)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ended, bytes.NewReader(file)); !errors.Is(err, context.Canceled) {
		t.Errorf("loading: got %v", err)
	}
	if err := p.Save(ended, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("saving: got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	testkit.AddModelFiles(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := Load(t.Context(), bytes.NewReader(file))
		if err != nil {
			// The body of a damaged file, under a right checksum.
			if p = resealed(file); p == nil {
				return
			}
		}
		numbers, levels := make([]float64, len(p.encoder.numerical)), make([]string, max(len(p.encoder.categories), p.groupAt()+1))
		got, err := p.PredictRow(numbers, levels)
		if err == nil && (math.IsNaN(got.Value) || !(got.Low <= got.Value && got.Value <= got.High)) {
			t.Fatalf("%+v", got)
		}
	})
}

func resealed(file []byte) *Predictor {
	_, body, found := bytes.Cut(file, []byte(`"body":`))
	if !found {
		return nil
	}
	var sealed bytes.Buffer
	body = bytes.TrimSuffix(body, []byte("}\n"))
	if err := modelfile.Write(context.Background(), &sealed, modelFormat, modelVersion, MaxModelBytes, json.RawMessage(body)); err != nil {
		return nil
	}
	p, err := Load(context.Background(), &sealed)
	if err != nil {
		return nil
	}
	return p
}
