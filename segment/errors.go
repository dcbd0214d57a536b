package segment

import "errors"

// ErrTooFewRows marks a table that cannot be segmented as asked, for want of
// distinct rows.
var ErrTooFewRows = errors.New("too few rows")

// errNoBatch is what a source has done wrong that yields nothing at all.
var errNoBatch = errors.New("the source yielded neither a batch nor an error")
