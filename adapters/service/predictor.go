package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
)

// loadPredictor reads a predictor that was saved.
func loadPredictor(ctx context.Context, path string) (*cohortlens.Model, error) {
	return readSaved(ctx, path, "model", savePredictor, cohortlens.LoadModel)
}

// loadPredictorFor reads a predictor that was saved, for customers whom another
// column identifies unless id is empty.
func loadPredictorFor(ctx context.Context, path, id string) (*cohortlens.Model, error) {
	m, err := loadPredictor(ctx, path)
	if err != nil || id == "" || id == m.IDColumn {
		return m, err
	}
	if slices.Contains(m.Predictor.Features(), id) {
		return nil, inputErrorf("the column %q cannot identify customers: %s predicts from it", id, path)
	}
	delete(m.Kinds, m.IDColumn)
	m.IDColumn, m.Kinds[id] = id, datasource.Text
	return m, nil
}

// loadCustomers reads the customers to predict for, of the data configured when
// path is empty, and sets aside those that break a rule, as the configuration
// says.
func (s *Service) loadCustomers(ctx context.Context, path string, m *cohortlens.Model) (input, *datasource.Table, datasource.Quality, error) {
	none := datasource.Quality{}
	in, err := s.openFor(path, s.csvOf(m.Kinds))
	if err != nil {
		return in, nil, none, err
	}
	t, quality, err := m.Customers(ctx, in.source, s.config.Data.Invalid)
	if err != nil {
		return in, nil, none, identify(in.fault(err), m.IDColumn)
	}
	return in, t, quality, nil
}

// identify adds a hint to the error that customers lack the column that identifies
// them.
func identify(err error, id string) error {
	column, fault := (*datasource.ColumnError)(nil), (*InputError)(nil)
	if errors.As(err, &column) && column.Name == id && errors.As(err, &fault) && fault.Hint == "" {
		fault.Hint = "If another column identifies these customers, name it with --id-column."
	}
	return err
}

// IsSegmentation reports whether a model file holds a segmentation, and not a
// predictor.
func IsSegmentation(path string) (bool, error) { return startsAs(path, "cohortlens.segment") }

// startsAs reports whether a file is of a format of the library.
func startsAs(path, format string) (bool, error) {
	if err := checkFile(path); err != nil {
		return false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return false, inputErrorf("cannot read %s: %w", path, underlying(err))
	}
	want := []byte(`{"format":"` + format + `"`)
	start := make([]byte, len(want))
	_, err = io.ReadFull(f, start)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return false, inputErrorf("cannot read %s: %w", path, underlying(err))
	}
	return bytes.Equal(start, want), nil
}

// The commands that save what others read.
const (
	saveSegmentation = "cohortlens segment --model F"
	savePredictor    = "cohortlens predict --model F"
	saveBaseline     = "cohortlens drift save --baseline F"
)

// misplaced says what a file is that the given command did not save, nil if it
// looks as if it had.
func misplaced(path, command string) error {
	for _, kind := range []struct{ format, holds, command string }{
		{"cohortlens.segment", "a segmentation", saveSegmentation},
		{"cohortlens.model", "a predictor", savePredictor},
		{"cohortlens.profile", "a baseline", saveBaseline},
	} {
		is, err := startsAs(path, kind.format)
		switch {
		case err != nil || is && kind.command == command:
			return err
		case is:
			return fmt.Errorf("it holds %s, saved by %s", kind.holds, kind.command)
		}
	}
	return errors.New("it is not a file that CohortLens saves")
}

// readSaved reads what the given command saves.
func readSaved[M any](ctx context.Context, path, what, command string, load func(context.Context, io.Reader) (M, error)) (M, error) {
	var none M
	if err := checkFile(path); err != nil {
		return none, err
	}
	f, err := os.Open(path)
	if err != nil {
		return none, inputErrorf("cannot read %s: %w", path, underlying(err))
	}
	m, err := load(ctx, f)
	switch err = errors.Join(err, f.Close()); {
	case ended(err):
		return none, err
	case err != nil:
		if other := misplaced(path, command); other != nil {
			err = other
		}
		return none, &InputError{Err: fmt.Errorf("cannot use the %s %s: %w", what, path, err), Hint: "A " + what + " is saved by " + command + "."}
	}
	return m, nil
}
