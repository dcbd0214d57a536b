package service

import (
	"context"
	"errors"
	"fmt"
)

// InputError marks what is wrong with the data, a parameter or a path, and not
// with the program.
type InputError struct {
	Err error
	// Hint says in a sentence what to do, "" when Err says all.
	Hint string
}

func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap gives the error underneath.
func (e *InputError) Unwrap() error { return e.Err }

func inputErrorf(format string, args ...any) error {
	return &InputError{Err: fmt.Errorf(format, args...)}
}

// asInput marks an error of the library as the user's to mend: the library
// fails on data and parameters only. The end of a context stays what it is.
func asInput(err error) error {
	if err == nil || ended(err) {
		return err
	}
	return &InputError{Err: err}
}

// ended reports whether an error is the end of a context.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
