package insights_test

import (
	"context"
	"iter"

	"github.com/cohortlens/cohortlens/datasource"
)

// failing is a source that yields its error, or neither batch nor error.
type failing struct{ err error }

func (f failing) Batches(context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) { yield(nil, f.err) }
}
