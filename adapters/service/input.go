package service

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/datasource"
)

// stdin is the path that stands for standard input.
const stdin = "-"

// input is the data of a request.
type input struct {
	source datasource.Source
	// name is shown in documents; path is the file, "-" for standard input and
	// "" for none.
	name, path string
	sample     bool
	notes      []string
}

// fault marks an error of the table as the user's to mend. It names the table,
// as most errors of reading it do by themselves.
func (in input) fault(err error) error {
	var database *store.Error
	switch {
	case ended(err):
		return err
	case errors.As(err, &database):
		return databaseFault(err)
	}
	fault := &InputError{Err: err}
	name := in.name
	if in.path != "" && in.path != stdin {
		name = in.path
	}
	if !errors.Is(err, datasource.ErrCSV) && !strings.HasPrefix(err.Error(), name) {
		fault.Err = fmt.Errorf("%s: %w", name, err)
	}
	if column := (*datasource.ColumnError)(nil); errors.As(err, &column) && len(column.Have) == 1 {
		fault.Hint = oneColumnHint
	}
	if kind := (*datasource.KindError)(nil); errors.As(err, &kind) && kind.Want == datasource.Categorical {
		fault.Hint = categoricalHint
	}
	return fault
}

const categoricalHint = "To read a column as categories, name it with --categorical, and the other columns to analyse with --categorical and --numerical."

const oneColumnHint = "The table has one column only. If another character separates the cells, name it with --delimiter (data.delimiter in the configuration)."

// open finds the data: the given path, or else the database if the configuration
// says so, or else the configured file if it is there, or else the sample. A file
// must have the columns that are needed beside the configured ones, with numbers
// in them.
func (s *Service) open(path string, needed ...string) (input, error) {
	return s.openFor(path, s.csv(needed))
}

// openFor is open for customers to be read in another way.
func (s *Service) openFor(path string, cfg datasource.CSVConfig) (input, error) {
	switch {
	case path != "":
		return s.openNamed(path, cfg)
	case s.config.Data.Source == "neon":
		return s.openDatabase(s.config.DatabaseURL(), cfg.Kinds)
	}
	return s.openDefault(cfg)
}

// openNamed opens the data of a path: a file, standard input, or the URL of a
// database.
func (s *Service) openNamed(path string, cfg datasource.CSVConfig) (input, error) {
	if isDatabase(path) {
		return s.openDatabase(config.Secret(path), cfg.Kinds)
	}
	return s.openCSV(path, cfg)
}

// openCSV opens a file or standard input.
func (s *Service) openCSV(path string, cfg datasource.CSVConfig) (input, error) {
	if path == stdin {
		if s.options.Stdin == nil {
			return input{}, inputErrorf("there is no standard input to read")
		}
		const name = "standard input"
		return input{source: datasource.NewCSVReader(name, s.options.Stdin, cfg), name: name, path: stdin}, nil
	}
	if err := checkFile(path); err != nil {
		return input{}, err
	}
	s.options.Log.Debug("data", "file", path)
	return input{source: datasource.NewCSVFile(path, cfg), name: filepath.Base(path), path: path}, nil
}

func (s *Service) openDefault(cfg datasource.CSVConfig) (input, error) {
	path := s.config.Path(s.config.Data.RawPath, s.config.Data.RawFilename)
	_, err := os.Stat(path)
	if err == nil {
		return s.openCSV(path, cfg)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return input{}, inputErrorf("the configured data file %s: %w", s.show(path), underlying(err))
	}
	return input{
		source: cohortlens.SampleData(), name: "sample data", sample: true,
		notes: []string{fmt.Sprintf("This is the sample data that comes with CohortLens: no file was named, and %s does not exist.", s.show(path))},
	}, nil
}

const noIDNote = "The table has no ID column: customer_id is the line of the file."

// notes gathers what a reader should know, beside the quality of the data.
func notes(in input, a *cohortlens.Analysis, more []string) []string {
	list := append([]string{}, in.notes...)
	if a.IDColumn == "" {
		list = append(list, noIDNote)
	}
	return append(list, more...)
}

// csv says how to read a file, from what the configuration says of its columns
// and what else is needed.
func (s *Service) csv(needed []string) datasource.CSVConfig {
	c := s.config
	kinds := make(map[string]datasource.Kind)
	set := func(kind datasource.Kind, names ...string) {
		for _, n := range names {
			if n != "" {
				kinds[n] = kind
			}
		}
	}
	set(datasource.Numeric, needed...)
	set(datasource.Numeric, slices.Concat(c.Features.Numerical, c.Models.Segmentation.Features, c.Models.Prediction.Numerical)...)
	set(datasource.Numeric, c.Models.Segmentation.Weights, c.Models.Prediction.Target, c.Insights.IncomeColumn, c.Insights.SpendingColumn,
		c.Insights.ExperienceColumn, c.Insights.FamilySizeColumn)
	set(datasource.Categorical, slices.Concat(c.Features.Categorical, c.Models.Prediction.Categorical)...)
	set(datasource.Categorical, c.Insights.GenderColumn)
	set(datasource.Text, c.Features.IDColumn)
	return s.csvOf(kinds)
}

// csvOf says how to read a file some of whose columns must be there, in a kind.
func (s *Service) csvOf(kinds map[string]datasource.Kind) datasource.CSVConfig {
	return datasource.CSVConfig{
		Delimiter: delimiterOf(s.config.Data.Delimiter), Schema: datasource.CustomerSchema(), Kinds: kinds,
	}
}

func delimiterOf(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// checkFile refuses a path that is not a file, and names the nearest one.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missingFile(path)
	case err != nil:
		return inputErrorf("cannot read %s: %w", path, underlying(err))
	case info.IsDir():
		return inputErrorf("%s is a folder; name a file", path)
	}
	return nil
}

func missingFile(path string) error {
	if strings.Contains(path, "://") { // a URL, which may hold a password
		return inputErrorf("data is read from files, and from databases whose URL starts with sqlite: or postgres://")
	}
	dir, base := filepath.Split(path)
	entries, _ := os.ReadDir(folderOf(path))
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if near, ok := datasource.Nearest(base, names); ok {
		return inputErrorf("there is no file %s; did you mean %s?", path, dir+near)
	}
	return inputErrorf("there is no file %s", path)
}

// underlying leaves the path out of an error that is about to name it.
func underlying(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// show shortens a path below the working directory.
func (s *Service) show(path string) string {
	if s.options.Dir == "" || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(s.options.Dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
