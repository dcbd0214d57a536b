package explain

import (
	"errors"
	"fmt"
)

var (
	// ErrAdditivity marks contributions that do not add up to the prediction:
	// the model's Evaluate is not what its Linear or Trees say. See
	// [AdditivityError].
	ErrAdditivity = errors.New("contributions do not add up to the prediction")
	// ErrBackground marks a background sample that is missing, or of a wrong
	// length.
	ErrBackground = errors.New("unfit background sample")
	// ErrMethod marks a method that does not exist, or not for this model.
	ErrMethod = errors.New("no such method for this model")
	// ErrModel marks a model that contradicts itself or its columns.
	ErrModel = errors.New("unfit model")
	// ErrRange marks parameters out of range, infinite values, and predictions
	// that are not finite.
	ErrRange = errors.New("number out of range")
	// ErrShape marks rows that do not have the length of the model's columns.
	ErrShape = errors.New("rows of a wrong length")
)

// AdditivityError says of which row the contributions do not add up. It is an
// [ErrAdditivity].
type AdditivityError struct {
	// Row counts from 0.
	Row int
	// Prediction is the model's, Sum is base + contributions.
	Prediction, Sum float64
}

func (e *AdditivityError) Error() string {
	return fmt.Sprintf("explain: row %d: base and contributions sum to %v, the prediction is %v, a difference of %v: %v",
		e.Row, e.Sum, e.Prediction, e.Difference(), ErrAdditivity)
}

// Difference returns Sum - Prediction.
func (e *AdditivityError) Difference() float64 { return e.Sum - e.Prediction }

func (e *AdditivityError) Unwrap() error { return ErrAdditivity }
