package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// files is a file system in memory.
type files map[string]string

func (f files) read(name string) ([]byte, error) {
	text, ok := f[filepath.ToSlash(name)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

func load(t *testing.T, f files, environ ...string) *Config {
	t.Helper()
	c, err := Load(Sources{Dir: "/home/shop/sub", Environ: environ, ReadFile: f.read})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsWithoutAnything(t *testing.T) {
	got := load(t, nil)
	want := Default()
	want.Root = "/home/shop/sub"
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// contractFile is the file that a user of the Python backend has.
const contractFile = `
data: {raw_path: data/raw, processed_path: data/processed, raw_filename: Customers.csv}
models:
  random_seed: 42
  segmentation: {algorithm: kmeans, n_clusters: null, max_iter: 300, n_init: 10, features: [Age, Annual Income ($), Spending Score (1-100)],
                 silhouette_range: [2, 11], eps: 0.5, min_samples: 5}        # kmeans | dbscan | gmm; range end exclusive
  prediction: {algorithm: linear_regression, target: Spending Score (1-100), test_size: 0.2, cv_folds: 5, drop_first: true,
               features: {numerical: [Annual Income ($), Age, Work Experience, Family Size], categorical: [Profession]}}
features: {numerical: [Age], categorical: [Gender, Profession], id_column: CustomerID}
reporting: {format: html, save_path: reports, figures_path: reports/figures, dpi: 150, metrics: [mse, mae, r2], figures: [clusters, correlation, gender, savings]}
ai: {provider: "", model: "", max_tokens: 150, temperature: 0.3}
logging: {level: INFO, format: "%(asctime)s - %(name)s - %(levelname)s - %(message)s"}
`

func TestFileOfThePythonBackend(t *testing.T) {
	got := load(t, files{"/home/shop/config/config.yaml": contractFile})
	want := Default()
	want.File, want.Root = "/home/shop/config/config.yaml", "/home/shop"
	want.Models.Segmentation.Features = []string{"Age", "Annual Income ($)", "Spending Score (1-100)"}
	want.Models.Prediction.Target = "Spending Score (1-100)"
	want.Models.Prediction.Numerical = []string{"Annual Income ($)", "Age", "Work Experience", "Family Size"}
	want.Models.Prediction.Categorical = []string{"Profession"}
	want.Features = Features{IDColumn: "CustomerID", Numerical: []string{"Age"}, Categorical: []string{"Gender", "Profession"}}
	want.Reporting.Metrics = []string{"mse", "mae", "r2"}
	want.Reporting.Figures = []string{"clusters", "correlation", "gender", "savings"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if path := got.Path(got.Data.RawPath, got.Data.RawFilename); filepath.ToSlash(path) != "/home/shop/data/raw/Customers.csv" {
		t.Errorf("the data is looked for at %s", path)
	}
}

func TestBaselinePath(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "/home/shop/data/processed/drift_baseline.json",
		"data: {processed_path: tmp}":   "/home/shop/tmp/drift_baseline.json",
		"drift: {baseline: march.json}": "/home/shop/march.json",
		"drift: {baseline: /b.json}":    "/b.json",
	} {
		c := load(t, files{"/home/shop/config/config.yaml": text})
		if got := filepath.ToSlash(c.BaselinePath()); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	yaml := "models: {random_seed: 1, segmentation: {n_init: 1, max_iter: 1}}\n"
	f := files{
		"/home/shop/config/config.yaml": yaml,
		"/home/shop/.env":               "COHORTLENS_MODELS_RANDOM_SEED=2\nCOHORTLENS_MODELS_SEGMENTATION_N_INIT=2\nJWT_EXPIRE_MINUTES=2\n",
		"/home/shop/sub/.env":           "JWT_EXPIRE_MINUTES=3\n",
	}
	c := load(t, f, "COHORTLENS_MODELS_RANDOM_SEED=4", "RATE_LIMIT_PER_MINUTE=")
	for _, test := range []struct {
		what      string
		got, want int
	}{
		{"environment over .env", int(c.Models.Seed), 4},
		{".env over file", c.Models.Segmentation.Restarts, 2},
		{"file over default", c.Models.Segmentation.MaxIterations, 1},
		{"working directory's .env over the root's", c.Server.JWTExpireMinutes, 3},
		{"empty variable says nothing", c.Server.RateLimitPerMinute, 60},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %d, want %d", test.what, test.got, test.want)
		}
	}
	if err := c.Set("models.random_seed", "--seed", "5"); err != nil || c.Models.Seed != 5 {
		t.Errorf("flag over environment: got %d, %v", c.Models.Seed, err)
	}
}

func TestFileIsFound(t *testing.T) {
	f := files{
		"/etc/shop.yaml":                    "models: {random_seed: 7}",
		"/home/config/config.yaml":          "models: {random_seed: 8}",
		"/home/shop/sub/alt/config/my.yaml": "models: {random_seed: 9}",
	}
	for _, test := range []struct {
		name, file, environ string
		seed                uint64
		root                string
	}{
		{"walking up", "", "", 8, "/home"},
		{"named", "/etc/shop.yaml", "", 7, "/etc"},
		{"named below config", "alt/config/my.yaml", "", 9, "/home/shop/sub/alt"},
		{"named by the environment", "", "COHORTLENS_CONFIG=/etc/shop.yaml", 7, "/etc"},
		{"flag over environment", "alt/config/my.yaml", "COHORTLENS_CONFIG=/etc/shop.yaml", 9, "/home/shop/sub/alt"},
	} {
		c, err := Load(Sources{Dir: "/home/shop/sub", File: test.file, Environ: []string{test.environ}, ReadFile: f.read})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if c.Models.Seed != test.seed || filepath.ToSlash(c.Root) != test.root {
			t.Errorf("%s: seed %d, root %s; want %d, %s", test.name, c.Models.Seed, c.Root, test.seed, test.root)
		}
	}
}

func TestRealFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(Sources{Dir: dir}); err != nil || c.File != "" {
		t.Errorf("a file named config: got %+v, %v; want defaults", c, err)
	}
	if _, err := Load(Sources{Dir: dir, File: "none.yaml"}); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a named file that is not there: got %v", err)
	}
	if _, err := Load(Sources{Dir: dir, File: dir}); err == nil {
		t.Error("a folder was read as a file")
	}
}

func TestEnvironmentIsChecked(t *testing.T) {
	for _, test := range []struct{ variable, want string }{
		{"JWT_EXPIRE_MINUTES=0", `JWT_EXPIRE_MINUTES must be a whole number from 1 to 525600, got "0"`},
		{"RATE_LIMIT_PER_MINUTE=many", `got "many"`},
		{"DATA_SOURCE=neno", `must be one of csv, neon, got "neno"; did you mean "neon"?`},
		{"IPFS_API_URL=localhost:5001", "must be a URL that starts with http:// or https://"},
		{"COHORTLENS_MODELS_PREDICTION_TEST_SIZE=NaN", "above 0 and below 1"},
		{"COHORTLENS_REPORTING_FIGURES=clusters,savngs", `did you mean "savings"?`},
		{"COHORTLENS_DATA_DELIMITER=ab", "must be one character"},
		{"COHORTLENS_MODELS_SEGMENTATION_SILHOUETTE_RANGE=2", "must be two whole numbers"},
		{"COHORTLENS_AUDIT_KEY=short", "COHORTLENS_AUDIT_KEY must be a text of at least 32 bytes"},
		{"COHORTLENS_OLD_AUDIT_KEYS=" + auditKeyA + ",short", "texts of at least 32 bytes, separated by commas"},
	} {
		_, err := Load(Sources{Dir: "/x", Environ: []string{test.variable}, ReadFile: files{}.read})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.variable, err, test.want)
		}
	}
}

func TestEnvironmentIsRead(t *testing.T) {
	c := load(t, files{"/home/shop/sub/.env": "DEFAULT_USER_PASSWORD='pa$$word'\n"},
		"COHORTLENS_MODELS_SEGMENTATION_SILHOUETTE_RANGE=3, 6", `COHORTLENS_FEATURES_NUMERICAL=Age,"Income, net"`,
		"COHORTLENS_DATA_DELIMITER=tab", "COHORTLENS_DATA_INVALID=KEEP", "CORS_ORIGINS=http://a,http://b",
		"NEON_DATABASE_URL=postgres://u:p@host/db", "COHORTLENS_LOGGING_LEVEL=warning", "COHORTLENS_PORT=tcp://10.0.0.1:80")
	s := c.Models.Segmentation
	if s.KMin != 3 || s.KMax != 5 {
		t.Errorf("silhouette range 3, 6: got %d to %d, want 3 to 5", s.KMin, s.KMax)
	}
	if want := []string{"Age", "Income, net"}; !reflect.DeepEqual(c.Features.Numerical, want) {
		t.Errorf("features: got %q", c.Features.Numerical)
	}
	if c.Data.Delimiter != "\t" || c.Data.Invalid != datasource.Keep || c.Logging.Level != "WARN" {
		t.Errorf("got %+v, %+v", c.Data, c.Logging)
	}
	if len(c.Server.CORSOrigins) != 2 || string(c.Data.NeonURL) != "postgres://u:p@host/db" || string(c.Server.AuthPassword) != "pa$$word" {
		t.Errorf("got %v, %q, %q", c.Server.CORSOrigins, string(c.Data.NeonURL), string(c.Server.AuthPassword))
	}
}

const (
	auditKeyA = "a key of at least thirty-two bytes"
	auditKeyB = "another key of thirty-two bytes or more"
)

func TestDatabaseURLOfSQLAlchemy(t *testing.T) {
	for _, url := range []string{"postgresql+psycopg2://u:p@host/db?sslmode=require", "postgresql://u:p@host/db?sslmode=require"} {
		if got := load(t, nil, "NEON_DATABASE_URL="+url).Data.NeonURL; got != "postgresql://u:p@host/db?sslmode=require" {
			t.Errorf("%s: got %s", url, string(got))
		}
	}
	for _, url := range []string{"mysql+pymysql://u:p@host/db", "postgresql+psycopg2:u:p@host/db", "postgresql"} {
		if _, err := Load(Sources{Dir: "/x", Environ: []string{"NEON_DATABASE_URL=" + url}, ReadFile: files{}.read}); err == nil {
			t.Errorf("%s was accepted", url)
		}
	}
}

func TestDatabaseIsNamed(t *testing.T) {
	c := load(t, nil, "COHORTLENS_AUDIT_KEY="+auditKeyA, "COHORTLENS_OLD_AUDIT_KEYS="+auditKeyB+","+auditKeyA)
	if want := []Secret{auditKeyB, auditKeyA}; c.Database.AuditKey != auditKeyA || !slices.Equal(c.Database.OldAuditKeys, want) {
		t.Errorf("got %q and %q", string(c.Database.AuditKey), c.Database.OldAuditKeys)
	}
	for _, step := range []struct{ set, want string }{
		{"", "sqlite:/home/shop/sub/data/cohortlens.db"},
		{"path", "sqlite:/var/shop.db"},
		{"neon", "postgres://u:p@host/db"},
		{"flag", "sqlite:mine.db"},
	} {
		switch step.set {
		case "path":
			c.Database.Path = "/var/shop.db"
		case "neon":
			c.Data.NeonURL = "postgres://u:p@host/db"
		case "flag":
			c.Database.URL = "sqlite:mine.db"
		}
		if got := filepath.ToSlash(string(c.DatabaseURL())); got != step.want {
			t.Errorf("%s: got %s, want %s", step.set, got, step.want)
		}
	}
}

// canary must not be seen in any text.
const canary = "canary-7f3a"

func TestSecretsAreNotPrinted(t *testing.T) {
	long := canary + strings.Repeat("x", leastAuditKey)
	c := load(t, nil, "COHORTLENS_AUDIT_KEY="+long, "COHORTLENS_OLD_AUDIT_KEYS="+long, "JWT_SECRET="+canary, "NEON_DATABASE_URL=postgres://"+canary+"@h/d", "OPENAI_API_KEY="+canary,
		"ANTHROPIC_API_KEY="+canary, "GROQ_API_KEY="+canary, "DEFAULT_USER_PASSWORD="+canary, "STRIPE_WEBHOOK_SECRET="+canary)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "secret", c.Server.JWTSecret)
	bytes, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(*c), fmt.Sprintf("%+v", *c), fmt.Sprintf("%#v", *c), fmt.Sprintf("%s %q", c.Server.JWTSecret, c.Server.JWTSecret), string(bytes), log.String(),
	} {
		if strings.Contains(text, canary) {
			t.Errorf("a secret was printed: %s", text)
		}
		if !strings.Contains(text, redacted) {
			t.Errorf("nothing says that there is a secret: %s", text)
		}
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	for _, f := range []files{
		{"/home/shop/sub/.env": "NEON_DATABASE_URL=mysql://" + canary + "\n"},
		{"/home/shop/sub/.env": "JWT SECRET-" + canary + "\n"},
		{"/home/shop/sub/.env": "JWT_SECRET=\"" + canary + "\n"},
		{"/home/shop/sub/.env": "- " + canary},
		{"/home/shop/sub/.env": "=" + canary},
		{"/home/shop/sub/.env": "A " + canary + "=1\n"},
		{"/home/shop/sub/.env": "JWT_SECRET='x' " + canary + "\n"},
	} {
		_, err := Load(Sources{Dir: "/home/shop/sub", ReadFile: f.read})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%v: got %v, want an *Error", f, err)
			continue
		}
		if strings.Contains(e.Error()+e.Excerpt, canary) || e.File != ".env" {
			t.Errorf("the error tells the secret or not the file: %v", err)
		}
	}
}

// TestDocumentation holds the tables of the package doc to the settings.
func TestDocumentation(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for line := range strings.Lines(string(source)) {
		if row, ok := strings.CutPrefix(line, "//\t"); ok {
			documented[strings.Fields(row)[0]] = true
		}
	}
	settings := Default().settings()
	for _, s := range settings {
		name := s.key
		if name == "" {
			name = s.variable
		}
		if !documented[name] {
			t.Errorf("%s is not in the table of the package doc", name)
		}
	}
	if len(documented) != len(settings) {
		t.Errorf("the tables have %d rows for %d settings", len(documented), len(settings))
	}
}
