package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
	"github.com/cohortlens/cohortlens/datasource"
)

// childWatches prints each version that it is told to use.
func childWatches(s *store.Store) error {
	return s.WatchModel(context.Background(), "segmentation", time.Millisecond, func(m *store.Model) error {
		_, err := fmt.Println(m.Version, string(m.Body))
		return err
	})
}

// childImports prints how far its import is.
func childImports(s *store.Store, round int) error {
	_, err := s.ImportCustomers(context.Background(), store.Actor{}, importRound(round), store.ImportOptions{
		Progress: func(done, _ int) { fmt.Println(done) },
	})
	return errors.Join(err, s.Close())
}

const importedRows = 20_000

// importRound is a table of customers whom no other round has.
func importRound(round int) *datasource.Table {
	n := importedRows
	ids := make([]string, n)
	for row := range ids {
		ids[row] = fmt.Sprintf("%d-%d", round, row)
	}
	columns := []datasource.Column{datasource.Texts(datasource.CustomerID, ids), datasource.Categories("Region", ids)}
	for _, f := range datasource.CustomerSchema().Fields[1:] {
		columns = append(columns, datasource.Numbers(f.Name, make([]float64, n)))
	}
	table, err := datasource.NewTable(columns...)
	if err != nil {
		panic(err)
	}
	return table
}

// start begins a process and returns what it prints.
func start(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(out)
}

// stop kills a process.
func stop(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
}

// TestAnotherProcessFollows activates and rolls back models, which a process that
// goes on running uses at once.
func TestAnotherProcessFollows(t *testing.T) {
	for name, make := range newURL {
		t.Run(name, func(t *testing.T) {
			url := make(t)
			s := open(t, url, store.Options{AuditKey: storetest.AuditKey})
			cmd := child(t, url, "watch", 0, 0)
			lines := start(t, cmd)
			defer stop(t, cmd)
			for i, step := range []struct {
				do   func() error
				want string
			}{
				{func() error { return saveModel(t, s, "a") }, "1 a"},
				{func() error { return saveModel(t, s, "b") }, "2 b"},
				{func() error { _, err := s.RollBackModel(t.Context(), store.Actor{}, "segmentation"); return err }, "1 a"},
				{func() error { return s.ActivateModel(t.Context(), store.Actor{}, "segmentation", 2) }, "2 b"},
			} {
				if err := step.do(); err != nil {
					t.Fatal(err)
				}
				if !lines.Scan() || lines.Text() != step.want {
					t.Errorf("step %d: the process uses %q, %v; want %q", i, lines.Text(), lines.Err(), step.want)
				}
			}
		})
	}
}

func saveModel(t *testing.T, s *store.Store, body string) error {
	_, err := s.SaveModel(t.Context(), store.Actor{}, store.NewModel{Name: "segmentation", Body: []byte(body), Activate: true})
	return err
}

// TestKilledImports kills processes at each stage of an import: all of it is
// stored, with its entry in the audit log, or nothing.
func TestKilledImports(t *testing.T) {
	for name, make := range newURL {
		t.Run(name, func(t *testing.T) {
			url := make(t)
			s := open(t, url, store.Options{AuditKey: storetest.AuditKey})
			for round := range 5 {
				cmd := child(t, url, "import", round, 0)
				lines := start(t, cmd)
				for range round {
					lines.Scan()
				}
				stop(t, cmd)
			}
			n, err := s.CountCustomers(t.Context())
			if err != nil || n%importedRows != 0 {
				t.Errorf("got %d customers, %v; want whole imports", n, err)
			}
			log, err := s.AuditLog(t.Context(), store.AuditFilter{Action: "IMPORT"})
			if err != nil || int64(len(log)) != n/importedRows {
				t.Errorf("%d imports are in the log, %v; %d customers are stored", len(log), err, n)
			}
			if v, err := s.VerifyAudit(t.Context()); err != nil || !v.Intact {
				t.Errorf("got %+v, %v", v, err)
			}
			if out, err := s.ImportCustomers(t.Context(), store.Actor{}, importRound(5), store.ImportOptions{}); err != nil || out.Inserted != importedRows {
				t.Errorf("another import: got %+v, %v", out, err)
			}
		})
	}
}
