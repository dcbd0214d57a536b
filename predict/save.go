package predict

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/internal/modelfile"
)

// MaxModelBytes is the greatest size of a model file. Linear predictors need some
// kilobytes. A forest needs about six bytes for each node of its trees, of which
// there are up to 1.3 for each tree and row trained on.
const MaxModelBytes = 256 << 20

// maxHeadBytes bounds what a file has beside its trees: names, mostly. To read JSON
// may take twenty times the memory of its bytes.
const maxHeadBytes = 16 << 20

const (
	modelFormat  = "cohortlens.predict"
	modelVersion = 1
)

// savedPredictor is the body of a model file of version 1. It has either a linear
// model or trees.
type savedPredictor struct {
	Algorithm  Algorithm       `json:"algorithm"`
	Target     string          `json:"target"`
	Verdict    Level           `json:"verdict"`
	KeepFirst  bool            `json:"keep_first"`
	Numbers    []savedNumber   `json:"numbers"`
	Categories []savedCategory `json:"categories"`
	Linear     *savedLinear    `json:"linear,omitempty"`
	Trees      []byte          `json:"trees,omitempty"` // see tree.Ensemble
	Intervals  *savedWidths    `json:"intervals,omitempty"`
}

// savedNumber is a numerical feature. Range has the least and the greatest value
// that training saw, and is empty when it saw none.
type savedNumber struct {
	Name  string    `json:"name"`
	Range []float64 `json:"range,omitempty"`
	Gaps  bool      `json:"gaps,omitempty"`
}

type savedCategory struct {
	Name   string   `json:"name"`
	Levels []string `json:"levels"`
	Gaps   bool     `json:"gaps,omitempty"`
}

// savedLinear has a value for each encoded column.
type savedLinear struct {
	Mean    float64   `json:"mean"`
	Centres []float64 `json:"centres"`
	Slopes  []float64 `json:"slopes"`
}

type savedWidths struct {
	Method IntervalMethod `json:"method"`
	Level  float64        `json:"level"`
	Margin float64        `json:"margin"`
	Spread float64        `json:"spread"`
	Groups *savedGroups   `json:"groups,omitempty"`
}

// savedGroups has a margin for each level of a column.
type savedGroups struct {
	Column  string    `json:"column"`
	Levels  []string  `json:"levels"`
	Margins []float64 `json:"margins"`
}

// Save writes the predictor as one line of JSON, from which [Load] makes one that
// gives the same predictions to the last bit. It holds no row of the table, but the
// leaves of deep trees tell targets of single customers. Nothing is written when
// the predictor needs more than [MaxModelBytes], or names more than 16 MiB of them,
// when the name of a column or a level is not valid UTF-8, or when ctx ends before.
func (p *Predictor) Save(ctx context.Context, w io.Writer) error {
	s, err := p.saved(ctx)
	if err == nil {
		most := min(MaxModelBytes, maxHeadBytes+base64.StdEncoding.EncodedLen(len(s.Trees)))
		err = modelfile.Write(ctx, w, modelFormat, modelVersion, most, s)
	}
	if err != nil {
		return fmt.Errorf("predict: saving a predictor: %w", err)
	}
	return nil
}

func (p *Predictor) saved(ctx context.Context) (*savedPredictor, error) {
	s := &savedPredictor{
		Algorithm: p.algorithm, Target: p.target, Verdict: p.verdict, KeepFirst: p.encoder.keepFirst,
		Numbers: []savedNumber{}, Categories: []savedCategory{}, Intervals: p.savedWidths(),
	}
	names := []string{p.target, p.groups.name}
	for i, name := range p.encoder.numerical {
		n := p.known.numbers[i]
		saved := savedNumber{Name: name, Gaps: n.gaps}
		if n.low <= n.high {
			saved.Range = []float64{n.low, n.high}
		}
		s.Numbers = append(s.Numbers, saved)
		names = append(names, name)
	}
	for i, c := range p.encoder.categories {
		s.Categories = append(s.Categories, savedCategory{c.name, orEmpty(c.levels), p.known.gaps[i]})
		names = append(append(names, c.name), c.levels...)
	}
	names = append(names, p.groups.levels...)
	if i := slices.IndexFunc(names, func(name string) bool { return !utf8.ValidString(name) }); i >= 0 {
		return nil, fmt.Errorf("the name %q is not valid UTF-8", names[i])
	}
	if p.linear != nil {
		s.Linear = &savedLinear{p.linear.mean, orEmpty(p.linear.centre), orEmpty(p.linear.slope)}
		return s, nil
	}
	var err error
	s.Trees, err = p.forest.ensemble.AppendBinary(ctx, nil)
	return s, err
}

func (p *Predictor) savedWidths() *savedWidths {
	w := p.widths
	if w.method == "" {
		return nil
	}
	s := &savedWidths{Method: w.method, Level: w.level, Margin: w.pooled, Spread: w.spread}
	if p.groups.name != "" {
		s.Groups = &savedGroups{p.groups.name, orEmpty(p.groups.levels), orEmpty(w.own)}
	}
	return s
}

// orEmpty returns a slice that JSON writes as a list even when it has no elements.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
