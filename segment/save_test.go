package segment

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/modelfile"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

var writeModels = flag.Bool("write-models", false, "write the model files of this version that are not there yet")

// savable has a configuration for every kind of rule that a file can hold.
var savable = map[string]Config{
	"kmeans":        {K: 4},
	"gmm_full":      {Algorithm: GMM, K: 3},
	"gmm_tied":      {Algorithm: GMM, K: 3, Covariance: TiedCovariance},
	"gmm_diag":      {Algorithm: GMM, K: 3, Covariance: DiagonalCovariance},
	"gmm_spherical": {Algorithm: GMM, K: 3, Covariance: SphericalCovariance},
	"dbscan":        {Algorithm: DBSCAN, Epsilon: 0.45},
	"dbscan_none":   {Algorithm: DBSCAN, Epsilon: 1e-9},
}

// customers has three groups, whole numbers so that rows are alike, a column that
// is no feature and one of words.
func customers(t testing.TB, n int) *datasource.Table {
	t.Helper()
	p := gaussian(n, 3, 5)
	age, visits, other, town := make([]float64, n), make([]float64, n), make([]float64, n), make([]string, n)
	for i := range n {
		x := p.row(i)
		age[i] = math.Round(30 + 15*float64(i%3) + 4*x[0])
		visits[i] = math.Round(10 - 3*float64(i%2) + x[1])
		other[i] = x[2]
		town[i] = []string{"Köln", "<Bonn>", "", "Ulm"}[i%4]
	}
	table, err := datasource.NewTable(datasource.Numbers("Visits", visits), datasource.Numbers("Age", age),
		datasource.Numbers("Other", other), datasource.Categories("Town", town))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func savableModel(t testing.TB, name string) *Model {
	t.Helper()
	c := savable[name]
	c.Features, c.Recommend = []string{"Visits", "Age"}, func(s Segment) string { return "write to " + s.Label }
	r, err := Fit(t.Context(), customers(t, 300), c)
	if err != nil {
		t.Fatal(err)
	}
	return r.Model
}

func save(t testing.TB, m *Model) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := m.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// probe is a grid well beyond the data, and a row that lacks a feature.
func probe(t testing.TB) *datasource.Table {
	t.Helper()
	age, visits := []float64{math.NaN()}, []float64{1}
	for a := range 60 {
		for v := range 24 {
			age, visits = append(age, float64(a)*1.5), append(visits, float64(v)-2.25)
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("Age", age), datasource.Numbers("Visits", visits))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func assigned(t testing.TB, m *Model, table *datasource.Table) []int {
	t.Helper()
	labels, err := m.Assign(table)
	if err != nil {
		t.Fatal(err)
	}
	return labels
}

func TestLoadReturnsTheModelThatWasSaved(t *testing.T) {
	for name := range savable {
		m := savableModel(t, name)
		file := save(t, m)
		got, err := Load(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, data := range []*datasource.Table{probe(t), customers(t, 300)} {
			if want := assigned(t, m, data); !slices.Equal(assigned(t, got, data), want) {
				t.Errorf("%s: the model assigns rows in another way", name)
			}
		}
		if !reflect.DeepEqual(got.Segments(), m.Segments()) {
			t.Errorf("%s: got segments %+v, want %+v", name, got.Segments(), m.Segments())
		}
		if got.Algorithm() != m.Algorithm() || got.K() != m.K() || !reflect.DeepEqual(got.Scaler(), m.Scaler()) {
			t.Errorf("%s: got %s with %d segments and scaler %v", name, got.Algorithm(), got.K(), got.Scaler())
		}
		want, err := m.Probabilities(probe(t))
		have, haveErr := got.Probabilities(probe(t))
		if !reflect.DeepEqual(have, want) || (err == nil) != (haveErr == nil) {
			t.Errorf("%s: the model has other probabilities", name)
		}
		if !bytes.Equal(save(t, got), file) {
			t.Errorf("%s: saving again gives another file", name)
		}
	}
}

func TestADensityFileHoldsDistinctRows(t *testing.T) {
	m := savableModel(t, "dbscan")
	saved := m.saved().Density
	if core := m.rule.(*nearestCore).index.Len(); len(saved.Segments) >= core || len(saved.Core) != 2*len(saved.Segments) {
		t.Errorf("%d of %d core rows were saved, in %d values", len(saved.Segments), core, len(saved.Core))
	}
}

// modelFiles are those of every kind of model.
func modelFiles() testkit.ModelFiles[*Model] {
	files := testkit.ModelFiles[*Model]{
		Version: modelVersion, Save: save, Summary: summary, Make: map[string]func(testing.TB) *Model{},
		Load: func(file []byte) (*Model, error) { return Load(context.Background(), bytes.NewReader(file)) },
	}
	for name := range savable {
		files.Make[name] = func(t testing.TB) *Model { return savableModel(t, name) }
	}
	return files
}

func TestModelFilesOfAllVersionsStayReadable(t *testing.T) { modelFiles().Check(t, *writeModels) }

func TestLoadRefusesEveryCutAndEveryChangedByte(t *testing.T) { modelFiles().CheckDamage(t) }

// summary tells the segment of every row of the probe, and what each segment is.
func summary(t testing.TB, m *Model) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%s of %q\n", m.Algorithm(), m.Scaler().Columns())
	for _, s := range m.Segments() {
		fmt.Fprintf(&out, "%d: %s, %d customers, %v of all, %s\n", s.ID, s.Label, s.Size, s.Share, s.Recommendation)
	}
	for i, label := range assigned(t, m, probe(t)) {
		if i%24 == 1 {
			out.WriteByte('\n')
		}
		out.WriteByte(".0123456789"[label+1])
	}
	return out.String() + "\n"
}

// Files with a right checksum, and figures that no fit makes.
func TestLoadRefusesImpossibleModels(t *testing.T) {
	tests := []struct {
		model  string
		change func(s *savedModel)
		want   string
	}{
		{"kmeans", func(s *savedModel) { s.Algorithm = "knn" }, "algorithm: must be one of"},
		{"kmeans", func(s *savedModel) { s.Algorithm = GMM }, "mixture: must be there"},
		{"gmm_full", func(s *savedModel) { s.Algorithm = KMeans }, "mixture: must be there"},
		{"dbscan", func(s *savedModel) { s.Algorithm = KMeans }, "density: must be there"},
		{"kmeans", func(s *savedModel) { s.Features = nil }, "features: must be at least one"},
		{"kmeans", func(s *savedModel) { s.Features[0].Name = "" }, "features[0].name"},
		{"kmeans", func(s *savedModel) { s.Features[0].Name = s.Features[1].Name }, "features[1].name: must come after"},
		{"kmeans", func(s *savedModel) { s.Features[1].Std = 0 }, "features[1].std"},
		{"kmeans", func(s *savedModel) { s.Features[1].Std = math.MaxFloat64; s.Centres[2][1] = 9 }, "centres[2][1]"},
		{"kmeans", func(s *savedModel) { s.Centres = s.Centres[1:] }, "centres: must be as many"},
		{"kmeans", func(s *savedModel) { s.Centres[1] = s.Centres[1][:1] }, "centres[1]: must have 2 values, got 1"},
		{"kmeans", func(s *savedModel) { s.Centres, s.Segments = nil, nil }, "segments: must be at least one"},
		{"kmeans", func(s *savedModel) { s.Segments[2].Label = "" }, "segments[2].label"},
		{"kmeans", func(s *savedModel) { s.Segments[3].Size = math.MaxInt }, "segments[3].size"},
		{"kmeans", func(s *savedModel) { s.Segments[3].Size = -1 }, "segments[3].size"},
		{"kmeans", func(s *savedModel) { s.Segments[0].Share = 1.01 }, "segments[0].share"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariance = "round" }, "mixture.covariance: must be one of"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariance = DiagonalCovariance }, "mixture.covariances[0]: must have 2 values, got 4"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariance = TiedCovariance }, "mixture.covariances: must be 1, got 3"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Segments[0] = s.Mixture.Segments[1] }, "mixture.segments[1]"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Segments[2] = -1 }, "mixture.segments[2]"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Segments = s.Mixture.Segments[1:] }, "mixture.segments: must be as many"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Weights[0] = 0 }, "mixture.weights[0]"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Weights[0] /= 2 }, "mixture.weights: must sum to 1"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Weights = nil }, "mixture.weights: must be as many"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariances[1][1] += 1e-9 }, "mixture.covariances[1][1]: a matrix must be symmetric"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariances[1][3] *= -1 }, "mixture.covariances[1][3]: a variance"},
		{"gmm_full", func(s *savedModel) { s.Mixture.Covariances[2] = []float64{1, 2, 2, 1} }, "mixture.covariances[2][1]: a covariance must be within"},
		{"gmm_diag", func(s *savedModel) { s.Mixture.Covariances[1][1] = 0 }, "mixture.covariances[1][1]: a variance"},
		{"gmm_spherical", func(s *savedModel) { s.Mixture.Covariances[1][0] = -1 }, "mixture.covariances[1][0]: a variance"},
		{"dbscan", func(s *savedModel) { s.Density.Epsilon = 0 }, "density.epsilon"},
		{"dbscan", func(s *savedModel) { s.Density.Core = s.Density.Core[1:] }, "density.core: must have 2 values for each"},
		{"dbscan", func(s *savedModel) { s.Density.Segments[3] = int32(len(s.Segments)) }, "density.segments[3]"},
		{"dbscan", func(s *savedModel) { s.Density.Segments[3] = -1 }, "density.segments[3]"},
	}
	for _, test := range tests {
		m := savableModel(t, test.model)
		loaded, err := Load(t.Context(), bytes.NewReader(save(t, m))) // shares nothing with m
		if err != nil {
			t.Fatal(err)
		}
		s := loaded.saved()
		test.change(&s)
		var file bytes.Buffer
		if err := modelfile.Write(t.Context(), &file, modelFormat, modelVersion, MaxModelBytes, s); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(t.Context(), &file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error that says %q", err, test.want)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	data, err := datasource.NewTable(datasource.Numbers("caf\xe9", []float64{1, 2, 8, 9}))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Fit(t.Context(), data, Config{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Model.Save(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a name that is not UTF-8: got %v", err)
	}
}

func TestSegmentsOfAModelAreACopy(t *testing.T) {
	m := savableModel(t, "kmeans")
	first := m.Segments()
	first[0].Label, first[0].Columns[0].Mean, first[0].Categories[0].Top[0].Share = "changed", 1e9, 2
	if again := m.Segments(); again[0].Label == "changed" || again[0].Columns[0].Mean == 1e9 || again[0].Categories[0].Top[0].Share == 2 {
		t.Error("the model can be changed through the segments that it returns")
	}
}

func FuzzLoad(f *testing.F) {
	testkit.AddModelFiles(f)
	data := probe(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Load(t.Context(), bytes.NewReader(file))
		if err != nil {
			// The body of a damaged file, under a right checksum.
			if m = resealed(file); m == nil {
				return
			}
		}
		for _, label := range assignedOrNone(m, data) {
			if label < Noise || label >= m.K() {
				t.Fatalf("label %d of %d", label, m.K())
			}
		}
		save(t, m)
	})
}

// resealed returns the model of a file whose body is taken as it is, or nil.
func resealed(file []byte) *Model {
	_, body, found := bytes.Cut(file, []byte(`"body":`))
	if !found {
		return nil
	}
	var s savedModel
	if modelfile.Decode(bytes.TrimSuffix(body, []byte("}\n")), &s) != nil {
		return nil
	}
	m, err := s.model(context.Background())
	if err != nil {
		return nil
	}
	return m
}

func assignedOrNone(m *Model, data *datasource.Table) []int {
	labels, err := m.Assign(data)
	if err != nil { // for want of the model's features
		return nil
	}
	return labels
}
