package predict

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/modelfile"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// Load reads a predictor that [Predictor.Save] wrote, up to the end of r. It trusts
// no byte: a file that is damaged, too large or of a newer version gives an error,
// and so does anything that no training can have made. The error names the field.
// Memory is bounded by the length of the file, whatever it says: [MaxModelBytes] at
// most are read, and each byte of trees makes one node of 24 bytes at most. Load
// ends within 100 ms of ctx, as far as r does.
func Load(ctx context.Context, r io.Reader) (*Predictor, error) {
	p, err := load(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("predict: loading a predictor: %w", err)
	}
	return p, nil
}

func load(ctx context.Context, r io.Reader) (*Predictor, error) {
	_, body, err := modelfile.Read(ctx, r, modelFormat, modelVersion, MaxModelBytes)
	if err != nil {
		return nil, err
	}
	rest, trees, err := modelfile.Detach(ctx, body, "trees")
	if err != nil {
		return nil, err
	}
	if len(rest) > maxHeadBytes {
		return nil, fmt.Errorf("all but the trees must have at most %d bytes, got %d", maxHeadBytes, len(rest))
	}
	const shortest = len(`{"name":"x"}`)
	if n := objects(rest); n > len(rest)/shortest {
		return nil, fmt.Errorf("numbers and categories: %d objects in %d bytes cannot have names", n, len(rest))
	}
	var s savedPredictor
	if err := modelfile.Decode(rest, &s); err != nil {
		return nil, err
	}
	s.Trees = trees
	return s.predictor(ctx)
}

// objects counts those of a JSON text before it is read: three bytes of an empty one
// would become fifty.
func objects(text []byte) int {
	n, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case b == '{' && !quoted:
			n++
		}
	}
	return n
}

// predictor validates what was read. JSON itself excludes NaN and infinities.
func (s *savedPredictor) predictor(ctx context.Context) (*Predictor, error) {
	p := &Predictor{algorithm: s.Algorithm, target: s.Target, verdict: s.Verdict}
	if levels := []Level{NoSkill, WeakSkill, UsefulSkill, StrongSkill, Unjudged}; !slices.Contains(levels, s.Verdict) {
		return nil, fmt.Errorf("verdict: must be one of %q, got %q", levels, s.Verdict)
	}
	if err := s.checkNames(); err != nil {
		return nil, err
	}
	var err error
	if p.encoder, p.known, err = s.features(); err != nil {
		return nil, err
	}
	if err := s.model(ctx, p); err != nil {
		return nil, err
	}
	if s.Intervals == nil {
		return p, nil
	}
	p.widths, p.groups, err = s.Intervals.widths(p.forest != nil)
	if err == nil && (p.groups.name == s.Target || slices.Contains(p.encoder.numerical, p.groups.name)) {
		err = fmt.Errorf("intervals.groups.column: must not be the target or a number, got %q", p.groups.name)
	}
	return p, err
}

// checkNames wants every column to have a name of its own.
func (s *savedPredictor) checkNames() error {
	seen := map[string]bool{"": true, s.Target: true}
	if s.Target == "" {
		return errors.New("target: must not be empty")
	}
	for i, n := range s.Numbers {
		if seen[n.Name] {
			return fmt.Errorf("numbers[%d].name: must not be empty, the target or the name of another feature, got %q", i, n.Name)
		}
		seen[n.Name] = true
	}
	for i, c := range s.Categories {
		if seen[c.Name] {
			return fmt.Errorf("categories[%d].name: must not be empty, the target or the name of another feature, got %q", i, c.Name)
		}
		seen[c.Name] = true
	}
	if len(s.Numbers)+len(s.Categories) == 0 {
		return errors.New("numbers and categories: there must be one at least, got none")
	}
	return nil
}

func (s *savedPredictor) features() (*encoder, known, error) {
	e, k := &encoder{keepFirst: s.KeepFirst}, known{}
	for i, n := range s.Numbers {
		of := knownNumber{math.Inf(1), math.Inf(-1), n.Gaps}
		switch {
		case len(n.Range) == 2 && n.Range[0] <= n.Range[1]:
			of.low, of.high = n.Range[0], n.Range[1]
		case len(n.Range) > 0:
			return nil, known{}, fmt.Errorf("numbers[%d].range: must be a least and a greatest value, got %v", i, n.Range)
		}
		e.numerical, k.numbers = append(e.numerical, n.Name), append(k.numbers, of)
	}
	for i, c := range s.Categories {
		if err := checkLevels(c.Levels); err != nil {
			return nil, known{}, fmt.Errorf("categories[%d].%w", i, err)
		}
		e.categories, k.gaps = append(e.categories, category{c.Name, c.Levels}), append(k.gaps, c.Gaps)
	}
	if w := e.width(); w > MaxColumns {
		return nil, known{}, fmt.Errorf("numbers and categories: they make %d encoded columns, at most %d can be used", w, MaxColumns)
	}
	return e, k, nil
}

// checkLevels wants the order in which levels are looked up.
func checkLevels(levels []string) error {
	for i, level := range levels {
		if level == "" || i > 0 && level <= levels[i-1] {
			return fmt.Errorf("levels[%d]: levels must be in ascending order and not empty, got %q", i, level)
		}
	}
	return nil
}

// model gives p the model that belongs to its algorithm.
func (s *savedPredictor) model(ctx context.Context, p *Predictor) (err error) {
	switch {
	case !slices.Contains(algorithms, s.Algorithm) || s.Algorithm == Auto:
		return fmt.Errorf("algorithm: must be one of %q, got %q", []Algorithm{LinearRegression, Ridge, RandomForest, Mean}, s.Algorithm)
	case (s.Linear == nil) != (s.Algorithm == RandomForest):
		return fmt.Errorf("linear: must be there for any algorithm but %q, got algorithm %q", RandomForest, s.Algorithm)
	case (len(s.Trees) > 0) != (s.Algorithm == RandomForest):
		return fmt.Errorf("trees: must be there for algorithm %q only, got algorithm %q", RandomForest, s.Algorithm)
	}
	if s.Linear != nil {
		p.linear, err = s.Linear.linear(p.encoder)
		return err
	}
	trees, err := tree.Decode(ctx, s.Trees)
	if err != nil {
		return fmt.Errorf("trees: %w", err)
	}
	if w := p.encoder.width(); trees.Features != w {
		return fmt.Errorf("trees: features: must be %d, the number of encoded columns, got %d", w, trees.Features)
	}
	level := 0.0
	if s.Intervals != nil {
		level = s.Intervals.Level
	}
	p.forest = newForest(p.encoder, trees, level)
	return nil
}

func (s *savedLinear) linear(e *encoder) (*linear, error) {
	for name, values := range map[string][]float64{"centres": s.Centres, "slopes": s.Slopes} {
		if len(values) != e.width() {
			return nil, fmt.Errorf("linear.%s: must have %d values, one for each encoded column, got %d", name, e.width(), len(values))
		}
	}
	return newLinear(e, s.Mean, s.Slopes, s.Centres), nil
}

func (s *savedWidths) widths(forest bool) (widths, category, error) {
	w := widths{method: s.Method, level: s.Level, pooled: s.Margin, spread: s.Spread}
	switch {
	case !(s.Level > 0 && s.Level < 1):
		return w, category{}, fmt.Errorf("intervals.level: must be more than 0 and less than 1, got %v", s.Level)
	case s.Spread < 0:
		return w, category{}, fmt.Errorf("intervals.spread: must be 0 or more, got %v", s.Spread)
	case s.Method != ConstantWidth && (s.Method != QuantileWidth || !forest):
		return w, category{}, fmt.Errorf("intervals.method: must be %q, or %q for a forest, got %q", ConstantWidth, QuantileWidth, s.Method)
	case s.Method == ConstantWidth && s.Margin < 0:
		return w, category{}, fmt.Errorf("intervals.margin: must be 0 or more, got %v", s.Margin)
	case s.Groups == nil:
		return w, category{}, nil
	}
	g := s.Groups
	w.own = g.Margins
	switch {
	case g.Column == "":
		return w, category{}, errors.New("intervals.groups.column: must not be empty")
	case len(g.Margins) != len(g.Levels):
		return w, category{}, fmt.Errorf("intervals.groups.margins: must be %d, one for each level, got %d", len(g.Levels), len(g.Margins))
	case s.Method == ConstantWidth && len(g.Margins) > 0 && slices.Min(g.Margins) < 0:
		return w, category{}, fmt.Errorf("intervals.groups.margins: must be 0 or more, got %v", slices.Min(g.Margins))
	}
	if err := checkLevels(g.Levels); err != nil {
		return w, category{}, fmt.Errorf("intervals.groups.%w", err)
	}
	return w, category{g.Column, g.Levels}, nil
}
