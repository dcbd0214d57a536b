package store

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// Attributes are the values of a customer in columns that the customer table
// does not have, by name: each a float64 or a string. A missing value has no
// entry.
type Attributes map[string]any

const (
	// maxColumn is the length of the name of a column, in characters.
	maxColumn = 512
	// mostColumns is how many columns customers may have, as many as a file.
	mostColumns = 256
)

// check refuses what cannot be stored.
func (a Attributes) check() error {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if err := checkText("the name of an attribute", name, 1, maxColumn); err != nil {
			return err
		}
		switch v := a[name].(type) {
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return invalid("the attribute %s must be a finite number, got %v", name, v)
			}
		case string:
			if err := checkText("the attribute "+name, v, 1, maxText); err != nil {
				return err
			}
		default:
			return invalid("the attribute %s must be a float64 or a string, got %T", name, v)
		}
	}
	return nil
}

// json is the object as it is stored: its names are in order.
func (a Attributes) json() (string, error) {
	if len(a) == 0 {
		return "", nil
	}
	text, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	return string(text), checkText("all attributes together", string(text), 0, maxText)
}

// Scan implements [sql.Scanner]. What somebody else has stored becomes a number
// or a text: true is 1, false 0, and a list or an object its JSON.
func (a *Attributes) Scan(value any) error {
	*a = nil
	var text []byte
	switch v := value.(type) {
	case nil:
		return nil
	case []byte:
		text = v
	case string:
		text = []byte(v)
	default:
		return fault(ErrCorrupt, "the attributes of a customer are stored as %T", value)
	}
	if bytes.Equal(text, []byte("{}")) {
		return nil
	}
	if err := json.Unmarshal(text, (*map[string]any)(a)); err != nil {
		return fault(ErrCorrupt, "the attributes of a customer are no JSON object: %w", err)
	}
	return a.simplify()
}

func (a Attributes) simplify() error {
	for name, value := range a {
		switch v := value.(type) {
		case float64:
		case string:
			if v == "" {
				delete(a, name)
			}
		case nil:
			delete(a, name)
		case bool:
			a[name] = 0.0
			if v {
				a[name] = 1.0
			}
		default:
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			a[name] = string(text)
		}
	}
	return nil
}

// number returns a value of a numeric column, NaN where it is missing.
func (a Attributes) number(name string) (float64, error) {
	switch v := a[name].(type) {
	case nil:
		return math.NaN(), nil
	case float64:
		return v, nil
	default:
		return 0, fault(ErrCorrupt, "%q is stored in the numeric column %s", v, name)
	}
}

// text returns a value of another column.
func (a Attributes) text(name string) string {
	switch v := a[name].(type) {
	case float64:
		return datasource.Numbers(name, []float64{v}).Cell(0)
	case string:
		return v
	}
	return ""
}
