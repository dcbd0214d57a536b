package insights_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

var update = flag.Bool("update", false, "write testdata/profile.json anew")

// small has every kind of column, and few rows.
func small(t testing.TB) *datasource.Table {
	t.Helper()
	return newTable(t,
		datasource.Texts("id", []string{"1", "2", "3", ""}), datasource.Numbers("x", []float64{-2.5, 1e300, math.NaN(), 7}),
		datasource.Categories("plan", []string{"basic", "", "enterprise", "basic"}), datasource.Numbers("none", []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}))
}

// The file pins the format: a release must read what an earlier one wrote.
func TestGoldenProfile(t *testing.T) {
	const path = "testdata/profile.json"
	file := saved(t, profile(t, small(t), insights.ProfileConfig{Segments: "plan"}))
	if *update {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, want) {
		t.Errorf("got  %s\nwant %s", file, want)
	}
	if again := saved(t, load(t, want)); !bytes.Equal(again, want) {
		t.Errorf("read and written again: %s", again)
	}
}

func TestLoadedProfileIsTheSame(t *testing.T) {
	for _, rows := range []int{1, 40, 900, 25_000} {
		for _, cfg := range []insights.ProfileConfig{{}, withSegments, {OmitRows: true}, {Columns: []string{"wide"}}} {
			p := profile(t, varied(t, max(rows, 10), 7), cfg)
			loaded := load(t, saved(t, p))
			if contents(loaded) != contents(p) || !bytes.Equal(saved(t, loaded), saved(t, p)) {
				t.Errorf("%d rows, %+v: the loaded profile differs", rows, cfg)
			}
		}
	}
}

// contents prints all that a profile shows.
func contents(p *insights.Profile) string {
	out := fmt.Sprintf("%d %s %+v %+v", p.Rows(), p.SegmentColumn(), p.Columns(), p.Segments())
	if rows, counts := p.Sample(); rows != nil {
		out += fmt.Sprintf("%+v %v", rows.Columns(), counts)
	}
	return out
}

func TestEmptyProfilesCanBeSaved(t *testing.T) {
	none, err := insights.NewProfiler(insights.ProfileConfig{}).Profile()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*insights.Profile{none, profile(t, varied(t, 20, 1).Take(nil), withSegments)} {
		if got := load(t, saved(t, p)); got.Rows() != 0 || len(got.Columns()) != len(p.Columns()) {
			t.Errorf("%d rows, %d columns", got.Rows(), len(got.Columns()))
		}
	}
}

// The sample standard deviation of the two largest numbers is none.
func TestProfilesOfTheLargestNumbersAreKept(t *testing.T) {
	p := profile(t, newTable(t, datasource.Numbers("n", []float64{math.MaxFloat64, -math.MaxFloat64})), insights.ProfileConfig{})
	c, _ := load(t, saved(t, p)).Column("n")
	if got, want := c.Numbers(), (insights.NumberSummary{Count: 2, Mean: 0, Std: math.MaxFloat64, Min: -math.MaxFloat64, Max: math.MaxFloat64}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The worst that a table can do: numbers of all magnitudes with all their digits,
// long levels that need escapes, and as many segments as are kept.
func TestFileTakesAtMost64KiBForEachColumn(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for _, rows := range []int{900, 1000, 2000, 100_000} {
		numbers, levels, segments := make([]float64, rows), make([]string, rows), make([]string, rows)
		for row := range rows {
			numbers[row] = math.Float64frombits(random.Uint64()&^(0x7ff<<52) | uint64(random.IntN(0x7ff))<<52)
			levels[row] = strings.Repeat("\x01", row%50) + fmt.Sprint(row%5000)
			segments[row] = fmt.Sprint(row % 12)
		}
		segment := datasource.Categories("segment", segments)
		for name, columns := range map[string][]datasource.Column{
			"numbers":         {datasource.Numbers("a", numbers), datasource.Numbers("b", numbers), datasource.Numbers("c", numbers), segment},
			"levels":          {datasource.Categories("a", levels), datasource.Categories("b", levels), datasource.Categories("c", levels), segment},
			"a single column": {datasource.Numbers("a", numbers)},
		} {
			cfg := insights.ProfileConfig{}
			if len(columns) > 1 {
				cfg.Segments = "segment"
			}
			size := len(saved(t, profile(t, newTable(t, columns...), cfg))) / len(columns)
			t.Logf("%s, %d rows: %d bytes for each column", name, rows, size)
			if size > 64<<10 {
				t.Errorf("%s, %d rows: %d bytes for each column, want at most %d", name, rows, size, 64<<10)
			}
		}
	}
}

func TestLoadRefusesEveryCutAndEveryChangedByte(t *testing.T) {
	file := saved(t, profile(t, small(t), insights.ProfileConfig{Segments: "plan"}))
	for n := range file {
		if _, err := insights.LoadProfile(t.Context(), bytes.NewReader(file[:n])); err == nil {
			t.Errorf("cut after %d bytes: no error", n)
		}
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			damaged := bytes.Clone(file)
			damaged[n] ^= flip
			if _, err := insights.LoadProfile(t.Context(), bytes.NewReader(damaged)); err == nil {
				t.Errorf("byte %d changed to %q: no error", n, damaged[n])
			}
		}
	}
}

// resealed returns the file with one place of its body replaced and a checksum
// that fits.
func resealed(t testing.TB, file []byte, old, changed string) []byte {
	t.Helper()
	var parts struct{ Body json.RawMessage }
	if err := json.Unmarshal(file, &parts); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(parts.Body, []byte(old)) {
		t.Fatalf("%s is not in %s", old, parts.Body)
	}
	body := bytes.Replace(parts.Body, []byte(old), []byte(changed), 1)
	return seal(body)
}

func seal(body []byte) []byte {
	sum := sha256.Sum256(append([]byte("cohortlens.profile\n1\n"), body...))
	return fmt.Appendf(nil, "{\"format\":\"cohortlens.profile\",\"version\":1,\"sha256\":\"%x\",\"body\":%s}\n", sum, body)
}

func TestLoadRefusesWhatNoTableHas(t *testing.T) {
	file := saved(t, profile(t, small(t), insights.ProfileConfig{Segments: "plan"}))
	tests := []struct{ old, changed, want string }{
		{`{"rows":4`, `{"rows":-4`, "rows"},
		{`{"rows":4`, `{"rows":5`, "counts"},
		{`{"rows":4`, `{"rows":9223372036854775808`, "rows"},
		{`{"rows":4`, `{"rows":9007199254740993`, "rows"},
		{`"name":"id"`, `"name":"zz"`, "columns[1].name"},
		{`"name":"id"`, `"kind":"text"`, "body"},
		{`"kind":"text","missing":1`, `"kind":"text","missing":5`, "missing"},
		{`"kind":"text","missing":1`, `"kind":"text","missing":-1`, "missing"},
		{`"kind":"text"`, `"kind":"numeric"`, "kind"},
		{`"kind":"text"`, `"kind":"date"`, "kind"},
		{`"shift":0`, `"shift":64`, "shift"},
		{`"shift":0`, `"shift":-1`, "shift"},
		{`"values":[-2.5,7,1e+300]`, `"values":[7,-2.5,1e+300]`, "values[1]"},
		{`"values":[-2.5,7,1e+300]`, `"values":[-2.5,-2.5,1e+300]`, "values[1]"},
		{`"values":[-2.5,7,1e+300]`, `"values":[-2.5,7,1e+999]`, "1e+999"},
		{`"values":[-2.5,7,1e+300]`, `"values":[-2.5,7,NaN]`, "invalid character"},
		{`"values":[-2.5,7,1e+300]`, `"values":[-3.5,7,1e+300]`, "min"},
		{`"counts":[1,1,1]`, `"counts":[1,1]`, "counts"},
		{`"counts":[1,1,1]`, `"counts":[1,3,-1]`, "counts[1]"},
		{`"counts":[1,1,1]`, fmt.Sprintf(`"counts":[1,1,%d]`, math.MaxInt), "counts[2]"},
		{`"counts":[1,1,1]`, `"counts":[1,1,0]`, "counts[2]"},
		{`"squares":"0x`, `"squares":"-0x`, "squares"},
		{`"sum":"0x`, `"sum":"-0x`, "sum"},
		{`"max":1e+300`, `"max":1e+301`, "max"},
		{`"names":["basic","enterprise"]`, `"names":["enterprise","basic"]`, "names[1]"},
		{`"names":["basic","enterprise"]`, `"names":["basic","(other)"]`, "names[1]"},
		{`"names":["basic","enterprise"]`, `"names":["","enterprise"]`, "names[0]"},
		{`"counts":[2,1]}`, `"counts":[2,1],"other":[1]}`, "levels.other"},
		{`"segment_column":"plan"`, `"segment_column":"x"`, "segment_column"},
		{`"segment_column":"plan"`, `"segment_column":""`, "segments"},
		{`"segments":[{"name":"basic"`, `"segments":[{"name":"zebra"`, "segments[1]"},
		{`{"name":"basic","rows":2`, `{"name":"basic","rows":3`, "segments[0].rows"},
		{`"hashes":[`, `"hashes":[9007199254740993,`, "hashes"},
		{`"hashes":[`, `"hashes":[0,`, "counts"},
	}
	for _, tt := range tests {
		_, err := insights.LoadProfile(t.Context(), bytes.NewReader(resealed(t, file, tt.old, tt.changed)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s for %s: error %v, want one that says %q", tt.changed, tt.old, err, tt.want)
		}
	}
}

// The greatest counts that a file may hold make no figure absurd, and cannot be
// made greater by merging.
func TestProfilesOfTheMostRows(t *testing.T) {
	const file = `{"rows":%d,"segment_column":"","columns":[` +
		`{"name":"c","kind":"categorical","missing":0,"levels":{"names":["a","b"],"counts":[%d,%d]}},` +
		`{"name":"m","kind":"categorical","missing":%d,"levels":{"names":["a"],"counts":[1]}}],"segments":[],"sample":null}`
	const n = insights.MaxRows
	p, q := load(t, seal(fmt.Appendf(nil, file, n, n-1, 1, n-1))), load(t, seal(fmt.Appendf(nil, file, n, 1, n-1, n-1)))
	for _, c := range check(t, p, p, insights.DriftConfig{}).Columns {
		if c.PValue != 1 || c.Missing.PValue != 1 || c.Effect != 0 {
			t.Errorf("compared with itself: %+v", c)
		}
	}
	if c := check(t, p, q, insights.DriftConfig{}).Columns[0]; c.Verdict != insights.Drifted || c.Effect > 100 || c.Levels.CramersV > 1 {
		t.Errorf("compared with another: %+v", c)
	}
	m := insights.NewProfiler(insights.ProfileConfig{})
	if err := m.Merge(p); err != nil {
		t.Fatal(err)
	}
	if err := m.Merge(q); err == nil || !strings.Contains(err.Error(), "beyond") {
		t.Errorf("error %v", err)
	}
}

func TestSampledCellsMustStandInTheProfile(t *testing.T) {
	file := saved(t, profile(t, newTable(t, datasource.Numbers("x", []float64{1, 2}), datasource.Categories("c", []string{"a", "a"})), insights.ProfileConfig{}))
	for _, places := range []string{`[[0,1],[0,1]]`, `[[0,0],[0,2]]`, `[[0,0],[-1,1]]`, `[[-2,0],[0,1]]`, `[[0,0],[-3,1]]`, `[[0,0]]`, `[[0,0],[0,1],[0,0]]`, `[[0],[0,1]]`, `[]`} {
		for _, now := range []string{`[[0,0],[0,1]]`, `[[0,0],[1,0]]`} {
			if !bytes.Contains(file, []byte(now)) {
				continue
			}
			if _, err := insights.LoadProfile(t.Context(), bytes.NewReader(resealed(t, file, now, places))); err == nil || !strings.Contains(err.Error(), "sample.columns") {
				t.Errorf("%s: error %v", places, err)
			}
		}
	}
}

func TestSaveRefusesNamesThatAreNoText(t *testing.T) {
	p := profile(t, newTable(t, datasource.Numbers("\xff", []float64{1})), insights.ProfileConfig{})
	var file bytes.Buffer
	if err := p.Save(t.Context(), &file); err == nil || file.Len() > 0 {
		t.Errorf("error %v, %d bytes", err, file.Len())
	}
}

// FuzzLoadProfile seals whatever body it is given, so that the checksum does not
// shield the validation. What loads must be saved as it was, and can be merged and
// checked.
func FuzzLoadProfile(f *testing.F) {
	for _, cfg := range []insights.ProfileConfig{{}, {Segments: "plan"}, {OmitRows: true}} {
		var parts struct{ Body json.RawMessage }
		if err := json.Unmarshal(saved(f, profile(f, small(f), cfg)), &parts); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(parts.Body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		file := seal(body)
		p, err := insights.LoadProfile(t.Context(), bytes.NewReader(file))
		if err != nil || p.Rows() > insights.MaxRows/2 {
			return
		}
		if !bytes.Equal(saved(t, p), file) {
			t.Error("saved again, the file differs")
		}
		both := merged(t, p, p)
		if _, err := insights.CheckDrift(p, both, insights.DriftConfig{}); err != nil || both.Rows() != 2*p.Rows() {
			t.Errorf("merged with itself: %d rows, error %v", both.Rows(), err)
		}
	})
}
