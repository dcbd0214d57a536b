package cohortlens_test

import (
	"errors"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// A stream finds what the whole table shows, under the same names.
func TestSegmentStreamFindsTheSegmentsOfTheTable(t *testing.T) {
	cfg := cohortlens.Config{Seed: 42, Invalid: datasource.Keep}
	whole, err := cohortlens.Segment(t.Context(), cohortlens.SampleData(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := cohortlens.SegmentStream(t.Context(), cohortlens.SampleData(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if stream.Rows+stream.Skipped != whole.Quality.Rows || stream.Skipped == 0 {
		t.Errorf("%d and %d rows do not make %d", stream.Rows, stream.Skipped, whole.Quality.Rows)
	}
	if len(stream.Segments) != len(whole.Segmentation.Segments) {
		t.Fatalf("want %d segments, got %d", len(whole.Segmentation.Segments), len(stream.Segments))
	}
	for i, g := range whole.Segmentation.Segments {
		if got := stream.Segments[i].Label; got != g.Label {
			t.Errorf("segment %d: want %q, got %q", i, g.Label, got)
		}
	}
}

func TestSegmentStreamRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		src  datasource.Source
		cfg  cohortlens.Config
		want error
	}{
		"no rows":      {text("a", "ID,Age\n"), cohortlens.Config{}, segment.ErrTooFewRows},
		"no column":    {text("a", "Town,Street\nUlm,A\nBonn,B\n"), cohortlens.Config{}, segment.ErrTooFewRows},
		"a lone text":  {text("a", "Town\nUlm\nBonn\n"), cohortlens.Config{}, datasource.ErrKind},
		"an identity":  {cohortlens.SampleData(), cohortlens.Config{Segment: segment.Config{Features: []string{datasource.CustomerID}}}, datasource.ErrKind},
		"not there":    {cohortlens.SampleData(), cohortlens.Config{Segment: segment.Config{Features: []string{"Agee"}}}, datasource.ErrNoColumn},
		"broken later": {text("a", "ID,Age\n1,20\n2,x,3\n"), cohortlens.Config{}, datasource.ErrCSV},
	} {
		if _, err := cohortlens.SegmentStream(t.Context(), c.src, c.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, got %v", name, c.want, err)
		}
	}
}
