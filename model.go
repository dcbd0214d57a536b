package cohortlens

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/internal/modelfile"
	"github.com/cohortlens/cohortlens/predict"
)

// Model is a trained predictor with what its use on further customers takes.
type Model struct {
	Predictor *predict.Predictor
	// Profile is that of the target and the features, with the customers who lack
	// some of them, for [CheckDrift]; nil if the analysis had none.
	Profile *insights.Profile
	// IDColumn names the column that identifies customers, "" for none.
	IDColumn string
	// Kinds has the kinds of the columns that customers must have, the
	// IDColumn included.
	Kinds map[string]datasource.Kind
	// CustomerRules says that the rules of [datasource.CustomerSchema] held for
	// the customers trained on.
	CustomerRules bool
}

// NewModel returns the model of an analysis, whose prediction must be there. It must
// not need the segments of the analysis, as that of [Run] may.
func NewModel(a *Analysis) (*Model, error) {
	if a.Prediction == nil {
		return nil, errors.New("a model needs a prediction, and the analysis has none")
	}
	m := &Model{
		Predictor: a.Prediction.Predictor, Profile: a.Profile, IDColumn: a.IDColumn, Kinds: map[string]datasource.Kind{},
		CustomerRules: datasource.CustomerSchema().Fits(a.Table.Names()),
	}
	for _, name := range append(m.Predictor.Features(), nonEmpty(m.IDColumn)...) {
		c, err := a.Table.Column(name)
		if err != nil {
			return nil, fmt.Errorf("the predictor cannot be used on further customers: %w", err)
		}
		m.Kinds[name] = c.Kind()
	}
	return m, nil
}

// Customers loads customers to predict for. They need the columns that the
// predictor uses, and the ID. Rows that break a rule are set aside, counted and
// listed as the policy says; values may be missing. No rows at all are an error.
func (m *Model) Customers(ctx context.Context, src datasource.Source, p datasource.Policy) (*datasource.Table, datasource.Quality, error) {
	t, err := datasource.Load(ctx, src)
	if err != nil {
		return nil, datasource.Quality{}, err
	}
	if t, err = withTextID(t, m.IDColumn); err != nil {
		return nil, datasource.Quality{}, err
	}
	return datasource.Screen(ctx, t, m.schema(), p)
}

// schema has the rules for customers to predict for.
func (m *Model) schema() datasource.Schema {
	var schema datasource.Schema
	if m.CustomerRules {
		schema = datasource.CustomerSchema().Only(m.Predictor.Features()...)
	}
	if m.IDColumn != "" {
		schema.ID = m.IDColumn
		schema.Fields = append([]datasource.Field{datasource.IDField(m.IDColumn)}, schema.Fields...)
	}
	return schema
}

// A model file starts with a line that says what follows: the predictor and then
// the profile, each a file of its own format.
const (
	modelFormat  = "cohortlens.model"
	modelVersion = 1
	maxHead      = 1 << 20
)

// savedModel is the body of the first line of a model file.
type savedModel struct {
	IDColumn       string            `json:"id_column"`
	Kinds          map[string]string `json:"kinds"`
	CustomerRules  bool              `json:"customer_rules"`
	PredictorBytes int64             `json:"predictor_bytes"`
	// ProfileBytes is 0 without a profile.
	ProfileBytes int64 `json:"profile_bytes"`
}

// Save writes the model for [LoadModel]. It holds both parts in memory.
func (m *Model) Save(ctx context.Context, w io.Writer) error {
	var predictor, profile bytes.Buffer
	if err := m.Predictor.Save(ctx, &predictor); err != nil {
		return err
	}
	if m.Profile != nil {
		if err := m.Profile.Save(ctx, &profile); err != nil {
			return err
		}
	}
	head := savedModel{m.IDColumn, map[string]string{}, m.CustomerRules, int64(predictor.Len()), int64(profile.Len())}
	for name, kind := range m.Kinds {
		head.Kinds[name] = kind.String()
	}
	if err := modelfile.Write(ctx, w, modelFormat, modelVersion, maxHead, head); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	for _, part := range []*bytes.Buffer{&predictor, &profile} {
		if _, err := part.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// LoadModel reads what [Model.Save] wrote. Every part is checked: a damaged file
// is an error that names the part and the field, and takes no more memory than a
// sound one of its length. It ends within 100 ms of ctx, as far as r does.
func LoadModel(ctx context.Context, r io.Reader) (*Model, error) {
	in := bufio.NewReader(r)
	head, err := loadHead(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := &Model{IDColumn: head.IDColumn, CustomerRules: head.CustomerRules}
	if m.Predictor, err = predict.Load(ctx, io.LimitReader(in, head.PredictorBytes)); err != nil {
		return nil, err
	}
	if head.ProfileBytes > 0 {
		if m.Profile, err = insights.LoadProfile(ctx, io.LimitReader(in, head.ProfileBytes)); err != nil {
			return nil, err
		}
	}
	if n, err := in.Read(make([]byte, 1)); n > 0 || !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("model: want nothing after the profile: %w", cmp.Or(err, modelfile.ErrDamaged))
	}
	if err := m.setKinds(head.Kinds); err != nil {
		return nil, fmt.Errorf("model: kinds: %w", err)
	}
	return m, nil
}

func loadHead(ctx context.Context, in *bufio.Reader) (savedModel, error) {
	var head savedModel
	line, err := readLine(in, maxHead)
	if err != nil {
		return head, err
	}
	_, body, err := modelfile.Read(ctx, bytes.NewReader(line), modelFormat, modelVersion, maxHead)
	if err != nil {
		return head, err
	}
	return head, modelfile.Decode(body, &head)
}

// readLine returns what comes up to the first line feed, at most limit bytes.
func readLine(in *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for len(line) < limit {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return line, err
		}
	}
	return line, nil
}

// setKinds reads the kinds of the columns, and refuses what does not fit the
// predictor.
func (m *Model) setKinds(saved map[string]string) error {
	m.Kinds = map[string]datasource.Kind{}
	for _, name := range append(m.Predictor.Features(), nonEmpty(m.IDColumn)...) {
		for _, kind := range []datasource.Kind{datasource.Numeric, datasource.Categorical, datasource.Text} {
			if saved[name] == kind.String() {
				m.Kinds[name] = kind
			}
		}
		if _, ok := m.Kinds[name]; !ok {
			return fmt.Errorf("%q is %q: %w", name, saved[name], modelfile.ErrDamaged)
		}
	}
	if len(saved) > len(m.Kinds) {
		return fmt.Errorf("%d columns, the predictor uses %d: %w", len(saved), len(m.Kinds), modelfile.ErrDamaged)
	}
	return nil
}
