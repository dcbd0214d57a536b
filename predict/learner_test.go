package predict

import (
	"context"
	"slices"
	"testing"
)

// endsAfter is a context that ends when it has been looked at so many times.
type endsAfter struct {
	context.Context
	looks *int
}

func (c endsAfter) Err() error {
	if *c.looks--; *c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// A chunk of rows takes seconds where trees are many.
func TestForestsEndWithinAChunk(t *testing.T) {
	p, table := savablePredictor(t, "forest"), probe(t)
	f, err := p.encoder.apply(table)
	if err != nil {
		t.Fatal(err)
	}
	looks := 2
	s := p.sample(table.Rows())
	p.forest.predict(endsAfter{t.Context(), &looks}, s, f)
	if at := slices.Index(s.predicted, 0); at < 1 || at > 32 {
		t.Errorf("it ended after %d of %d rows", at, table.Rows())
	}
}
